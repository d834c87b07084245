package catalog_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

func TestDrawRules(t *testing.T) {
	tag := uuid.Must(uuid.NewV7())
	tests := []struct {
		name string
		draw catalog.Draw
		want []string
	}{
		{"a draw needs everything", catalog.Draw{}, []string{"level", "type", "tags", "limit"}},
		{"unknown words are named", catalog.Draw{Level: "D1", Type: "song", Tags: []uuid.UUID{tag}, Limit: 1}, []string{"level", "type"}},
		{"100 tags at most", catalog.Draw{Level: "A1", Type: "answer", Tags: make([]uuid.UUID, 101), Limit: 1}, []string{"tags"}},
		{"50 speeches at most", catalog.Draw{Level: "A1", Type: "answer", Tags: []uuid.UUID{tag}, Limit: 51}, []string{"limit"}},
		{"no negative limit", catalog.Draw{Level: "A1", Type: "answer", Tags: []uuid.UUID{tag}, Limit: -1}, []string{"limit"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			_, err := w.RandomSpeeches(t.Context(), tt.draw)
			wantFault(t, err, fault.KindInvalid, tt.want...)
			if w.count("Version") != 0 {
				t.Fatal("the database was asked")
			}
		})
	}
}

func TestRandomSpeeches(t *testing.T) {
	w := newWorld(t, catalog.WithRandom(rand.New(rand.NewPCG(1, 1)).IntN))
	food, travel := w.tag(t, "Food"), w.tag(t, "Travel")
	want := map[uuid.UUID]bool{}
	for i := range 12 {
		tags := []uuid.UUID{food, travel}[i%2 : i%2+1]
		want[w.speech(t, "A1", catalog.Question, tags...).ID] = true
		w.speech(t, "A2", catalog.Question, tags...)
		w.speech(t, "A1", catalog.Answer, tags...)
		w.speech(t, "A1", catalog.Question)
	}
	draw := catalog.Draw{Level: "A1", Type: catalog.Question, Tags: []uuid.UUID{food, travel, uuid.Max}, Limit: 50}
	orders := map[uuid.UUID]bool{}
	for range 20 {
		got, err := w.RandomSpeeches(t.Context(), draw)
		if err != nil {
			t.Fatal(err)
		}
		found := map[uuid.UUID]bool{}
		for _, s := range got {
			found[s.ID] = true
		}
		if diff := cmp.Diff(want, found); diff != "" || len(got) != len(want) {
			t.Fatalf("drew %d: %s", len(got), diff)
		}
		orders[got[0].ID] = true
	}
	if len(orders) < 3 {
		t.Fatalf("20 draws began with only %d different speeches", len(orders))
	}
	if got := w.count("SpeechesByID"); got != 0 {
		t.Fatalf("20 draws read speeches %d times, though they are in the index", got)
	}
	if got := w.count("Snapshot"); got != 1 {
		t.Fatalf("the index was built %d times", got)
	}
}

func TestNothingMatches(t *testing.T) {
	w := newWorld(t)
	food, travel := w.tag(t, "Food"), w.tag(t, "Travel")
	w.speech(t, "A1", catalog.Question, food)
	w.speech(t, "A1", catalog.Answer, food)
	w.speech(t, "B1", catalog.Answer, travel)
	tests := []struct {
		name  string
		level catalog.Level
		tag   uuid.UUID
		want  string
	}{
		{"no such combination", "A1", travel, "No speeches match. Speeches that match each condition alone: level A1: 2, type question: 1, tags: 1"},
		{"an unknown tag matches nothing", "A1", uuid.Max, "No speeches match. Speeches that match each condition alone: level A1: 2, type question: 1, tags: 0"},
		{"an empty level", "C1", food, "No speeches match. Speeches that match each condition alone: level C1: 0, type question: 1, tags: 2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.RandomSpeeches(t.Context(), catalog.Draw{Level: tt.level, Type: catalog.Question, Tags: []uuid.UUID{tt.tag}, Limit: 10})
			wantFault(t, err, fault.KindNotFound)
			f, _ := fault.As(err)
			if f.Code != "no_speeches_match" || f.Message != tt.want {
				t.Fatalf("= %s %q, want %q", f.Code, f.Message, tt.want)
			}
		})
	}
}

// behind changes the store as another process would: without telling the service.
func (w *world) behind(t *testing.T, fn func(tx catalog.Store) error) {
	t.Helper()
	err := w.store.InTx(t.Context(), func(tx catalog.Store) error {
		if err := tx.BumpVersion(t.Context()); err != nil {
			return err
		}
		return fn(tx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDrawsAgainWhenAnotherProcessWasFaster(t *testing.T) {
	tests := []struct {
		name   string
		change func(ctx context.Context, tx catalog.Store, s catalog.Speech) error
	}{
		{"a drawn speech was deleted", func(ctx context.Context, tx catalog.Store, s catalog.Speech) error {
			return tx.DeleteSpeech(ctx, s.ID, start)
		}},
		{"a drawn speech has another level", func(ctx context.Context, tx catalog.Store, s catalog.Speech) error {
			s.Level = "C1"
			return tx.UpdateSpeech(ctx, s)
		}},
		{"a drawn speech has lost its tag", func(ctx context.Context, tx catalog.Store, s catalog.Speech) error {
			s.Tags = nil
			return tx.UpdateSpeech(ctx, s)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, catalog.WithRemembered(0), catalog.WithRandom(func(int) int { return 0 })) // always the same one
			tag := w.tag(t, "Food")
			one, two := w.speech(t, "A1", "answer", tag), w.speech(t, "A1", "answer", tag)
			draw := catalog.Draw{Level: "A1", Type: "answer", Tags: []uuid.UUID{tag}, Limit: 1}
			first, err := w.RandomSpeeches(t.Context(), draw)
			if err != nil {
				t.Fatal(err)
			}
			gone, stays := one, two
			if first[0].ID == two.ID {
				gone, stays = two, one
			}
			w.behind(t, func(tx catalog.Store) error { return tt.change(t.Context(), tx, gone) })

			got, err := w.RandomSpeeches(t.Context(), draw)
			if err != nil || len(got) != 1 || got[0].ID != stays.ID {
				t.Fatalf("draw = %v, %v; want the speech that is left", got, err)
			}
			w.behind(t, func(tx catalog.Store) error { return tt.change(t.Context(), tx, stays) })
			_, err = w.RandomSpeeches(t.Context(), draw)
			wantFault(t, err, fault.KindNotFound)
		})
	}
}

func TestIndexFreshness(t *testing.T) {
	w := newWorld(t)
	names := func() []string {
		t.Helper()
		tags, err := w.Tags(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, tag := range tags {
			got = append(got, tag.Name)
		}
		return got
	}
	want := func(what string, snapshots, versions int, tags ...string) {
		t.Helper()
		if got := names(); !slices.Equal(got, tags) {
			t.Fatalf("%s: tags = %v, want %v", what, got, tags)
		}
		if s, v := w.count("Snapshot"), w.count("Version"); s != snapshots || v != versions {
			t.Fatalf("%s: %d snapshots and %d looks at the version, want %d and %d", what, s, v, snapshots, versions)
		}
	}
	w.tag(t, "Own")
	want("the first look builds", 1, 1, "Own")
	want("within a second nothing is asked", 1, 1, "Own")
	w.behind(t, func(tx catalog.Store) error {
		return tx.InsertTag(t.Context(), catalog.Tag{ID: uuid.Max, Name: "Theirs"})
	})
	w.pass(999 * time.Millisecond)
	want("others' writes wait for the second", 1, 1, "Own")
	w.pass(time.Millisecond)
	want("others' writes show after a second", 2, 2, "Own", "Theirs")
	w.pass(time.Second)
	want("an unmoved version builds nothing", 2, 3, "Own", "Theirs")
	w.tag(t, "Zoo")
	want("own writes show at once", 3, 4, "Own", "Theirs", "Zoo")
	w.Changed()
	want("being told looks at once", 3, 5, "Own", "Theirs", "Zoo")
}

// TestReadyOnceTheCatalogueWasRead: an outage afterwards is no reason to read it again, and is other checks' business.
func TestReadyOnceTheCatalogueWasRead(t *testing.T) {
	w := newWorld(t)
	w.failOn("Snapshot", errDown)
	if err := w.Ready(t.Context()); !errors.Is(err, errDown) {
		t.Fatalf("while the catalogue cannot be read: %v", err)
	}
	w.failOn("", nil)
	if err := w.Ready(t.Context()); err == nil || w.count("Snapshot") != 1 {
		t.Fatalf("within a second of that: %v, %d snapshots", err, w.count("Snapshot"))
	}
	w.pass(time.Second)
	if err := w.Ready(t.Context()); err != nil || w.count("Snapshot") != 2 {
		t.Fatalf("after a second: %v, %d snapshots", err, w.count("Snapshot"))
	}
	w.failOn("*", errDown)
	w.pass(time.Hour)
	if err := w.Ready(t.Context()); err != nil || w.count("Version") != 2 {
		t.Fatalf("once it was read: %v, %d looks", err, w.count("Version"))
	}
}

// TestReadyWaitsForTheCatalogue: as long as whoever asks has time.
func TestReadyWaitsForTheCatalogue(t *testing.T) {
	w := newWorld(t)
	entered, release := make(chan struct{}), make(chan struct{})
	w.store.Fail(func(op string) error {
		if op == "Snapshot" {
			close(entered)
			<-release
		}
		return nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	early := make(chan error, 1)
	go func() { early <- w.Ready(ctx) }()
	<-entered
	cancel()
	if err := <-early; !errors.Is(err, context.Canceled) {
		t.Fatalf("while it is being read: %v", err)
	}
	late := make(chan error, 1)
	go func() { late <- w.Ready(t.Context()) }()
	close(release)
	if err := <-late; err != nil {
		t.Fatal(err)
	}
}

func TestIndexOutlivesTheDatabaseForFiveMinutes(t *testing.T) {
	w := newWorld(t)
	tag := w.tag(t, "Food")
	if _, err := w.Tags(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.failOn("Version", errDown)
	for _, d := range []time.Duration{time.Second, time.Minute, 4*time.Minute - time.Second} {
		w.pass(d)
		tags, err := w.Tags(t.Context())
		if err != nil || len(tags) != 1 || tags[0].ID != tag {
			t.Fatalf("%s later Tags = %v, %v; want the old ones", d, tags, err)
		}
	}
	before := w.count("Version")
	if _, err := w.Tags(t.Context()); err != nil || w.count("Version") != before {
		t.Fatalf("within a second of a failure: err %v, %d more looks", err, w.count("Version")-before)
	}
	w.pass(time.Second)
	if _, err := w.Tags(t.Context()); !errors.Is(err, errDown) {
		t.Fatalf("after five minutes err = %v, want the database's", err)
	}
	w.failOn("Snapshot", errDown)
	w.behind(t, func(catalog.Store) error { return nil })
	w.pass(time.Second)
	if _, err := w.Tags(t.Context()); !errors.Is(err, errDown) {
		t.Fatalf("the version answers, the snapshot does not: err = %v", err)
	}
	w.failOn("", nil)
	w.pass(time.Second)
	if tags, err := w.Tags(t.Context()); err != nil || len(tags) != 1 {
		t.Fatalf("after the database is back Tags = %v, %v", tags, err)
	}
}

// A clock that is set an hour back, or forward, hides nothing that others have written.
func TestIndexFollowsAClockThatJumps(t *testing.T) {
	w := newWorld(t)
	w.tag(t, "Own")
	for i, jump := range []time.Duration{-time.Hour, 2 * time.Hour, -time.Minute} {
		if _, err := w.Tags(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.behind(t, func(tx catalog.Store) error {
			return tx.InsertTag(t.Context(), catalog.Tag{ID: uuid.New(), Name: "Theirs" + jump.String()})
		})
		w.pass(jump)
		if tags, err := w.Tags(t.Context()); err != nil || len(tags) != i+2 {
			t.Fatalf("after a jump by %s Tags = %v, %v; want %d", jump, tags, err, i+2)
		}
	}
}

func TestIndexIsNotServedAfterALongSleep(t *testing.T) {
	w := newWorld(t)
	w.store.Fail(func(op string) error {
		if op == "Snapshot" {
			w.pass(6 * time.Minute)
		}
		return nil
	})
	if tags, err := w.Tags(t.Context()); err == nil {
		t.Fatalf("Tags = %v, want an error: what was read is older than five minutes", tags)
	}
}

// TestOneRebuildServesAll holds the first rebuild until all callers wait for it, and cancels the one that began it.
func TestOneRebuildServesAll(t *testing.T) {
	w := newWorld(t)
	w.tag(t, "Food")
	entered, release := make(chan struct{}), make(chan struct{})
	var looks, snapshots int
	w.store.Fail(func(op string) error {
		switch op {
		case "Version":
			looks++
			close(entered)
			<-release
		case "Snapshot":
			snapshots++
		}
		return nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() { _, err := w.Tags(ctx); first <- err }()
	<-entered
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Fatalf("the cancelled caller got %v", err)
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if tags, err := w.Tags(t.Context()); err != nil || len(tags) != 1 {
				t.Errorf("Tags = %v, %v", tags, err)
			}
		})
	}
	close(release)
	wg.Wait()
	if looks != 1 || snapshots != 1 {
		t.Fatalf("%d looks built the index %d times", looks, snapshots)
	}
}

func TestDrawPassesOnWhatTheDatabaseSays(t *testing.T) {
	w := newWorld(t, catalog.WithRemembered(0))
	tag := w.tag(t, "Food")
	w.speech(t, "A1", "answer", tag)
	draw := catalog.Draw{Level: "A1", Type: "answer", Tags: []uuid.UUID{tag}, Limit: 1}
	for _, op := range []string{"SpeechesByID", "Version"} {
		w.failOn(op, errDown)
		w.pass(10 * time.Minute)
		if _, err := w.RandomSpeeches(t.Context(), draw); !errors.Is(err, errDown) {
			t.Fatalf("%s is down: err = %v", op, err)
		}
	}
}

// TestSpeechesAreRemembered: until the catalogue changes: at once where that is done in this process, within a second otherwise.
func TestSpeechesAreRemembered(t *testing.T) {
	w := newWorld(t)
	tag := w.tag(t, "Food")
	speech := w.speech(t, "A1", "answer", tag)
	draw := catalog.Draw{Level: "A1", Type: "answer", Tags: []uuid.UUID{tag}, Limit: 1}
	text := func() string {
		t.Helper()
		drawn, err := w.RandomSpeeches(t.Context(), draw)
		if err != nil {
			t.Fatal(err)
		}
		return drawn[0].Text
	}
	before := text()
	w.failOn("SpeechesByID", errDown)
	if got := text(); got != before {
		t.Fatalf("while the database is out: %q", got)
	}
	w.failOn("SpeechesByID", nil)
	changed := "Here and now."
	if _, err := w.UpdateSpeech(t.Context(), speech.ID, catalog.SpeechChange{Text: &changed}); err != nil {
		t.Fatal(err)
	}
	if got := text(); got != changed {
		t.Errorf("after a change in this process: %q", got)
	}
	w.behind(t, func(tx catalog.Store) error {
		s, err := tx.Speech(t.Context(), speech.ID)
		if err != nil {
			return err
		}
		s.Text = "Elsewhere."
		return tx.UpdateSpeech(t.Context(), s)
	})
	w.pass(time.Second)
	if got := text(); got != "Elsewhere." {
		t.Errorf("a second after a change in another process: %q", got)
	}
	if c := w.Caches(); c.Records.Hits() != 4 || c.Records.Misses() != 0 || c.Pools.Hits() == 0 {
		t.Errorf("records: %d hits, %d misses; pools: %d hits", c.Records.Hits(), c.Records.Misses(), c.Pools.Hits())
	}
}

// All who ask for the tags share one list, as long as nothing has changed: whoever keeps something made of it knows by that.
func TestTagsAreOneListUntilTheyChange(t *testing.T) {
	w := newWorld(t)
	w.tag(t, "Own")
	list := func() []catalog.Tag {
		tags, err := w.Tags(t.Context())
		if err != nil || len(tags) == 0 {
			t.Fatalf("Tags = %v, %v", tags, err)
		}
		return tags
	}
	first := list()
	if again := list(); &again[0] != &first[0] {
		t.Error("it is another list without a change")
	}
	if _, err := w.CreateTag(t.Context(), catalog.NewTag{Name: "New"}); err != nil {
		t.Fatal(err)
	}
	if changed := list(); &changed[0] == &first[0] || len(changed) != len(first)+1 {
		t.Errorf("after a change there are %d tags, and before %d", len(changed), len(first))
	}
}
