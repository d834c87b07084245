package doctor

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func says(level Level, found string) func(context.Context) []Finding {
	return func(context.Context) []Finding { return []Finding{{Level: level, Found: found}} }
}

func TestRunKeepsTheOrderAndNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(ctx context.Context) []Finding {
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
			return []Finding{{Check: "own name", Level: Warn, Found: "slow"}}
		}
		hangs := func(context.Context) []Finding {
			time.Sleep(time.Hour) // heeds no context
			return nil
		}
		began := time.Now()
		found, err := Run(t.Context(), []Check{{Name: "a", Look: slow}, {Name: "b", Look: says(OK, "fine")}, {Name: "c", Settings: []string{"C_URL"}, Look: hangs}}, 5*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		want := []Finding{
			{Check: "own name", Level: Warn, Found: "slow"},
			{Check: "b", Level: OK, Found: "fine"},
			{Check: "c", Level: Fail, Found: "does not answer within 5s", Settings: []string{"C_URL"}, Advice: found[2].Advice},
		}
		if diff := cmp.Diff(want, found); diff != "" || found[2].Advice == "" {
			t.Errorf("findings (-want +got):\n%s", diff)
		}
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("it took %s: checks run side by side, 5 s at most", took)
		}
		if Worst(found) != Fail || Worst(found[:2]) != Warn || Worst(nil) != OK || Count(found, Fail) != 1 {
			t.Errorf("worst %s, %s, %s; %d failures", Worst(found), Worst(found[:2]), Worst(nil), Count(found, Fail))
		}
		time.Sleep(2 * time.Hour) // let what hangs end
	})
}

func TestRunFails(t *testing.T) {
	broken := func(context.Context) []Finding { panic("oh") }
	found, err := Run(t.Context(), []Check{{Name: "a", Look: broken}, {Name: "b", Look: says(OK, "fine")}}, time.Second)
	if err == nil || !strings.Contains(err.Error(), `"a"`) || len(found) != 1 {
		t.Errorf("a check that panics: %v, %v", found, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	waits := func(ctx context.Context) []Finding { <-ctx.Done(); return nil }
	if _, err := Run(ctx, []Check{{Name: "a", Look: waits}}, time.Minute); err == nil {
		t.Error("an end of the context is no finding")
	}
}

// verdicts compares findings with "level check setting,setting: part of what was found", in their order.
func verdicts(t *testing.T, found []Finding, want ...string) {
	t.Helper()
	if len(found) != len(want) {
		t.Fatalf("%d findings, want %d: %+v", len(found), len(want), found)
	}
	for i, f := range found {
		head, part, _ := strings.Cut(want[i], ": ")
		got := strings.TrimSpace(strings.Join([]string{string(f.Level), f.Check, strings.Join(f.Settings, ",")}, " "))
		if got = strings.Join(strings.Fields(got), " "); got != head || !strings.Contains(f.Found, part) {
			t.Errorf("finding %d is %q: %q; want %q", i, got, f.Found, want[i])
		}
		if (f.Level == OK) != (f.Advice == "") {
			t.Errorf("%q has the level %s and the advice %q", f.Found, f.Level, f.Advice)
		}
		if strings.HasSuffix(f.Found, ".") || strings.HasSuffix(f.Advice, ".") {
			t.Errorf("%q, %q: no full stop", f.Found, f.Advice)
		}
	}
}
