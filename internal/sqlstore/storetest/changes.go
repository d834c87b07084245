package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/backup"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

// follow brings a snapshot up to date by what has changed since.
func follow(t *testing.T, store catalog.Store, s *snapshot) {
	t.Helper()
	if !must1[bool](t)(store.Changes(t.Context(), s.version, 1000, s)) {
		t.Fatalf("what has changed since %v is not known", s.version)
	}
}

// write changes content as services do.
func write(t *testing.T, db *sqlstore.DB, fn func(content catalog.Store, imports importing.Store) error) {
	t.Helper()
	must(t, db.Importing().InTx(t.Context(), func(tx importing.Store) error {
		return errors.Join(tx.Catalog().BumpVersion(t.Context()), fn(tx.Catalog(), tx))
	}))
}

// testChanges: after every kind of write, and after all of them, the changes lead from the snapshot before to that of now.
func testChanges(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Catalog()
	a, b, c := newTag("a", ""), newTag("b", ""), newTag("c", "")
	one, two, three, four := newSpeech("one"), newSpeech("two", a), newSpeech("three", a, b), newSpeech("four", b)
	write(t, db, func(content catalog.Store, _ importing.Store) error {
		return errors.Join(content.InsertTag(ctx, a), content.InsertTag(ctx, b), content.InsertTag(ctx, c))
	})
	always, late := read(t, store), read(t, store)
	for _, step := range []struct {
		name  string
		write func(content catalog.Store, imports importing.Store) error
	}{
		{"nothing", func(catalog.Store, importing.Store) error { return nil }},
		{"speeches are created", func(content catalog.Store, _ importing.Store) error {
			return content.InsertSpeeches(ctx, []catalog.Speech{one, two, three, four})
		}},
		{"the text, level, type and recording of one are changed", func(content catalog.Store, _ importing.Store) error {
			one.Text, one.Level, one.Type, one.Audio = "Eins?\x01", "C1", catalog.Answer, "https://example.com/1.mp3"
			return content.UpdateSpeech(ctx, one)
		}},
		{"one gets other tags", func(content catalog.Store, _ importing.Store) error {
			one.Tags = []catalog.TagRef{{ID: b.ID}, {ID: a.ID}}
			return content.UpdateSpeech(ctx, one)
		}},
		{"one loses its tags", func(content catalog.Store, _ importing.Store) error {
			one.Tags = nil
			return content.UpdateSpeech(ctx, one)
		}},
		{"an import adds tags", func(_ catalog.Store, imports importing.Store) error {
			_, err := imports.AddTags(ctx, []importing.TagLink{{SpeechID: one.ID, TagID: c.ID}, {SpeechID: two.ID, TagID: b.ID}})
			return err
		}},
		{"a tag is renamed", func(content catalog.Store, _ importing.Store) error {
			a.Name = "z"
			return content.UpdateTag(ctx, a)
		}},
		{"tags are merged", func(content catalog.Store, _ importing.Store) error {
			_, err := content.MoveTagLinks(ctx, b.ID, a.ID)
			return errors.Join(err, content.DeleteTag(ctx, b.ID, noon))
		}},
		{"a tag is created by an import", func(content catalog.Store, _ importing.Store) error {
			_, err := content.EnsureTags(ctx, []catalog.Tag{newTag("new", "topic")})
			return err
		}},
		{"a speech is deleted", func(content catalog.Store, _ importing.Store) error { return content.DeleteSpeech(ctx, one.ID, noon) }},
		{"an import is undone", func(_ catalog.Store, imports importing.Store) error {
			return imports.RemoveSpeeches(ctx, []uuid.UUID{two.ID, three.ID}, noon)
		}},
		{"the same is done twice", func(content catalog.Store, _ importing.Store) error {
			again := newSpeech("again", c)
			return errors.Join(content.InsertSpeeches(ctx, []catalog.Speech{again}), content.UpdateSpeech(ctx, again), content.DeleteSpeech(ctx, again.ID, noon))
		}},
	} {
		t.Run(step.name, func(t *testing.T) {
			write(t, db, step.write)
			follow(t, store, &always)
			equalTold(t, always, read(t, store))
		})
	}
	t.Run("all of it at once", func(t *testing.T) {
		follow(t, store, &late)
		equalTold(t, late, read(t, store))
		equal(t, "how many are left", len(late.speeches), 1)
	})
	t.Run("what fails is no change", func(t *testing.T) {
		err := store.InTx(ctx, func(tx catalog.Store) error {
			return errors.Join(tx.BumpVersion(ctx), tx.DeleteSpeech(ctx, four.ID, noon), errors.New("broken"))
		})
		equal(t, "it has failed", err != nil, true)
		write(t, db, func(catalog.Store, importing.Store) error { return nil })
		follow(t, store, &late)
		equalTold(t, late, read(t, store))
		equal(t, "how many are left", len(late.speeches), 1)
	})
}

// testUnknownChanges: what cannot be known is not told.
func testUnknownChanges(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Catalog()
	speeches := []catalog.Speech{newSpeech("one"), newSpeech("two"), newSpeech("three")}
	touch := func(t *testing.T) {
		t.Helper()
		write(t, db, func(content catalog.Store, _ importing.Store) error { return content.UpdateSpeech(ctx, speeches[0]) })
	}
	wantKnown := func(t *testing.T, since catalog.Version, most int, want bool) {
		t.Helper()
		var told snapshot
		equal(t, "known", must1[bool](t)(store.Changes(ctx, since, most, &told)), want)
		equal(t, "something was told", told.speeches != nil, want)
	}
	first := read(t, store).version
	write(t, db, func(content catalog.Store, _ importing.Store) error { return content.InsertSpeeches(ctx, speeches) })
	touch(t)
	version := read(t, store).version

	t.Run("since a version of which nothing was noted", func(t *testing.T) { wantKnown(t, first, 100, false) })
	write(t, db, func(content catalog.Store, _ importing.Store) error {
		return errors.Join(content.UpdateSpeech(ctx, speeches[1]), content.UpdateSpeech(ctx, speeches[2]))
	})
	t.Run("no more than most", func(t *testing.T) {
		wantKnown(t, version, 2, true)
		wantKnown(t, version, 1, false)
	})
	t.Run("since a version of another past", func(t *testing.T) {
		wantKnown(t, catalog.Version{Number: version.Number, Mark: newID()}, 100, false)
	})
	t.Run("since a version that is still to come", func(t *testing.T) {
		wantKnown(t, catalog.Version{Number: version.Number + 5, Mark: version.Mark}, 100, false)
	})
	t.Run("somebody has raised the version and noted nothing", func(t *testing.T) {
		must(t, store.BumpVersion(ctx))
		wantKnown(t, version, 100, false)
		touch(t)
		wantKnown(t, version, 100, false)
		now := read(t, store).version
		touch(t)
		wantKnown(t, now, 100, true)
	})
	t.Run("a backup was restored", func(t *testing.T) {
		before := read(t, store).version
		must(t, db.Backup().Write(ctx, func(backup.Writer) error { return nil }))
		touch(t)
		wantKnown(t, before, 100, false)
	})
	t.Run("only the latest versions are noted", func(t *testing.T) {
		before := read(t, store).version
		_, err := db.Raw().ExecContext(ctx, `UPDATE catalog_version SET version = version + 1000`)
		must(t, err)
		touch(t)
		wantKnown(t, before, 100, false)
		var noted int
		must(t, db.Raw().GetContext(ctx, &noted, `SELECT count(*) FROM catalog_changes`))
		equal(t, "noted versions", noted, 1)
	})
	t.Run("a number that was taken in a past that is lost is taken again", func(t *testing.T) {
		lost := read(t, store).version
		_, err := db.Raw().ExecContext(ctx, `UPDATE catalog_version SET version = version - 1`)
		must(t, err)
		touch(t)
		equal(t, "the number", read(t, store).version.Number, lost.Number)
		wantKnown(t, lost, 100, false)
		touch(t)
		wantKnown(t, lost, 100, false)
	})
}

// testChangesAtOnce lets many write at once, some of whom raise the version last and some of whom fail, while somebody follows: no
// change is missed, and none is told that was not committed.
func testChangesAtOnce(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Catalog()
	tag := newTag("tag", "")
	write(t, db, func(content catalog.Store, _ importing.Store) error { return content.InsertTag(ctx, tag) })
	followed := read(t, store)
	writing, wrote := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		defer wrote()
		done <- errors.Join(atOnce(racers, func(i int) error { return writeMuch(ctx, store, i, tag) })...)
	}()
	for writing.Err() == nil {
		follow(t, store, &followed)
		if whole := read(t, store); whole.version == followed.version {
			equalTold(t, followed, whole)
		}
	}
	must(t, <-done)
	follow(t, store, &followed)
	equalTold(t, followed, read(t, store))
	equal(t, "speeches", len(followed.speeches), racers*(writesEach/3))
}

// writesEach is how many speeches writeMuch creates.
const writesEach = 6

// writeMuch creates and edits speeches, and deletes two of three, each in a transaction of its own that raises the version first or
// last; and tries in vain to delete the others. Everybody's are their own.
func writeMuch(ctx context.Context, store catalog.Store, writer int, tag catalog.Tag) error {
	broken := errors.New("broken")
	for i := range writesEach {
		speech := newSpeech(fmt.Sprintf("speech %d of writer %d", i, writer))
		create := func(tx catalog.Store) error { return tx.InsertSpeeches(ctx, []catalog.Speech{speech}) }
		edit := func(tx catalog.Store) error {
			speech.Tags = []catalog.TagRef{{ID: tag.ID, Name: tag.Name}}
			return tx.UpdateSpeech(ctx, speech)
		}
		remove := func(tx catalog.Store) error { return tx.DeleteSpeech(ctx, speech.ID, noon) }
		steps, end := []func(catalog.Store) error{create, edit, remove}, []error{nil, nil, nil}
		if i%3 == 0 {
			end[2] = broken
		}
		for n, step := range steps {
			raise := func(tx catalog.Store) error { return tx.BumpVersion(ctx) }
			err := store.InTx(ctx, func(tx catalog.Store) error {
				if (writer+i+n)%2 == 0 {
					return errors.Join(raise(tx), step(tx), end[n])
				}
				return errors.Join(step(tx), raise(tx), end[n])
			})
			if !errors.Is(err, end[n]) {
				return fmt.Errorf("step %d ended with %w", n, err)
			}
		}
	}
	return nil
}

// readOnce counts how often the whole catalogue is read.
type readOnce struct {
	catalog.Store
	times int
}

// Snapshot implements catalog.Store.
func (r *readOnce) Snapshot(ctx context.Context, into catalog.Collector) error {
	r.times++
	return r.Store.Snapshot(ctx, into)
}

// testChangesAtRandom: a daemon that has read the catalogue once and then only what others have changed shows what one shows that
// has just read all of it.
func testChangesAtRandom(t *testing.T, db *sqlstore.DB) {
	now, luck := noon, rand.New(rand.NewPCG(11, 12)) //nolint:gosec // luck that can be repeated
	clock := catalog.WithClock(func() time.Time { return now })
	store := &readOnce{Store: db.Catalog()}
	editor, daemon := &editor{luck: luck, speeches: map[uuid.UUID]catalog.Speech{}}, catalog.New(store, nil, clock)
	write(t, db, func(catalog.Store, importing.Store) error { return nil }) // a version with a note, to begin with
	for round := range 100 {
		for range luck.IntN(4) {
			write(t, db, func(content catalog.Store, _ importing.Store) error { return editor.edit(t.Context(), content) })
		}
		now = now.Add(time.Second)
		fresh := catalog.New(db.Catalog(), nil, clock)
		equal(t, fmt.Sprintf("what is shown in round %d", round), shown(t, daemon), shown(t, fresh))
		if t.Failed() {
			return
		}
	}
	equal(t, "how often the catalogue was read", store.times, 1)
	equal(t, "there is something to show", len(editor.tags) > 2 && len(editor.speeches) > 10 && len(editor.speeches) < 50, true)
}

// shown is all that learners can see of a catalogue: its tags with their counts, and for each level, type and tag the speeches, or how
// many there are of each alone.
func shown(t *testing.T, service *catalog.Service) map[string]any {
	t.Helper()
	tags := must1[[]catalog.Tag](t)(service.Tags(t.Context()))
	all := map[string]any{"tags": tags}
	for _, level := range catalog.Levels[:2] {
		for _, typ := range catalog.SentenceTypes {
			for _, tag := range append(tags, catalog.Tag{Name: "unknown", ID: uuid.Max}) {
				what := fmt.Sprint(level, typ, tag.Name)
				drawn, err := service.RandomSpeeches(t.Context(), catalog.Draw{Level: level, Type: typ, Tags: []uuid.UUID{tag.ID}, Limit: 50})
				slices.SortFunc(drawn, func(x, y catalog.Speech) int { return slices.Compare(x.ID[:], y.ID[:]) })
				all[what] = drawn
				if err != nil {
					all[what] = err.Error()
				}
			}
		}
	}
	return all
}

// editor changes a catalogue as luck will have it.
type editor struct {
	luck     *rand.Rand
	tags     []catalog.Tag
	speeches map[uuid.UUID]catalog.Speech
	order    []uuid.UUID // of the speeches
}

func (e *editor) edit(ctx context.Context, content catalog.Store) error {
	n := e.luck.IntN(20)
	switch {
	case n < 2 || len(e.tags) == 0:
		e.tags = append(e.tags, newTag(e.name(), ""))
		return content.InsertTag(ctx, e.tags[len(e.tags)-1])
	case n < 4:
		tag := &e.tags[e.luck.IntN(len(e.tags))]
		tag.Name = e.name()
		return content.UpdateTag(ctx, *tag)
	case n < 5 && len(e.tags) > 2:
		return e.merge(ctx, content)
	case n < 12 || len(e.order) < 3:
		speech := newSpeech("", e.someTags()...)
		e.order = append(e.order, speech.ID)
		return content.InsertSpeeches(ctx, []catalog.Speech{e.rewrite(speech)})
	case n < 14:
		i := e.luck.IntN(len(e.order))
		id := e.order[i]
		e.order = slices.Delete(e.order, i, i+1)
		delete(e.speeches, id)
		return content.DeleteSpeech(ctx, id, noon)
	}
	speech := e.speeches[e.order[e.luck.IntN(len(e.order))]]
	if n < 17 {
		speech.Tags = newSpeech("", e.someTags()...).Tags
	}
	return content.UpdateSpeech(ctx, e.rewrite(speech))
}

// name is one of many, in no order.
func (e *editor) name() string { return fmt.Sprintf("%x", e.luck.Uint64()) }

// someTags are up to three different tags.
func (e *editor) someTags() []catalog.Tag {
	tags := slices.Clone(e.tags)
	e.luck.Shuffle(len(tags), func(i, j int) { tags[i], tags[j] = tags[j], tags[i] })
	return tags[:e.luck.IntN(min(len(tags), 3)+1)]
}

// rewrite gives a speech another text and recording, and perhaps another level and type.
func (e *editor) rewrite(s catalog.Speech) catalog.Speech {
	s.Text, s.Audio = e.name(), fmt.Sprintf("https://example.com/%d.mp3", e.luck.IntN(10))
	s.Level, s.Type = catalog.Levels[e.luck.IntN(2)], catalog.SentenceTypes[e.luck.IntN(2)]
	e.speeches[s.ID] = s
	return s
}

// merge gives the speeches of the last tag the first one instead.
func (e *editor) merge(ctx context.Context, content catalog.Store) error {
	from, into := e.tags[len(e.tags)-1], e.tags[0]
	e.tags = e.tags[:len(e.tags)-1]
	for id, speech := range e.speeches {
		had := len(speech.Tags)
		speech.Tags = slices.DeleteFunc(slices.Clone(speech.Tags), func(ref catalog.TagRef) bool { return ref.ID == from.ID })
		if len(speech.Tags) < had && !slices.Contains(tagIDs(speech.Tags), into.ID) {
			speech.Tags = append(speech.Tags, catalog.TagRef{ID: into.ID})
		}
		e.speeches[id] = speech
	}
	_, err := content.MoveTagLinks(ctx, from.ID, into.ID)
	return errors.Join(err, content.DeleteTag(ctx, from.ID, noon))
}
