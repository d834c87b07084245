package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/account"
)

// TestShownUser: the accounts elsewhere are one cell of a table, and a list in JSON.
func TestShownUser(t *testing.T) {
	linked := func(p account.Provider, subject string, day int) account.LinkedIdentity {
		return account.LinkedIdentity{Provider: p, Subject: subject, LinkedAt: time.Date(2026, 3, day, 23, 0, 0, 0, time.FixedZone("ICT", 7*3600))}
	}
	l := shownUser(account.User{Email: "ada@example.com"}, []account.LinkedIdentity{linked(account.Google, "g-1", 1), linked(account.Apple, "001.ab", 2)})
	for format, want := range map[string][]string{
		"table": {"identities", "google since 2026-03-01, apple since 2026-03-02"},
		"csv":   {",identities\n", `"google since 2026-03-01, apple since 2026-03-02"`},
		"json":  {`"auth_provider": "google"`, `"auth_provider_id": "g-1"`, `"linked_at": "2026-03-01T16:00:00Z"`},
	} {
		var out strings.Builder
		if err := (&outputOptions{format: format}).print(&out, l); err != nil {
			t.Fatal(err)
		}
		for _, part := range want {
			if !strings.Contains(out.String(), part) {
				t.Errorf("%s lacks %q:\n%s", format, part, out.String())
			}
		}
	}
}
