package storetest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

// strange are texts that mean something to SQL, to JSON, to array literals or to drivers.
var strange = []string{
	`'; DROP TABLE users; --`, `"quoted" 'twice''d'`, `back\slash \x41 \' \u0041`, "?, $1 :name @p {a,b} [1] (x)",
	"<script>alert(1)</script> &amp;", "line\nbreak\r\n\ttab", "日本語 العربية 🎧👩‍🏫 e\u0301", "NULL", "{}", "%_%", " lead and trail ",
}

func testStrangeTexts(t *testing.T, db *sqlstore.DB) {
	ctx := t.Context()
	for i, text := range strange {
		t.Run(text, func(t *testing.T) {
			u := newUser(fmt.Sprintf("%d-%s", i, text))
			u.Name, u.AvatarURL, u.ProviderID, u.PasswordHash = text, &text, &text, text
			must(t, db.Accounts().InsertUser(ctx, u))
			equal(t, "the user", must1[account.User](t)(db.Accounts().UserByEmail(ctx, u.Email)), u)
			found, total, err := db.Accounts().Users(ctx, account.UserFilter{Search: text}, page(1, 10))
			must(t, err)
			equal(t, "the user searched", found, []account.User{u})
			equal(t, "the total", total, 1)

			tag := addTag(t, db, text, text)
			equal(t, "the tag", must1[catalog.Tag](t)(db.Catalog().Tag(ctx, tag.ID)), tag)
			ensured := must1[map[string]catalog.Tag](t)(db.Catalog().EnsureTags(ctx, []catalog.Tag{newTag(text, "")}))
			equal(t, "the tag ensured", ensured, map[string]catalog.Tag{catalog.FoldName(text): tag})

			speech := newSpeech(text, tag)
			speech.Audio = text
			addSpeeches(t, db, speech)
			equal(t, "the speech", must1[catalog.Speech](t)(db.Catalog().Speech(ctx, speech.ID)), speech)
			equal(t, "its key", must1[map[string]bool](t)(db.Importing().ReferencedKeys(ctx, []string{text})), map[string]bool{text: true})

			session := newSession(u, speech)
			session.Results[0].RecognizedText = &text
			claim := newClaim(u, text)
			must1[practice.Outcome](t)(db.Practice().InsertSessions(ctx, []practice.Session{session}, claim))
			equal(t, "the session", must1[practice.Session](t)(db.Practice().Session(ctx, session.ID)), session)
			again := must1[practice.Outcome](t)(db.Practice().InsertSessions(ctx, []practice.Session{newSession(u, speech)}, claim))
			equal(t, "its key", again.Earlier.SessionIDs, []uuid.UUID{session.ID})

			upload := newUploadSession()
			upload.Author = text
			must(t, db.Importing().InsertUploadSession(ctx, upload))
			equal(t, "the upload", must1[importing.UploadSession](t)(db.Importing().UploadSession(ctx, upload.ID)), upload)
		})
	}
}

// testOutOfRange: what one database cannot hold the other one refuses too, as the same kind of fault.
func testOutOfRange(t *testing.T, db *sqlstore.DB) {
	ctx := t.Context()
	ann := addUser(t, db, "ann@example.com")
	one := newSpeech("one")
	addSpeeches(t, db, one)
	user := func(change func(*account.User)) func() error {
		return func() error {
			u := newUser("new@example.com")
			change(&u)
			return db.Accounts().InsertUser(ctx, u)
		}
	}
	session := func(change func(*practice.Session)) func() error {
		return func() error {
			s := newSession(ann, one)
			change(&s)
			return second(db.Practice().InsertSessions(ctx, []practice.Session{s}, nil))
		}
	}
	for name, insert := range map[string]func() error{
		"NUL in a text":        user(func(u *account.User) { u.Name = "a\x00b" }),
		"NUL in an option":     user(func(u *account.User) { u.AvatarURL = ptr("\x00") }),
		"no UTF-8":             user(func(u *account.User) { u.Name = "a\xff" }),
		"a name too long":      user(func(u *account.User) { u.Name = strings.Repeat("é", 256) }),
		"an unknown role":      user(func(u *account.User) { u.Role = "king" }),
		"an unknown provider":  user(func(u *account.User) { u.Provider = "myspace" }),
		"NUL in a result":      session(func(s *practice.Session) { s.Results[0].RecognizedText = ptr("\x00") }),
		"no UTF-8 in a result": session(func(s *practice.Session) { s.Results[0].RecognizedText = ptr("\xff") }),
		"an unknown response":  session(func(s *practice.Session) { s.Results[0].UserResponse = "dunno" }),
		"a time too large":     session(func(s *practice.Session) { s.Results[0].ResponseTimeMS = math.MaxInt32 + 1 }),
		"a duration too large": session(func(s *practice.Session) { s.DurationSeconds = math.MaxInt64 }),
		"an unknown level":     session(func(s *practice.Session) { s.Level = "Z9" }),
		"NUL in a question":    func() error { return second(db.Accounts().UserByEmail(ctx, "a\x00")) },
		"a tag's name too long": func() error {
			return db.Catalog().InsertTag(ctx, newTag(strings.Repeat("x", 101), ""))
		},
	} {
		t.Run(name, func(t *testing.T) { refused(t, insert(), fault.KindInvalid, "") })
	}
	t.Run("the longest name and the largest number fit", func(t *testing.T) {
		must(t, user(func(u *account.User) { u.Name = strings.Repeat("é", 255) })())
		must(t, session(func(s *practice.Session) { s.Results[0].ResponseTimeMS = math.MaxInt32 })())
	})
}

// huge is more than one statement's parameters would hold one by one.
const huge = 5000

func testHugeLists(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Catalog()
	wanted := make([]catalog.Tag, 600)
	for i := range wanted {
		wanted[i] = newTag(fmt.Sprintf("tag %04d", i), "")
	}
	equal(t, "tags", len(must1[map[string]catalog.Tag](t)(store.EnsureTags(ctx, wanted))), 600)

	speeches := make([]catalog.Speech, huge)
	ids, keys, digests, texts := make([]uuid.UUID, huge), make([]string, huge), make([]string, huge), make([]string, huge)
	for i := range speeches {
		speeches[i] = newSpeech(fmt.Sprint("sentence ", i), wanted[i%600], wanted[(i+1)%600])
		if i == 0 { // so that no power of two divides what stands before a speech
			speeches[i].Tags = speeches[i].Tags[:1]
		}
		speeches[i].AudioSHA256 = fmt.Sprintf("%064x", i)
		ids[i], keys[i], digests[i], texts[i] = speeches[i].ID, speeches[i].Audio, speeches[i].AudioSHA256, speeches[i].Text
	}
	addSpeeches(t, db, speeches...)
	equal(t, "SpeechesByID", len(must1[[]catalog.Speech](t)(store.SpeechesByID(ctx, ids))), huge)
	equal(t, "SpeechesEver", len(must1[[]catalog.Speech](t)(store.SpeechesEver(ctx, ids))), huge)
	equal(t, "LiveSpeechesLike", len(must1[[]catalog.Speech](t)(db.Importing().LiveSpeechesLike(ctx, digests, texts))), huge)
	equal(t, "ReferencedKeys", len(must1[map[string]bool](t)(db.Importing().ReferencedKeys(ctx, keys))), huge)
	told := read(t, store)
	equal(t, "the snapshot", len(told.speeches), huge)
	for i, speech := range speeches {
		want := tagIDs(speech.Tags)
		if i%600 == 599 { // ids are made in order
			slices.Reverse(want)
		}
		if got := told.speeches[ids[i]]; got.text != speech.Text || got.audio != speech.Audio || !slices.Equal(got.tags, want) {
			t.Fatalf("speech %d of the snapshot is %+v, want %+v", i, got, speech)
		}
	}

	items := make([]importing.Item, huge)
	for i := range items {
		items[i] = importing.Item{Row: i + 1, SpeechID: ids[i], Key: keys[i], Outcome: importing.Planned}
	}
	b := newBatch()
	must(t, db.Importing().InsertBatch(ctx, b, items))
	for i := range items {
		items[i].Outcome = importing.Created
	}
	must(t, db.Importing().SetOutcomes(ctx, b.ID, items))
	equal(t, "the items", must1[[]importing.Item](t)(db.Importing().BatchItems(ctx, b.ID)), items)

	t.Run("an insert in several statements is still all or nothing", func(t *testing.T) {
		more := make([]catalog.Speech, huge)
		for i := range more {
			more[i] = newSpeech("more")
		}
		more[huge-1].ID = ids[0]
		refused(t, store.InsertSpeeches(ctx, more), fault.KindConflict, "")
		equal(t, "speeches", len(read(t, store).speeches), huge)
	})
	t.Run("a result for each of many speeches", func(t *testing.T) {
		ann := addUser(t, db, "ann@example.com")
		session := newSession(ann, speeches...)
		save(t, db, session)
		equal(t, "results", len(must1[practice.Session](t)(db.Practice().Session(ctx, session.ID)).Results), huge)
	})
}

// tagIDs returns the ids.
func tagIDs(tags []catalog.TagRef) []uuid.UUID {
	var ids []uuid.UUID
	for _, tag := range tags {
		ids = append(ids, tag.ID)
	}
	return ids
}

// third returns the error of a call that also returns a page and a total.
func third[T any](_ T, _ int, err error) error { return err }

// testClosed asks everything of a database that is gone: each call says that it is unavailable, and none hangs.
func testClosed(t *testing.T, db *sqlstore.DB) {
	ctx := t.Context()
	accounts, content, played, imports := db.Accounts(), db.Catalog(), db.Practice(), db.Importing()
	u, tag, speech, batch := newUser("a@b.c"), newTag("x", ""), newSpeech("x"), newBatch()
	must(t, db.Close())
	for name, err := range map[string]error{
		"Ping":        db.Ping(ctx),
		"Status":      second(db.Status(ctx)),
		"CheckSchema": db.CheckSchema(ctx),
		"Migrate":     second(db.Migrate(ctx)),

		"accounts.InTx":                       accounts.InTx(ctx, func(account.Store) error { return nil }),
		"accounts.User":                       second(accounts.User(ctx, u.ID)),
		"accounts.UserByEmail":                second(accounts.UserByEmail(ctx, u.Email)),
		"accounts.LockUser":                   second(accounts.LockUser(ctx, u.ID)),
		"accounts.Users":                      third(accounts.Users(ctx, account.UserFilter{}, page(1, 1))),
		"accounts.InsertUser":                 accounts.InsertUser(ctx, u),
		"accounts.UpdateUser":                 accounts.UpdateUser(ctx, u),
		"accounts.DeleteUser":                 accounts.DeleteUser(ctx, u.ID),
		"accounts.InsertRefreshToken":         accounts.InsertRefreshToken(ctx, account.RefreshToken{Hash: []byte("x"), IssuedAt: noon, ExpiresAt: noon}),
		"accounts.RefreshToken":               second(accounts.RefreshToken(ctx, []byte("x"))),
		"accounts.DeleteRefreshToken":         accounts.DeleteRefreshToken(ctx, []byte("x")),
		"accounts.DeleteRefreshTokens":        second(accounts.DeleteRefreshTokens(ctx, u.ID)),
		"accounts.DeleteExpiredRefreshTokens": second(accounts.DeleteExpiredRefreshTokens(ctx, noon)),

		"catalog.InTx":           content.InTx(ctx, func(catalog.Store) error { return nil }),
		"catalog.Version":        second(content.Version(ctx)),
		"catalog.BumpVersion":    content.BumpVersion(ctx),
		"catalog.Snapshot":       content.Snapshot(ctx, &snapshot{}),
		"catalog.Changes":        second(content.Changes(ctx, catalog.Version{}, 1, &snapshot{})),
		"catalog.Speech":         second(content.Speech(ctx, speech.ID)),
		"catalog.SpeechesByID":   second(content.SpeechesByID(ctx, []uuid.UUID{speech.ID})),
		"catalog.SpeechesEver":   second(content.SpeechesEver(ctx, []uuid.UUID{speech.ID})),
		"catalog.Speeches":       third(content.Speeches(ctx, catalog.SpeechFilter{}, page(1, 1))),
		"catalog.InsertSpeeches": content.InsertSpeeches(ctx, []catalog.Speech{speech}),
		"catalog.UpdateSpeech":   content.UpdateSpeech(ctx, speech),
		"catalog.DeleteSpeech":   content.DeleteSpeech(ctx, speech.ID, noon),
		"catalog.Tag":            second(content.Tag(ctx, tag.ID)),
		"catalog.Tags":           second(content.Tags(ctx)),
		"catalog.TagsByID":       second(content.TagsByID(ctx, []uuid.UUID{tag.ID})),
		"catalog.TagNamesEver":   second(content.TagNamesEver(ctx, []uuid.UUID{tag.ID})),
		"catalog.InsertTag":      content.InsertTag(ctx, tag),
		"catalog.EnsureTags":     second(content.EnsureTags(ctx, []catalog.Tag{tag})),
		"catalog.UpdateTag":      content.UpdateTag(ctx, tag),
		"catalog.DeleteTag":      content.DeleteTag(ctx, tag.ID, noon),

		"practice.InsertSessions": second(played.InsertSessions(ctx, []practice.Session{newSession(u, speech)}, nil)),
		"practice.Session":        second(played.Session(ctx, u.ID)),
		"practice.Sessions":       third(played.Sessions(ctx, u.ID, practice.HistoryFilter{}, page(1, 1))),
		"practice.DeleteClaims":   second(played.DeleteClaims(ctx, noon)),

		"importing.InTx":                  imports.InTx(ctx, func(importing.Store) error { return nil }),
		"importing.InsertUploadSession":   imports.InsertUploadSession(ctx, newUploadSession()),
		"importing.UploadSession":         second(imports.UploadSession(ctx, u.ID)),
		"importing.MoveUploadSession":     second(imports.MoveUploadSession(ctx, u.ID, "open", "used")),
		"importing.DeleteUploadSession":   imports.DeleteUploadSession(ctx, u.ID),
		"importing.ExpiredUploadSessions": second(imports.ExpiredUploadSessions(ctx, noon, 1)),
		"importing.InsertUploadFiles":     imports.InsertUploadFiles(ctx, []importing.UploadFile{newFile(newUploadSession(), "x")}),
		"importing.UploadFiles":           second(imports.UploadFiles(ctx, u.ID)),
		"importing.DeleteUploadFiles":     second(imports.DeleteUploadFiles(ctx, []uuid.UUID{u.ID})),
		"importing.UploadKeys":            second(imports.UploadKeys(ctx, []string{"x"})),
		"importing.InsertBatch":           imports.InsertBatch(ctx, batch, nil),
		"importing.Batch":                 second(imports.Batch(ctx, batch.ID)),
		"importing.BatchItems":            second(imports.BatchItems(ctx, batch.ID)),
		"importing.RenewLease":            second(imports.RenewLease(ctx, batch.ID, noon)),
		"importing.FinishBatch":           second(imports.FinishBatch(ctx, batch)),
		"importing.SetOutcomes":           imports.SetOutcomes(ctx, batch.ID, []importing.Item{{Row: 1}}),
		"importing.InsertRejects":         imports.InsertRejects(ctx, batch.ID, importing.Sheet{}),
		"importing.BatchRejects":          second(imports.BatchRejects(ctx, batch.ID)),
		"importing.Batches":               third(imports.Batches(ctx, page(1, 1))),
		"importing.BatchSpeeches":         second(imports.BatchSpeeches(ctx, batch.ID)),
		"importing.PlayedSpeeches":        second(imports.PlayedSpeeches(ctx, batch.ID)),
		"importing.RemoveSpeeches":        imports.RemoveSpeeches(ctx, nil, noon),
		"importing.MarkUndone":            imports.MarkUndone(ctx, batch.ID),
		"importing.DeadBatches":           second(imports.DeadBatches(ctx, noon)),
		"importing.LiveSpeechesLike":      second(imports.LiveSpeechesLike(ctx, []string{"x"}, []string{"x"})),
		"importing.AddTags":               second(imports.AddTags(ctx, []importing.TagLink{{SpeechID: u.ID, TagID: u.ID}})),
		"importing.UploadSessionsFor":     second(imports.UploadSessionsFor(ctx, "x", "x", noon)),
		"importing.LeaseUploadSession":    second(imports.LeaseUploadSession(ctx, u.ID, noon, noon)),
		"importing.ReferencedKeys":        second(imports.ReferencedKeys(ctx, []string{"x"})),
	} {
		t.Run(name, func(t *testing.T) { refused(t, err, fault.KindUnavailable, "database_unavailable") })
	}
}
