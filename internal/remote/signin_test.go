package remote

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/fault"
)

const userID = "00000000-0000-7000-8000-000000000001"

// gate is a daemon that lets ada in, whose role is what the test says.
func gate(t *testing.T, role string, atLogin, atUser http.HandlerFunc) *daemon {
	t.Helper()
	return newDaemon(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/auth/login") && atLogin != nil:
			atLogin(w, r)
		case strings.HasSuffix(r.URL.Path, "/auth/login"):
			answerJSON(w, 200, map[string]any{
				"user": map[string]any{"id": userID, "email": "ada@example.com"}, "access_token": newAccess, "refresh_token": refresh,
			})
		case strings.HasSuffix(r.URL.Path, "/auth/logout"):
			w.WriteHeader(204)
		case atUser != nil:
			atUser(w, r)
		default:
			answerJSON(w, 200, map[string]any{"id": userID, "email": "ada@example.com", "role": role})
		}
	})
}

func (d *daemon) signIn(t *testing.T) (SignIn, error) {
	t.Helper()
	return SignInAs(t.Context(), Config{Server: d.URL, Agent: "englishctl/1.2.3"}, "Ada@example.com", password)
}

func TestSignIn(t *testing.T) {
	d := gate(t, "admin", nil, nil)
	got, err := d.signIn(t)
	must(t, err)
	want := SignIn{Server: d.URL, Email: "ada@example.com", AccessToken: newAccess, RefreshToken: refresh}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	asked := []asked{
		{"POST /auth/login", "", `{"email":"Ada@example.com","password":"` + password + `"}`},
		{"GET /admin/users/" + userID, "Bearer " + newAccess, ""},
	}
	if diff := cmp.Diff(asked, d.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// TestNoAdministrator is told so, and no token of theirs lives on.
func TestNoAdministrator(t *testing.T) {
	forbidden := func(w http.ResponseWriter, _ *http.Request) {
		sendProblem(w, 403, "admin_required", "only an administrator may do this")
	}
	for name, d := range map[string]*daemon{"refused": gate(t, "", nil, forbidden), "a learner": gate(t, "learner", nil, nil)} {
		_, err := d.signIn(t)
		if f, ok := fault.As(err); !ok || f.Kind != fault.KindForbidden || !strings.Contains(f.Message, "ada@example.com is no administrator at "+d.URL) ||
			!strings.Contains(f.Message, "englishctl users set-role ada@example.com admin") {
			t.Errorf("%s: %v", name, err)
		}
		mustBeDiscreet(t, err)
		last := d.asked[len(d.asked)-1]
		if diff := cmp.Diff(asked{"POST /auth/logout", "", `{"refresh_token":"` + refresh + `"}`}, last); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", name, diff)
		}
	}
}

func TestSignInRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		d    *daemon
		want string
	}{
		"a wrong password": {gate(t, "", func(w http.ResponseWriter, _ *http.Request) {
			sendProblem(w, 401, "invalid_credentials", "e-mail address or password is wrong")
		}, nil), "e-mail address or password is wrong"},
		"no daemon of ours": {gate(t, "", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, nil), "is no englishctl"},
		"an older daemon": {gate(t, "", nil, func(w http.ResponseWriter, _ *http.Request) {
			sendProblem(w, 404, "unknown_path", "there is nothing at this path")
		}), "older version"},
	} {
		_, err := tc.d.signIn(t)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
		mustBeDiscreet(t, err)
		for _, what := range tc.d.requests() {
			if strings.Contains(what, "refresh") {
				t.Errorf("%s: a wrong password is no token that has run out", name)
			}
		}
	}
	if _, err := SignInAs(t.Context(), Config{}, "a\xff", "b"); !fault.Is(err, fault.KindInvalid) {
		t.Errorf("an address that is no text: %v", err)
	}
}

func TestSignOut(t *testing.T) {
	d := gate(t, "admin", nil, nil)
	must(t, SignOut(t.Context(), "englishctl/1.2.3", SignIn{Server: d.URL, RefreshToken: refresh}))
	if diff := cmp.Diff([]asked{{"POST /auth/logout", "", `{"refresh_token":"` + refresh + `"}`}}, d.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

func TestOverheard(t *testing.T) {
	for server, want := range map[string]bool{
		"https://api.example.com": false, "http://localhost": false, "http://localhost:8000/base": false, "http://127.0.0.1:8000": false,
		"http://127.8.8.8": false, "http://[::1]:8000": false, "http://api.example.com": true, "http://10.0.0.1": true,
		"http://localhost.evil.example": true, "http://127.0.0.1.evil.example": true, "http://[::]": true, "http://0.0.0.0": true,
	} {
		if got := Overheard(server); got != want {
			t.Errorf("Overheard(%s) = %v", server, got)
		}
	}
}
