package account

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
)

// People with tokens of all kinds of proof.
var (
	gmail     = Identity{Provider: Google, Subject: "g1", Email: "An@Gmail.com", EmailVerified: true, Name: "An Google"}
	workspace = Identity{Provider: Google, Subject: "g2", Email: goodEmail, EmailVerified: true, HostedDomain: "example.com"}
	elsewhere = Identity{Provider: Google, Subject: "g3", Email: goodEmail, EmailVerified: true}
	unchecked = Identity{Provider: Google, Subject: "g4", Email: goodEmail, HostedDomain: "example.com"}
	iphone    = Identity{Provider: Apple, Subject: "a1", Email: goodEmail, EmailVerified: true}
	meta      = Identity{Provider: Facebook, Subject: "f1", Email: goodEmail, EmailVerified: true, Name: "An Meta"}
	without   = Identity{Provider: Apple, Subject: "a2"}
)

// come signs in whoever holds a token.
func (h *house) come(who Identity) (SignedIn, error) {
	token := fmt.Sprint("token of ", who.Provider, who.Subject, who.Email)
	h.providers.mu.Lock()
	h.providers.people[token] = who
	h.providers.mu.Unlock()
	return h.SocialLogin(context.Background(), SocialLogin{Provider: who.Provider, Token: token})
}

func (h *house) mustCome(t *testing.T, who Identity) SignedIn {
	t.Helper()
	in, err := h.come(who)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestSocialLoginCreates(t *testing.T) {
	h := newHouse(t)
	who := gmail
	who.AvatarURL = "https://example.com/an.png"
	in := h.mustCome(t, who)
	now := h.clock.Truncate(time.Microsecond)
	want := User{
		ID: in.User.ID, Email: "an@gmail.com", EmailVerified: true, Name: "An Google", AvatarURL: ptr("https://example.com/an.png"),
		Provider: Google, ProviderID: ptr("g1"), Role: Learner, CreatedAt: now, UpdatedAt: now,
	}
	if diff := cmp.Diff(want, h.store.users[in.User.ID]); diff != "" {
		t.Errorf("stored user (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]LinkedIdentity{{Google, "g1", in.User.ID, now}}, h.store.linked); diff != "" {
		t.Errorf("linked identities (-want +got):\n%s", diff)
	}
	if len(h.store.audit) != 0 {
		t.Errorf("a learner's own doing is in the audit log: %v", h.store.audit)
	}
	if _, err := h.Refresh(t.Context(), in.RefreshToken); err != nil {
		t.Errorf("the refresh token is no good: %v", err)
	}
	if who, err := h.Authenticate(t.Context(), in.AccessToken); err != nil || who.UserID != in.User.ID {
		t.Errorf("the access token is no good: %v, %v", who, err)
	}
	_, err := h.Login(t.Context(), "an@gmail.com", goodPassword)
	wantFault(t, err, fault.KindUnauthorized, "invalid_credentials")
}

// Whose address a new account proves (decisions.md, "Small decisions").
func TestProofOfANewAccount(t *testing.T) {
	for name, tt := range map[string]struct {
		who    Identity
		proven bool
	}{
		"Gmail":                   {gmail, true},
		"a Workspace":             {workspace, true},
		"another Google address":  {elsewhere, false},
		"something like Gmail":    {Identity{Provider: Google, Subject: "g", Email: "an@notgmail.com", EmailVerified: true}, false},
		"Gmail as a subdomain":    {Identity{Provider: Google, Subject: "g", Email: "an@gmail.com.example.com", EmailVerified: true}, false},
		"Apple":                   {iphone, true},
		"Facebook":                {meta, false},
		"Gmail at Facebook":       {Identity{Provider: Facebook, Subject: "f", Email: "an@gmail.com", EmailVerified: true}, false},
		"a domain, from Facebook": {Identity{Provider: Facebook, Subject: "f", Email: goodEmail, EmailVerified: true, HostedDomain: "x"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if in := newHouse(t).mustCome(t, tt.who); in.User.EmailVerified != tt.proven {
				t.Errorf("proven: %v, want %v", in.User.EmailVerified, tt.proven)
			}
		})
	}
}

// Rule 1: the provider's id decides, whatever became of the address.
func TestSocialLoginKnowsTheID(t *testing.T) {
	h := newHouse(t)
	first := h.mustCome(t, gmail)
	other := h.register(t)
	for name, change := range map[string]func(*Identity){
		"the same":            func(*Identity) {},
		"no address any more": func(i *Identity) { i.Email = "" },
		"another address":     func(i *Identity) { i.Email = "new@example.com" },
		"somebody's address":  func(i *Identity) { i.Email = other.User.Email },
		"not verified":        func(i *Identity) { i.EmailVerified = false },
		"another name":        func(i *Identity) { i.Name = "Bo" },
	} {
		t.Run(name, func(t *testing.T) {
			who := gmail
			change(&who)
			in := h.mustCome(t, who)
			if diff := cmp.Diff(first.User, in.User); diff != "" {
				t.Errorf("user (-first +now):\n%s", diff)
			}
		})
	}
	t.Run("as the admin that the user has become", func(t *testing.T) {
		if _, err := h.SetRole(t.Context(), first.User.ID, Admin); err != nil {
			t.Fatal(err)
		}
		if in := h.mustCome(t, gmail); in.User.Role != Admin {
			t.Errorf("role = %s", in.User.Role)
		}
	})
	t.Run("but not at another provider", func(t *testing.T) {
		who := gmail
		who.Provider = Apple
		who.Email = "third@example.com"
		if in := h.mustCome(t, who); in.User.ID == first.User.ID {
			t.Error("an id of Google's is taken for one of Apple's")
		}
	})
}

// Rules 2, 3 and 5: what is refused, and leaves everything as it was.
func TestSocialLoginRefuses(t *testing.T) {
	proven := func(h *house, in SignedIn) { h.edit(in, func(u *User) { u.EmailVerified = true }) }
	unproven := func(*house, SignedIn) {}
	admin := func(h *house, in SignedIn) { h.edit(in, func(u *User) { u.Role = Admin }) }
	provenAdmin := func(h *house, in SignedIn) { proven(h, in); admin(h, in) }
	nobody := func(h *house, in SignedIn) { delete(h.store.users, in.User.ID) }
	badAddress := func(email string) Identity {
		return Identity{Provider: Google, Subject: "g", Email: email, EmailVerified: true, HostedDomain: "x"}
	}
	tests := map[string]struct {
		account func(*house, SignedIn)
		who     Identity
		kind    fault.Kind
		code    string
		says    string
	}{
		"no address":                             {nobody, without, fault.KindInvalid, "email_missing", "Apple tells no e-mail address"},
		"no address, somewhere an account":       {proven, without, fault.KindInvalid, "email_missing", ""},
		"no address that an account could have":  {nobody, badAddress("an@localhost"), fault.KindInvalid, "email_missing", ""},
		"an address that folds into another one": {unproven, badAddress("\u212aim@example.com"), fault.KindInvalid, "email_missing", ""},
		"not verified, no account":               {nobody, unchecked, fault.KindInvalid, "email_unverified", "Google has not verified"},
		"not verified, an unproven account":      {unproven, unchecked, fault.KindConflict, "account_exists", "sign in the way you did before"},
		"not verified, a proven account":         {proven, unchecked, fault.KindConflict, "account_exists", "sign in the way you did before"},
		"Facebook, a proven account":             {proven, meta, fault.KindConflict, "account_exists", "Facebook alone does not prove"},
		"another Google address, proven":         {proven, elsewhere, fault.KindConflict, "account_exists", "Google alone does not prove"},
		"Apple, an admin":                        {provenAdmin, iphone, fault.KindConflict, "account_exists", "administrator"},
		"a Workspace, an admin":                  {provenAdmin, workspace, fault.KindConflict, "account_exists", "administrator"},
		"a Workspace, an unproven admin":         {admin, workspace, fault.KindConflict, "account_exists", "administrator"},
		"Facebook, an unproven admin":            {admin, meta, fault.KindConflict, "account_exists", "administrator"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			tt.account(h, h.register(t))
			before := *h.store.tables
			_, err := h.come(tt.who)
			wantFault(t, err, tt.kind, tt.code)
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("the error says %q, want %q in it", err, tt.says)
			}
			if diff := cmp.Diff(before, *h.store.tables, cmp.AllowUnexported(tables{})); diff != "" {
				t.Errorf("the store has changed (-before +after):\n%s", diff)
			}
		})
	}
}

// edit changes a stored user.
func (h *house) edit(in SignedIn, change func(*User)) {
	u := h.store.users[in.User.ID]
	change(&u)
	h.store.users[u.ID] = u
}

// Rule 5, a proven account and a sure provider: the way in is one more, and the old ones stay.
func TestSocialLoginLinksAProvenAccount(t *testing.T) {
	for _, who := range []Identity{iphone, workspace} {
		t.Run(string(who.Provider), func(t *testing.T) {
			h := newHouse(t)
			old := h.register(t)
			h.edit(old, func(u *User) { u.EmailVerified = true })
			want := h.store.users[old.User.ID]
			h.clock = h.clock.Add(time.Hour)
			in := h.mustCome(t, who)
			want.UpdatedAt = h.clock.Truncate(time.Microsecond)
			if diff := cmp.Diff(want, h.store.users[in.User.ID]); diff != "" {
				t.Errorf("user (-want +got):\n%s", diff)
			}
			if _, err := h.Refresh(t.Context(), old.RefreshToken); err != nil {
				t.Errorf("the old session has ended: %v", err)
			}
			if _, err := h.Login(t.Context(), goodEmail, goodPassword); err != nil {
				t.Errorf("the password is gone: %v", err)
			}
			h.wantLink(t, in.User.ID, map[string]audit.Change{"identity": {After: string(who.Provider)}})
		})
	}
}

// wantLink demands one line in the audit log: that a user was linked.
func (h *house) wantLink(t *testing.T, user uuid.UUID, changes map[string]audit.Change) {
	t.Helper()
	if len(h.store.audit) != 1 {
		t.Fatalf("audit log: %+v, want one entry", h.store.audit)
	}
	want := audit.Entry{
		ID: h.store.audit[0].ID, At: h.clock.Truncate(time.Microsecond), Action: "user.link", ObjectID: user.String(),
		Origin: audit.Origin{Actor: "user:" + user.String()}, Changes: changes,
	}
	if diff := cmp.Diff(want, h.store.audit[0]); diff != "" {
		t.Errorf("audit entry (-want +got):\n%s", diff)
	}
}

// Rule 5, an account whose address nobody has proven: whoever made it loses every way in.
func TestSocialLoginTakesOverAnUnprovenAccount(t *testing.T) {
	for name, tt := range map[string]struct {
		who    Identity
		proven bool
	}{
		"Apple": {iphone, true}, "a Workspace": {workspace, true}, "another Google address": {elsewhere, false}, "Facebook": {meta, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			attacker := h.register(t)
			if _, err := h.Login(t.Context(), goodEmail, goodPassword); err != nil {
				t.Fatal(err)
			}
			in := h.mustCome(t, tt.who)
			if in.User.ID != attacker.User.ID || in.User.Name != "An" || in.User.EmailVerified != tt.proven {
				t.Errorf("user = %+v, want the old one with its name, proven: %v", in.User, tt.proven)
			}
			_, err := h.Login(t.Context(), goodEmail, goodPassword)
			wantFault(t, err, fault.KindUnauthorized, "invalid_credentials")
			_, err = h.Refresh(t.Context(), attacker.RefreshToken)
			wantFault(t, err, fault.KindUnauthorized, "invalid_token")
			if _, err := h.Refresh(t.Context(), in.RefreshToken); err != nil {
				t.Errorf("the new session has ended with the old: %v", err)
			}
			changes := map[string]audit.Change{
				"identity": {After: string(tt.who.Provider)}, "password": {Before: true, After: false},
				"identities": {Before: 0, After: 0}, "refresh_tokens": {Before: 2, After: 0},
			}
			if tt.proven {
				changes["email_verified"] = audit.Change{Before: false, After: true}
			}
			h.wantLink(t, in.User.ID, changes)
		})
	}
}

// An attacker's account at a provider that is not sure of addresses is no better than their password.
func TestTakingOverDetachesOtherIdentities(t *testing.T) {
	h := newHouse(t)
	attacker := h.mustCome(t, meta)
	in := h.mustCome(t, workspace)
	if in.User.ID != attacker.User.ID || !in.User.EmailVerified {
		t.Fatalf("user = %+v, want the same account, proven now", in.User)
	}
	_, err := h.Refresh(t.Context(), attacker.RefreshToken)
	wantFault(t, err, fault.KindUnauthorized, "invalid_token")
	_, err = h.come(meta)
	wantFault(t, err, fault.KindConflict, "account_exists")
	if linked := h.store.linked; len(linked) != 1 || linked[0].Subject != workspace.Subject {
		t.Errorf("linked: %+v; want the Workspace alone", linked)
	}
}

func TestNamesOfNewAccounts(t *testing.T) {
	long := strings.Repeat("é", 300)
	for name, tt := range map[string]struct{ provider, given, email, want string }{
		"the provider's wins":             {"An Google", "Bo", "an@example.com", "An Google"},
		"the given one fills a gap":       {"", " Bo ", "an@example.com", "Bo"},
		"the provider's is blank":         {" \t", "Bo", "an@example.com", "Bo"},
		"the provider's is cleaned":       {"An\x00\x1b[31m\u0085Lee\xff ", "", "an@example.com", "An[31mLee"},
		"the provider's is cut":           {long, "", "an@example.com", long[:2*maxNameRunes]},
		"none at all":                     {"", "", "an.lee@example.com", "an.lee"},
		"none, and an address made up":    {"", "", "x7f9@privaterelay.appleid.com", "Learner"},
		"none, and an upper-case address": {"", "", "An@Example.com", "an"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.providers.people["t"] = Identity{Provider: Apple, Subject: "a", Email: tt.email, EmailVerified: true, Name: tt.provider}
			in, err := h.SocialLogin(t.Context(), SocialLogin{Provider: Apple, Token: "t", Name: tt.given})
			if err != nil || in.User.Name != tt.want {
				t.Errorf("name = %q, %v; want %q", in.User.Name, err, tt.want)
			}
		})
	}
}

func TestAvatarsOfNewAccounts(t *testing.T) {
	for address, kept := range map[string]bool{
		"https://example.com/a.png": true, "": false, "javascript:alert(1)": false, "//example.com/a": false,
		"https://example.com/" + strings.Repeat("a", maxAvatarBytes): false,
	} {
		h := newHouse(t)
		who := gmail
		who.AvatarURL = address
		if in := h.mustCome(t, who); (in.User.AvatarURL != nil) != kept {
			t.Errorf("%.40q: avatar = %v, want it kept: %v", address, in.User.AvatarURL, kept)
		}
	}
}

func TestSocialLoginChecksItsInput(t *testing.T) {
	good := SocialLogin{Provider: Google, Token: "t", Name: "An", Nonce: "n-1"}
	for name, tt := range map[string]struct {
		change func(*SocialLogin)
		want   []string
	}{
		"good":                        {func(*SocialLogin) {}, nil},
		"without the optional fields": {func(l *SocialLogin) { l.Name, l.Nonce = " ", "" }, nil},
		"no provider":                 {func(l *SocialLogin) { l.Provider = "" }, []string{"provider"}},
		"another provider":            {func(l *SocialLogin) { l.Provider = "twitter" }, []string{"provider"}},
		"a provider in capitals":      {func(l *SocialLogin) { l.Provider = "Google" }, []string{"provider"}},
		"e-mail is no such provider":  {func(l *SocialLogin) { l.Provider = Email }, []string{"provider"}},
		"no token":                    {func(l *SocialLogin) { l.Token = "" }, []string{"token"}},
		"a name with a line break":    {func(l *SocialLogin) { l.Name = "A\nn" }, []string{"name"}},
		"a name that is too long":     {func(l *SocialLogin) { l.Name = strings.Repeat("a", 256) }, []string{"name"}},
		"a nonce that is too long":    {func(l *SocialLogin) { l.Nonce = strings.Repeat("n", 256) }, []string{"nonce"}},
		"everything wrong, told once": {func(l *SocialLogin) { *l = SocialLogin{Name: "\x00"} }, []string{"provider", "token", "name"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.providers.people["t"] = gmail
			l := good
			tt.change(&l)
			_, err := h.SocialLogin(t.Context(), l)
			if diff := cmp.Diff(tt.want, broken(t, err)); diff != "" {
				t.Errorf("broken fields (-want +got):\n%s", diff)
			}
			if h.providers.nonce != l.Nonce && err == nil {
				t.Errorf("the nonce %q was passed on as %q", l.Nonce, h.providers.nonce)
			}
		})
	}
}

func TestNoProvidersAreConfigured(t *testing.T) {
	h := newHouse(t)
	s := New(h.store, h.cache, testConfig())
	for provider, title := range map[Provider]string{Google: "Google", Apple: "Apple", Facebook: "Facebook"} {
		_, err := s.SocialLogin(t.Context(), SocialLogin{Provider: provider, Token: "t"})
		wantFault(t, err, fault.KindInvalid, "provider_not_configured")
		if !strings.Contains(err.Error(), title+" is not set up on this server") {
			t.Errorf("the error says %q", err)
		}
	}
	_, err := h.SocialLogin(t.Context(), SocialLogin{Provider: Google, Token: "unknown"})
	wantFault(t, err, fault.KindUnauthorized, "provider_token_invalid")
}

func TestTwentyFirstSignInsAtOnce(t *testing.T) {
	h := newHouse(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := h.come(gmail); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(h.store.users) != 1 || len(h.store.linked) != 1 || len(h.store.tokens) != 20 {
		t.Errorf("%d users, %d links, %d tokens; want 1, 1, 20", len(h.store.users), len(h.store.linked), len(h.store.tokens))
	}
}

// What another request does between a read and a write of this one makes it begin anew.
func TestSocialLoginIsOvertaken(t *testing.T) {
	taken := User{ID: uuid.UUID{9}, Email: "an@gmail.com", Provider: Google, Role: Learner}
	link := LinkedIdentity{Provider: Google, Subject: "g1", UserID: taken.ID}
	tests := map[string]struct {
		method string
		faster func(*tables)
		known  bool // the identity is known at first
	}{
		"somebody takes the address": {"InsertUser", func(t *tables) { t.users[taken.ID] = taken }, false},
		"somebody links the identity": {"InsertIdentity", func(t *tables) {
			t.users[taken.ID] = taken
			t.linked = append(t.linked, link)
		}, false},
		"the user is deleted":    {"User", func(t *tables) { clear(t.users); t.linked = nil }, true},
		"the identity is moved":  {"User", func(t *tables) { t.users[taken.ID] = taken; t.linked = []LinkedIdentity{link} }, true},
		"the identity is undone": {"User", func(t *tables) { t.linked = nil }, true},
	}
	for name, tt := range tests {
		t.Run(name+", once", func(t *testing.T) {
			h := newHouse(t)
			if tt.known {
				h.mustCome(t, gmail)
			}
			h.store.meanwhile = map[string]func(*tables){tt.method: func(seen *tables) {
				delete(h.store.meanwhile, tt.method)
				tt.faster(seen)
				tt.faster(h.store.tables)
			}}
			in := h.mustCome(t, gmail)
			if len(h.store.linked) != 1 || h.store.linked[0].UserID != in.User.ID {
				t.Errorf("linked: %+v, user: %s", h.store.linked, in.User.ID)
			}
		})
		t.Run(name+", again and again", func(t *testing.T) {
			h := newHouse(t)
			if tt.known {
				h.mustCome(t, gmail)
			}
			times := 0
			h.store.meanwhile = map[string]func(*tables){tt.method: func(seen *tables) { times++; tt.faster(seen) }}
			_, err := h.come(gmail)
			wantFault(t, err, fault.KindUnavailable, "")
			if times != socialAttempts {
				t.Errorf("%d attempts, want %d", times, socialAttempts)
			}
		})
	}
}

// The same first sign-in, sent twice, to an account that stays unproven: the second must not lock the first one out.
func TestSocialLoginIsOvertakenByItsTwin(t *testing.T) {
	h := newHouse(t)
	h.register(t)
	// The transaction reads the links as they were before the twin; once it holds the lock, as they are.
	var linked []LinkedIdentity
	hooks := map[string]func(*tables){}
	hooks["IdentityUser"] = func(seen *tables) {
		delete(hooks, "IdentityUser")
		linked, seen.linked = seen.linked, nil
	}
	hooks["User"] = func(seen *tables) {
		delete(hooks, "User")
		seen.linked = linked
	}
	var twin SignedIn
	h.store.before = func() {
		twin = h.mustCome(t, meta)
		h.store.meanwhile = hooks
	}
	in := h.mustCome(t, meta)
	for name, s := range map[string]SignedIn{"the twin": twin, "this one": in} {
		if _, err := h.Refresh(t.Context(), s.RefreshToken); err != nil {
			t.Errorf("%s has no session: %v", name, err)
		}
	}
	if len(h.store.linked) != 1 || len(h.store.audit) != 1 {
		t.Errorf("%d links, %d entries of the audit log; want one of each", len(h.store.linked), len(h.store.audit))
	}
}

func TestSocialLoginIsOneTransaction(t *testing.T) {
	for _, method := range []string{
		"InTx", "IdentityUser", "UserByEmail", "User", "DeleteIdentities", "DeleteRefreshTokens", "UpdateUser",
		"InsertIdentity", "InsertAudit", "InsertRefreshToken",
	} {
		t.Run("linking fails at "+method, func(t *testing.T) {
			h := newHouse(t)
			h.register(t)
			before := *h.store.tables
			h.store.fails = method
			_, err := h.come(iphone)
			wantDown(t, err)
			if diff := cmp.Diff(before, *h.store.tables, cmp.AllowUnexported(tables{})); diff != "" {
				t.Errorf("the store has changed (-before +after):\n%s", diff)
			}
		})
	}
	for _, method := range []string{"InsertUser", "InsertIdentity", "InsertRefreshToken"} {
		t.Run("creating fails at "+method, func(t *testing.T) {
			h := newHouse(t)
			h.store.fails = method
			_, err := h.come(gmail)
			wantDown(t, err)
			if len(h.store.users)+len(h.store.linked)+len(h.store.tokens) > 0 {
				t.Errorf("something is left: %+v", h.store.tables)
			}
		})
	}
	t.Run("a known user's lock fails", func(t *testing.T) {
		h := newHouse(t)
		h.mustCome(t, gmail)
		h.store.fails = "User"
		_, err := h.come(gmail)
		wantDown(t, err)
	})
}

// wantDown demands the store's error, without a kind.
func wantDown(t *testing.T, err error) {
	t.Helper()
	if _, kinded := fault.As(err); !errors.Is(err, errDown) || kinded {
		t.Fatalf("error = %v, want the store's, without a kind", err)
	}
}

func TestDeletionEndsIdentities(t *testing.T) {
	h := newHouse(t)
	first := h.mustCome(t, gmail)
	if err := h.DeleteSelf(t.Context(), first.User.ID); err != nil {
		t.Fatal(err)
	}
	if second := h.mustCome(t, gmail); second.User.ID == first.User.ID {
		t.Error("the deleted account is back")
	}
}
