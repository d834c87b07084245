package seeding_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/seeding"
)

// TestSeed: everything is there after a seed, and a second one changes nothing.
func TestSeed(t *testing.T) {
	w := newWorld(t)
	r := seeding.Request{Seed: 42, Speeches: 1000, Users: 20, Sessions: 100}
	ctx := audit.WithOrigin(t.Context(), audit.Origin{Actor: "cli:ada"})
	plan, err := w.Plan(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	missing := map[seeding.Kind]int{seeding.Speeches: 1000, seeding.Users: 20, seeding.Sessions: 100}
	if diff := cmp.Diff(missing, plan.Missing); diff != "" || !plan.Adds() || plan.Foreign != 0 {
		t.Errorf("the plan: adds %v, %d foreign, missing (-want +got):\n%s", plan.Adds(), plan.Foreign, diff)
	}
	last := map[seeding.Kind][2]int{}
	report, err := w.Apply(ctx, plan, func(kind seeding.Kind, done, total int) { last[kind] = [2]int{done, total} })
	if err != nil {
		t.Fatal(err)
	}
	want := seeding.Report{
		seeding.Recordings: {Created: 20}, seeding.Tags: {Created: 37}, seeding.Speeches: {Created: 1000},
		seeding.Users: {Created: 20}, seeding.Sessions: {Created: 100},
	}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Errorf("the report (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[seeding.Kind][2]int{
		seeding.Speeches: {1000, 1000}, seeding.Users: {20, 20}, seeding.Sessions: {100, 100},
	}, last); diff != "" {
		t.Errorf("the last that was said of the progress (-want +got):\n%s", diff)
	}
	checkContent(t, w)
	checkAudit(t, w, map[string]audit.Change{
		"speeches": {Before: 0, After: 1000}, "users": {Before: 0, After: 20}, "sessions": {Before: 0, After: 100},
	})
	again := w.seed(t, r)
	for kind, count := range want {
		want[kind] = seeding.Count{Unchanged: count.Created}
	}
	if diff := cmp.Diff(want, again); diff != "" {
		t.Errorf("the second report (-want +got):\n%s", diff)
	}
	if len(w.store.cat.Audit()) != 1 || w.objects.puts != 20 || w.store.analyzed != 1 {
		t.Errorf("after the second: %d audit lines, %d puts, %d times analyzed; want 1, 20, 1",
			len(w.store.cat.Audit()), w.objects.puts, w.store.analyzed)
	}
}

func checkContent(t *testing.T, w *world) {
	t.Helper()
	for _, s := range w.speeches(t) {
		if _, stored := w.objects.content[s.Audio]; !stored || !strings.Contains(s.Audio, s.AudioSHA256) || s.AudioSHA256 == "" {
			t.Errorf("speech %s has the recording %q (%q), which is not stored", s.ID, s.Audio, s.AudioSHA256)
		}
		if len(s.Tags) == 0 {
			t.Errorf("speech %s has no tag", s.ID)
		}
	}
	for _, u := range w.store.users {
		if u.Role != account.Learner || u.PasswordHash != "" || u.EmailVerified {
			t.Errorf("a learner is %+v", u)
		}
	}
}

func checkAudit(t *testing.T, w *world, changes map[string]audit.Change) {
	t.Helper()
	entries := w.store.cat.Audit()
	entry := entries[len(entries)-1]
	if diff := cmp.Diff(changes, entry.Changes); diff != "" || entry.Action != "seed.apply" || entry.ObjectID != "42" ||
		entry.ID == uuid.Nil || entry.At.IsZero() {
		t.Errorf("the audit line is %+v, its changes (-want +got):\n%s", entry, diff)
	}
}

// TestMore: higher numbers add the rest, over several transactions, and lower ones nothing.
// TestStatisticsHear of every day that gets a game or a learner.
func TestStatisticsHear(t *testing.T) {
	w := newWorld(t)
	w.seed(t, some)
	want := map[string]bool{}
	for _, s := range w.store.sessions {
		want[s.CompletedAt.Format(time.DateOnly)] = true
	}
	for _, u := range w.store.users {
		want[u.CreatedAt.Format(time.DateOnly)] = true
	}
	if diff := cmp.Diff(want, w.store.noted); diff != "" || len(want) < 30 {
		t.Errorf("of %d days, they heard of (-want +got):\n%s", len(want), diff)
	}
}

func TestMore(t *testing.T) {
	w := newWorld(t)
	w.seed(t, seeding.Request{Seed: 42, Speeches: 190, Users: 10})
	first := w.speeches(t)
	report := w.seed(t, seeding.Request{Seed: 42, Speeches: 1200, Users: 11, Sessions: 170})
	want := seeding.Report{
		seeding.Recordings: {Unchanged: 20}, seeding.Tags: {Unchanged: 37}, seeding.Speeches: {Created: 1010, Unchanged: 190},
		seeding.Users: {Created: 1, Unchanged: 10}, seeding.Sessions: {Created: 170},
	}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Errorf("the report (-want +got):\n%s", diff)
	}
	checkAudit(t, w, map[string]audit.Change{
		"speeches": {Before: 190, After: 1200}, "users": {Before: 10, After: 11}, "sessions": {Before: 0, After: 170},
	})
	all := w.speeches(t)
	for id, s := range first {
		if diff := cmp.Diff(s, all[id]); diff != "" {
			t.Errorf("speech %s has changed (-before +after):\n%s", id, diff)
		}
	}
	fewer := w.seed(t, seeding.Request{Seed: 42, Speeches: 100})
	if got := fewer[seeding.Speeches]; got != (seeding.Count{Unchanged: 100}) || len(w.speeches(t)) != 1200 {
		t.Errorf("a lower number: %+v, %d speeches", got, len(w.speeches(t)))
	}
}

// TestOthers: what people made of a seed stays, and other seeds stand beside it.
func TestOthers(t *testing.T) {
	w := newWorld(t)
	r := seeding.Request{Seed: 42, Speeches: 100}
	w.seed(t, r)
	var edited, deleted catalog.Speech
	for _, s := range w.speeches(t) {
		edited, deleted = deleted, s
	}
	edited.Text = "Somebody wrote this."
	edited.Tags = nil
	for _, err := range []error{
		w.store.cat.UpdateSpeech(t.Context(), edited),
		w.store.cat.DeleteSpeech(t.Context(), deleted.ID, now),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	before := w.speeches(t)
	if report := w.seed(t, r); report[seeding.Speeches] != (seeding.Count{Unchanged: 100}) {
		t.Errorf("speeches: %+v", report[seeding.Speeches])
	}
	if diff := cmp.Diff(before, w.speeches(t)); diff != "" {
		t.Errorf("what people made of it has changed (-before +after):\n%s", diff)
	}

	t.Run("the others' speeches are foreign, the deleted one is nobody's", func(t *testing.T) {
		for _, seed := range []uint64{42, 43} {
			plan, err := w.Plan(t.Context(), seeding.Request{Seed: seed, Speeches: 10})
			if want := map[uint64]int{42: 0, 43: 99}[seed]; err != nil || plan.Foreign != want {
				t.Errorf("for seed %d, %d are foreign, want %d (%v)", seed, plan.Foreign, want, err)
			}
		}
	})
	t.Run("another seed adds its own, with the same tags and recordings", func(t *testing.T) {
		report := w.seed(t, seeding.Request{Seed: 43, Speeches: 50})
		want := seeding.Report{
			seeding.Recordings: {Unchanged: 20}, seeding.Tags: {Unchanged: 37}, seeding.Speeches: {Created: 50}, seeding.Users: {}, seeding.Sessions: {},
		}
		if diff := cmp.Diff(want, report); diff != "" || len(w.speeches(t)) != 150 {
			t.Errorf("%d speeches, the report (-want +got):\n%s", len(w.speeches(t)), diff)
		}
	})
}

// TestTags: a tag of the same name is used, one of the seed stays what people have made of it.
func TestTags(t *testing.T) {
	w := newWorld(t)
	cat := w.store.cat
	theirs := catalog.Tag{ID: uuid.New(), Name: "FOOD", Category: "eating"}
	if err := cat.InsertTag(t.Context(), theirs); err != nil {
		t.Fatal(err)
	}
	if report := w.seed(t, seeding.Request{Seed: 42, Speeches: 20}); report[seeding.Tags] != (seeding.Count{Created: 36, Unchanged: 1}) {
		t.Errorf("tags: %+v", report[seeding.Tags])
	}
	tags := map[string]catalog.Tag{}
	all, err := cat.Tags(t.Context())
	for _, tag := range all {
		tags[tag.Name] = tag
	}
	renamed, gone := tags["Modals"], tags["Complaints"]
	if err != nil || renamed.ID == uuid.Nil || gone.ID == uuid.Nil || tags["FOOD"].ID != theirs.ID {
		t.Fatalf("the tags are %v (%v)", all, err)
	}
	renamed.Name = "Helping Verbs"
	for _, s := range w.speeches(t) { // a tag that is in use cannot be deleted
		s.Tags = nil
		if err := cat.UpdateSpeech(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range []error{cat.UpdateTag(t.Context(), renamed), cat.DeleteTag(t.Context(), gone.ID, now)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	report := w.seed(t, seeding.Request{Seed: 42, Speeches: 1000, Users: 1, Sessions: 200})
	if report[seeding.Tags] != (seeding.Count{Unchanged: 37}) {
		t.Errorf("tags: %+v", report[seeding.Tags])
	}
	uses := map[uuid.UUID]int{}
	for _, s := range w.speeches(t) {
		for _, tag := range s.Tags {
			uses[tag.ID]++
		}
	}
	if uses[theirs.ID] == 0 || uses[renamed.ID] == 0 || uses[gone.ID] != 0 || len(uses) != 36 {
		t.Errorf("FOOD is used %d times, the renamed one %d, the deleted one %d, %d tags in all; want some, some, none, 36",
			uses[theirs.ID], uses[renamed.ID], uses[gone.ID], len(uses))
	}
	for _, session := range w.store.sessions {
		for _, tag := range session.SelectedTags {
			if uses[tag] == 0 {
				t.Errorf("a game selects the tag %s, which no speech has", tag)
			}
		}
	}
}

// TestPassword: it is hashed once for all new learners; a bad one is refused before anything is done.
func TestPassword(t *testing.T) {
	w := newWorld(t)
	_, err := w.trySeed(t.Context(), seeding.Request{Seed: 1, Speeches: 10, Users: 3, Password: "weak"})
	if !fault.Is(err, fault.KindInvalid) || len(w.speeches(t)) != 0 || w.objects.puts != 0 {
		t.Errorf("a weak password: %v, %d speeches, %d puts", err, len(w.speeches(t)), w.objects.puts)
	}
	w.seed(t, seeding.Request{Seed: 1, Users: 2})
	w.seed(t, seeding.Request{Seed: 1, Users: 5, Password: "Secret123"})
	with := 0
	for _, u := range w.store.users {
		if u.PasswordHash == "hash of Secret123" {
			with++
		}
	}
	if with != 3 || len(w.store.users) != 5 || len(w.hashed) != 1 {
		t.Errorf("%d of %d learners have the password, which was hashed %d times; want 3 of 5, once", with, len(w.store.users), len(w.hashed))
	}
}

func TestNothingToDo(t *testing.T) {
	w := newWorld(t)
	report := w.seed(t, seeding.Request{Seed: 1})
	want := seeding.Report{seeding.Recordings: {}, seeding.Speeches: {}, seeding.Users: {}, seeding.Sessions: {}}
	if diff := cmp.Diff(want, report); diff != "" || len(w.store.cat.Audit()) != 0 || w.store.analyzed != 0 {
		t.Errorf("%d audit lines, the report (-want +got):\n%s", len(w.store.cat.Audit()), diff)
	}
}

func TestTakenAddress(t *testing.T) {
	w := newWorld(t)
	theirs := account.User{ID: uuid.New(), Email: "learner-0002@seed-42.invalid"}
	w.store.users[theirs.ID] = theirs
	_, err := w.trySeed(t.Context(), seeding.Request{Seed: 42, Users: 3})
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.KindConflict || f.Code != "email_taken" || !strings.Contains(f.Message, "learner-0003@seed-42.invalid") {
		t.Errorf("the error is %v", err)
	}
	if len(w.store.users) != 1 {
		t.Errorf("%d users", len(w.store.users))
	}
}

func TestRequests(t *testing.T) {
	w := newWorld(t)
	until := seeding.DefaultUntil
	for name, tt := range map[string]struct {
		r    seeding.Request
		want []string
	}{
		"too few":               {seeding.Request{Speeches: -1, Users: -1, Sessions: -1}, []string{"speeches", "users", "sessions"}},
		"too many":              {seeding.Request{Speeches: seeding.MaxSpeeches + 1, Users: seeding.MaxUsers + 1}, []string{"speeches", "users"}},
		"far too many sessions": {seeding.Request{Speeches: 1, Users: 1, Sessions: seeding.MaxSessions + 1}, []string{"sessions"}},
		"nobody to play":        {seeding.Request{Speeches: 1, Sessions: 1}, []string{"sessions"}},
		"nothing to play":       {seeding.Request{Users: 1, Sessions: 1}, []string{"sessions"}},
		"before the learners":   {seeding.Request{Until: until.AddDate(0, 0, -92)}, []string{"until"}},
		"the first day":         {seeding.Request{Until: until.AddDate(0, 0, -91)}, nil},
		"after all time":        {seeding.Request{Until: until.AddDate(9000, 0, 0)}, []string{"until"}},
		"all that there is":     {seeding.Request{Speeches: seeding.MaxSpeeches, Users: seeding.MaxUsers, Sessions: seeding.MaxSessions}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Plan(t.Context(), tt.r)
			var fields []string
			if f, ok := fault.As(err); ok && f.Kind == fault.KindInvalid {
				for _, field := range f.Fields {
					fields = append(fields, field.Name)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, fields); diff != "" {
				t.Errorf("the fields (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSweptInBetween: a recording that a sweep removes after it was found is there again with the first row that needs it.
func TestSweptInBetween(t *testing.T) {
	w := newWorld(t)
	w.seed(t, seeding.Request{Seed: 1, Speeches: 20})
	w.store.cat.Fail(func(op string) error {
		if op == "InTx" {
			w.objects.mu.Lock()
			defer w.objects.mu.Unlock()
			clear(w.objects.content)
		}
		return nil
	})
	w.seed(t, seeding.Request{Seed: 2, Speeches: 30})
	checkContent(t, w)
	if w.objects.puts != 40 {
		t.Errorf("%d puts, want 20 and 20", w.objects.puts)
	}
}

// TestGoesOn: wherever a run breaks off, its rows have their recordings and an audit line, and the next one completes it.
func TestGoesOn(t *testing.T) {
	r := seeding.Request{Seed: 42, Speeches: 70, Users: 10, Sessions: 60}
	calm := newWorld(t)
	calm.seed(t, r)
	steps := countSteps(t, r)
	if steps < 30 {
		t.Fatalf("a run has %d steps: this test looks in the wrong place", steps)
	}
	for step := range steps {
		w := newWorld(t)
		w.breakAt(step)
		if _, err := w.trySeed(t.Context(), r); !errors.Is(err, errDown) {
			t.Errorf("step %d: the error is %v", step, err)
		}
		w.breakAt(-1)
		checkContent(t, w)
		if len(w.speeches(t)) > 0 && len(w.store.cat.Audit()) == 0 {
			t.Errorf("step %d: there are speeches, but no audit line", step)
		}
		w.seed(t, r)
		if diff := cmp.Diff(calm.speeches(t), w.speeches(t)); diff != "" {
			t.Errorf("step %d: the speeches differ from those of an undisturbed run (-undisturbed +this):\n%s", step, diff)
		}
		if diff := cmp.Diff(calm.store.sessions, w.store.sessions); diff != "" || len(w.store.users) != 10 {
			t.Errorf("step %d: %d learners; the games differ (-undisturbed +this):\n%s", step, len(w.store.users), diff)
		}
	}
}

// breakAt makes the step with this number fail, and all after it.
func (w *world) breakAt(fatal int) {
	step := 0
	next := func() error {
		if step++; fatal >= 0 && step > fatal {
			return errDown
		}
		return nil
	}
	w.store.cat.Fail(func(string) error { return next() })
	w.objects.before = func(op, _ string) error {
		if op == "Put" { // those under way may still end; how many is chance
			return next()
		}
		return nil
	}
}

func countSteps(t *testing.T, r seeding.Request) int {
	t.Helper()
	w := newWorld(t)
	steps := 0
	w.store.cat.Fail(func(string) error { steps++; return nil })
	w.seed(t, r)
	return steps + w.objects.puts
}

// TestInterrupted: a run ends soon after its context.
func TestInterrupted(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	plan, err := w.Plan(ctx, seeding.Request{Seed: 1, Speeches: 1000})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Apply(ctx, plan, func(seeding.Kind, int, int) { cancel() })
	if !errors.Is(err, context.Canceled) || len(w.speeches(t)) != 50 {
		t.Errorf("%v, %d speeches", err, len(w.speeches(t)))
	}
}
