package storetest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

// newUser returns a learner with all fields set.
func newUser(email string) account.User {
	return account.User{
		ID: newID(), Email: email, EmailVerified: true, Name: "Ann " + email, AvatarURL: ptr("https://example.com/a.png"),
		Provider: account.Google, ProviderID: ptr("g-1"), PasswordHash: "$argon2id$x", Role: account.Learner,
		CreatedAt: noon, UpdatedAt: noon.Add(time.Second),
	}
}

// addUser stores a learner.
func addUser(t *testing.T, db *sqlstore.DB, email string) account.User {
	t.Helper()
	u := newUser(email)
	must(t, db.Accounts().InsertUser(t.Context(), u))
	return u
}

func testUsers(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Accounts()
	ann := addUser(t, db, "ann@example.com")
	bare := account.User{
		ID: newID(), Email: "bare@example.com", Name: "B", Provider: account.Email, Role: account.Admin,
		CreatedAt: noon, UpdatedAt: noon,
	}
	must(t, store.InsertUser(ctx, bare))

	for _, want := range []account.User{ann, bare} {
		equal(t, "User", must1[account.User](t)(store.User(ctx, want.ID)), want)
		equal(t, "UserByEmail", must1[account.User](t)(store.UserByEmail(ctx, want.Email)), want)
		equal(t, "LockUser", must1[account.User](t)(store.LockUser(ctx, want.ID)), want)
	}

	t.Run("an unknown user is not found", func(t *testing.T) {
		stranger := newUser("nobody@example.com")
		for name, err := range map[string]error{
			"User":        second(store.User(ctx, stranger.ID)),
			"LockUser":    second(store.LockUser(ctx, stranger.ID)),
			"UserByEmail": second(store.UserByEmail(ctx, stranger.Email)),
			"UpdateUser":  store.UpdateUser(ctx, stranger),
			"DeleteUser":  store.DeleteUser(ctx, stranger.ID),
		} {
			t.Run(name, func(t *testing.T) { refused(t, err, fault.KindNotFound, "") })
		}
	})

	t.Run("an address is taken once, and the transaction goes on", func(t *testing.T) {
		again := newUser(ann.Email)
		other := newUser("other@example.com")
		must(t, store.InTx(ctx, func(tx account.Store) error {
			refused(t, tx.InsertUser(ctx, again), fault.KindConflict, "email_taken")
			return tx.InsertUser(ctx, other)
		}))
		equal(t, "the user after the conflict", must1[account.User](t)(store.User(ctx, other.ID)), other)
		refused(t, second(store.User(ctx, again.ID)), fault.KindNotFound, "")
	})

	t.Run("an id is taken once", func(t *testing.T) {
		again := newUser("again@example.com")
		again.ID = ann.ID
		refused(t, store.InsertUser(ctx, again), fault.KindConflict, "")
	})

	t.Run("an update overwrites what may change and nothing else", func(t *testing.T) {
		changed := ann
		changed.Name, changed.AvatarURL, changed.EmailVerified = "Änn", nil, false
		changed.PasswordHash, changed.Role, changed.UpdatedAt = "", account.Admin, noon.Add(time.Hour)
		must(t, store.UpdateUser(ctx, changed))
		equal(t, "the changed user", must1[account.User](t)(store.User(ctx, ann.ID)), changed)
		equal(t, "the other user", must1[account.User](t)(store.User(ctx, bare.ID)), bare)
	})
}

// second returns the error of a call that also returns a value.
func second[T any](_ T, err error) error { return err }

func testUserList(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Accounts()
	ids := orderedIDs(6)
	var users []account.User
	for i, u := range []account.User{
		{Email: "zoe@example.com", Name: "Zoe 100%", Role: account.Learner},
		{Email: "under_score@example.com", Name: "Yan", Role: account.Admin},
		{Email: "eva@example.com", Name: "ÉVA O'Neil", Role: account.Learner},
		{Email: "bang@example.com", Name: `back\slash!`, Role: account.Learner},
		{Email: "tie1@example.com", Name: "Tie", Role: account.Learner},
		{Email: "tie2@example.com", Name: "Tie", Role: account.Learner},
	} {
		u.ID, u.Provider = ids[i], account.Email
		if i == 4 {
			u.Provider = account.Google
		}
		u.CreatedAt, u.UpdatedAt = noon.Add(time.Duration(min(i, 4))*time.Microsecond), noon
		must(t, store.InsertUser(ctx, u))
		users = append(users, u)
	}
	zoe, yan, eva, bang, tie1, tie2 := users[0].ID, users[1].ID, users[2].ID, users[3].ID, users[4].ID, users[5].ID

	for name, test := range map[string]struct {
		filter      account.UserFilter
		page, limit int
		want        []uuid.UUID
		total       int
	}{
		"newest first, ties by id":               {account.UserFilter{}, 1, 10, []uuid.UUID{tie2, tie1, bang, eva, yan, zoe}, 6},
		"a page in the middle":                   {account.UserFilter{}, 2, 2, []uuid.UUID{bang, eva}, 6},
		"a page past the end is empty":           {account.UserFilter{}, 5, 2, nil, 6},
		"a page far past the end is empty":       {account.UserFilter{}, 1 << 62, 200, nil, 6},
		"by role":                                {account.UserFilter{Role: account.Admin}, 1, 10, []uuid.UUID{yan}, 1},
		"by provider":                            {account.UserFilter{Provider: account.Google}, 1, 10, []uuid.UUID{tie1}, 1},
		"by the whole address":                   {account.UserFilter{Email: "under_score@example.com"}, 1, 10, []uuid.UUID{yan}, 1},
		"a part is not the whole address":        {account.UserFilter{Email: "score@example.com"}, 1, 10, nil, 0},
		"address and role together":              {account.UserFilter{Email: "under_score@example.com", Role: account.Learner}, 1, 10, nil, 0},
		"a part of the address":                  {account.UserFilter{Search: "e@ex"}, 1, 10, []uuid.UUID{yan, zoe}, 2},
		"a part of the name":                     {account.UserFilter{Search: "ie"}, 1, 10, []uuid.UUID{tie2, tie1}, 2},
		"ASCII letters ignore case":              {account.UserFilter{Search: "ZOE"}, 1, 10, []uuid.UUID{zoe}, 1},
		"other letters do not":                   {account.UserFilter{Search: "éva"}, 1, 10, nil, 0},
		"other letters match themselves":         {account.UserFilter{Search: "Éva o'n"}, 1, 10, []uuid.UUID{eva}, 1},
		"a percent sign is itself":               {account.UserFilter{Search: "0%"}, 1, 10, []uuid.UUID{zoe}, 1},
		"an underscore is itself":                {account.UserFilter{Search: "r_s"}, 1, 10, []uuid.UUID{yan}, 1},
		"an underscore stands for nothing else":  {account.UserFilter{Search: "z_e"}, 1, 10, nil, 0},
		"the escape character is itself":         {account.UserFilter{Search: "sh!"}, 1, 10, []uuid.UUID{bang}, 1},
		"a backslash is itself":                  {account.UserFilter{Search: `k\s`}, 1, 10, []uuid.UUID{bang}, 1},
		"role and search together":               {account.UserFilter{Role: account.Learner, Search: "y"}, 1, 10, nil, 0},
		"a search longer than any name is empty": {account.UserFilter{Search: strings.Repeat("e", 60_000)}, 1, 10, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			found, total, err := store.Users(ctx, test.filter, page(test.page, test.limit))
			must(t, err)
			var got []uuid.UUID
			for _, u := range found {
				got = append(got, u.ID)
			}
			equal(t, "the page", got, test.want)
			equal(t, "the total", total, test.total)
		})
	}
}

func testUserRaces(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Accounts()
	errs := atOnce(racers, func(int) error { return store.InsertUser(ctx, newUser("race@example.com")) })
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		refused(t, err, fault.KindConflict, "email_taken")
	}
	equal(t, "winners", won, 1)
}

// testLocks lets many add one to a number that they read first: without the lock, additions would be lost.
func testLocks(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Accounts()
	u := addUser(t, db, "lock@example.com")
	u.Name = ""
	must(t, store.UpdateUser(ctx, u))
	for _, err := range atOnce(racers, func(int) error {
		return store.InTx(ctx, func(tx account.Store) error {
			locked, err := tx.LockUser(ctx, u.ID)
			if err != nil {
				return err
			}
			locked.Name += "x"
			return tx.UpdateUser(ctx, locked)
		})
	}) {
		must(t, err)
	}
	equal(t, "additions", len(must1[account.User](t)(store.User(ctx, u.ID)).Name), racers)
}

func testRefreshTokens(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Accounts()
	ann, bob := addUser(t, db, "ann@example.com"), addUser(t, db, "bob@example.com")
	token := func(u account.User, hash string, expires time.Time) account.RefreshToken {
		return account.RefreshToken{Hash: []byte(hash), UserID: u.ID, IssuedAt: noon, ExpiresAt: expires}
	}
	// Bytes that are no text, and a backslash, which PostgreSQL's text form of bytes gives a meaning.
	a1 := token(ann, "\x00\xff\\x41", noon.Add(time.Hour))
	a2 := token(ann, "two", noon)
	b1 := token(bob, "three", noon.Add(-time.Microsecond))
	for _, tok := range []account.RefreshToken{a1, a2, b1} {
		must(t, store.InsertRefreshToken(ctx, tok))
	}
	equal(t, "RefreshToken", must1[account.RefreshToken](t)(store.RefreshToken(ctx, a1.Hash)), a1)

	t.Run("an unknown token is not found, and deleting it is no error", func(t *testing.T) {
		refused(t, second(store.RefreshToken(ctx, []byte("none"))), fault.KindNotFound, "")
		must(t, store.DeleteRefreshToken(ctx, []byte("none")))
	})
	t.Run("a token of nobody is unauthorized", func(t *testing.T) {
		gone := token(account.User{ID: newID()}, "gone", noon)
		refused(t, store.InsertRefreshToken(ctx, gone), fault.KindUnauthorized, "account_gone")
	})
	t.Run("a hash is taken once", func(t *testing.T) {
		refused(t, store.InsertRefreshToken(ctx, a1), fault.KindConflict, "")
	})
	t.Run("expired is what ended before, not at, the time", func(t *testing.T) {
		equal(t, "expired", must1[int](t)(store.DeleteExpiredRefreshTokens(ctx, noon)), 1)
		refused(t, second(store.RefreshToken(ctx, b1.Hash)), fault.KindNotFound, "")
		must1[account.RefreshToken](t)(store.RefreshToken(ctx, a2.Hash))
	})
	t.Run("one token is deleted", func(t *testing.T) {
		must(t, store.DeleteRefreshToken(ctx, a2.Hash))
		refused(t, second(store.RefreshToken(ctx, a2.Hash)), fault.KindNotFound, "")
	})
	t.Run("all tokens of one user are deleted and counted", func(t *testing.T) {
		must(t, store.InsertRefreshToken(ctx, a2))
		must(t, store.InsertRefreshToken(ctx, b1))
		equal(t, "deleted", must1[int](t)(store.DeleteRefreshTokens(ctx, ann.ID)), 2)
		equal(t, "deleted again", must1[int](t)(store.DeleteRefreshTokens(ctx, ann.ID)), 0)
		must1[account.RefreshToken](t)(store.RefreshToken(ctx, b1.Hash))
	})
}
