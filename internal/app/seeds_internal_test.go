package app

import (
	"io"
	"log/slog"
	"testing"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/seeding"
)

// TestSeedIsPlayed: on an empty machine, with nothing but the program, a learner of a seed signs in, draws sentences, hears
// them and finds old games.
func TestSeedIsPlayed(t *testing.T) {
	data, ctx := t.TempDir(), t.Context()
	cfg, _, err := config.Load(config.Options{Environ: []string{"DATA_DIR=" + data}, Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(ctx, cfg, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	plan, err := a.Seeds.Plan(ctx, seeding.Request{Seed: 42, Speeches: 200, Users: 2, Sessions: 6, Password: "SecurePass123"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Seeds.Apply(ctx, plan, func(seeding.Kind, int, int) {}); err != nil {
		t.Fatal(err)
	}

	who, err := a.Accounts.Login(ctx, "learner-0002@seed-42.invalid", "SecurePass123")
	if err != nil {
		t.Fatal(err)
	}
	tags, err := a.Catalog.TagsLike(ctx, catalog.TagFilter{})
	if err != nil {
		t.Fatal(err)
	}
	var ids []uuid.UUID
	for _, tag := range tags {
		ids = append(ids, tag.ID)
	}
	speeches, err := a.Catalog.RandomSpeeches(ctx, catalog.Draw{Level: "C1", Type: catalog.Answer, Tags: ids, Limit: 20})
	if err != nil || len(speeches) != 20 {
		t.Fatalf("%d speeches of 20 (%v)", len(speeches), err)
	}
	for _, s := range speeches {
		recording, err := a.Catalog.OpenRecording(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		head := make([]byte, 1024)
		if _, err := io.ReadFull(recording, head); err != nil {
			t.Error(err)
		}
		_ = recording.Close()
		if ext, _, err := sniff(head); err != nil || ext != ".mp3" {
			t.Errorf("the recording of %s is a %q (%v)", s.ID, ext, err)
		}
	}
	games, total, err := a.Practice.History(ctx, who.User.ID, practice.HistoryFilter{}, paging.Page{Number: 1, Limit: 10})
	if err != nil || total != 3 || len(games) != 3 {
		t.Errorf("%d of %d old games (%v), want 3", len(games), total, err)
	}
}
