package catalog_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
)

func TestCreateSpeech(t *testing.T) {
	w := newWorld(t)
	travel, food := w.tag(t, "Travel"), w.tag(t, "food")
	got, err := w.CreateSpeech(t.Context(), catalog.NewSpeech{
		AudioURL: ours + "audio/A1/one.mp3?signature=old", Text: " Where? ", Level: "A1", TagIDs: []uuid.UUID{travel, food, travel},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := catalog.Speech{
		ID: got.ID, Audio: "audio/A1/one.mp3", Text: "Where?", Level: "A1", Type: catalog.Answer,
		Tags:      []catalog.TagRef{{ID: food, Name: "food"}, {ID: travel, Name: "Travel"}},
		CreatedAt: start, UpdatedAt: start,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	entry := w.lastAudit(t)
	wantChanges := map[string]audit.Change{
		"audio_url": {After: "audio/A1/one.mp3"}, "text": {After: "Where?"}, "level": {After: "A1"}, "type": {After: "answer"},
		"tags": {After: "Travel, food"},
	}
	if diff := cmp.Diff(wantChanges, entry.Changes); diff != "" || entry.Action != "speech.create" || entry.ObjectID != got.ID.String() {
		t.Fatal(entry, diff)
	}
	drawn, err := w.RandomSpeeches(t.Context(), catalog.Draw{Level: "A1", Type: "answer", Tags: []uuid.UUID{food}, Limit: 1})
	if err != nil || len(drawn) != 1 {
		t.Fatalf("the new speech is not drawn at once: %v, %v", drawn, err)
	}
}

func TestSpeechRules(t *testing.T) {
	good := catalog.NewSpeech{AudioURL: "https://media.example.com/a.mp3", Text: "Hi.", Level: "A1", Type: "answer"}
	with := func(change func(*catalog.NewSpeech)) catalog.NewSpeech { s := good; change(&s); return s }
	audio := func(a string) catalog.NewSpeech { return with(func(s *catalog.NewSpeech) { s.AudioURL = a }) }
	many := make([]uuid.UUID, 101)
	for i := range many {
		many[i] = uuid.Must(uuid.NewV7())
	}
	tests := []struct {
		name string
		in   catalog.NewSpeech
		want []string
	}{
		{"every mistake is named", catalog.NewSpeech{Type: "song"}, []string{"audio_url", "text", "level", "type"}},
		{"another scheme", audio("ftp://media.example.com/a.mp3"), []string{"audio_url"}},
		{"a script", audio("javascript:alert(1)"), []string{"audio_url"}},
		{"no host", audio("https:///a.mp3"), []string{"audio_url"}},
		{"a relative address", audio("/a.mp3"), []string{"audio_url"}},
		{"a password in the address", audio("https://u:p@media.example.com/a.mp3"), []string{"audio_url"}},
		{"a space in the address", audio("https://media.example.com/a b.mp3"), []string{"audio_url"}},
		{"a NUL in the address", audio("https://media.example.com/\x00"), []string{"audio_url"}},
		{"an address that is no UTF-8", audio("https://media.example.com/\xff"), []string{"audio_url"}},
		{"an address of 2049 bytes", audio("https://media.example.com/" + strings.Repeat("a", 2023)), []string{"audio_url"}},
		{"a key that does not exist", audio("audio/A1/none.mp3"), []string{"audio_url"}},
		{"a key that no store takes", audio("audio/../../etc/passwd"), []string{"audio_url"}},
		{"a key outside the recordings", audio("secrets/a.mp3"), []string{"audio_url"}},
		{"an uploaded file's key", audio("audio/uploads/s/a.mp3"), []string{"audio_url"}},
		{"an uploaded file's link", audio(ours + "audio/uploads/s/a.mp3?signature=1"), []string{"audio_url"}},
		{"our own link to nothing", audio(ours + "audio/A1/none.mp3"), []string{"audio_url"}},
		{"unknown tags", with(func(s *catalog.NewSpeech) { s.TagIDs = many[:2] }), []string{"tag_ids"}},
		{"an unknown tag and an unknown recording", with(func(s *catalog.NewSpeech) { s.AudioURL, s.TagIDs = "audio/x", many[:1] }), []string{"audio_url", "tag_ids"}},
		{"101 tags", with(func(s *catalog.NewSpeech) { s.TagIDs = many }), []string{"tag_ids"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			_, err := w.CreateSpeech(t.Context(), tt.in)
			wantFault(t, err, fault.KindInvalid, tt.want...)
			if _, total, err := w.Speeches(t.Context(), catalog.SpeechQuery{}, paging.Page{Number: 1, Limit: 1}); err != nil || total != 0 {
				t.Fatalf("%d speeches were stored, %v", total, err)
			}
			if len(w.store.Audit()) != 0 {
				t.Fatal("it was recorded")
			}
		})
	}
	w := newWorld(t)
	_, err := w.CreateSpeech(t.Context(), with(func(s *catalog.NewSpeech) { s.TagIDs = many[:1] }))
	if want := "No tag has the id " + many[0].String(); !strings.Contains(err.Error(), want) {
		t.Fatalf("err = %v, want %q", err, want)
	}
}

func TestUpdateSpeech(t *testing.T) {
	tests := []struct {
		name   string
		change func(food, travel uuid.UUID) catalog.SpeechChange
		apply  func(s *catalog.Speech, food, travel catalog.TagRef)
		fields []string
	}{
		{"only the text", func(_, _ uuid.UUID) catalog.SpeechChange { return catalog.SpeechChange{Text: ptr(" Bye. ")} },
			func(s *catalog.Speech, _, _ catalog.TagRef) { s.Text = "Bye." }, []string{"text"}},
		{"level and type", func(_, _ uuid.UUID) catalog.SpeechChange {
			return catalog.SpeechChange{Level: ptr(catalog.Level("C1")), Type: ptr(catalog.Question)}
		}, func(s *catalog.Speech, _, _ catalog.TagRef) { s.Level, s.Type = "C1", "question" }, []string{"level", "type"}},
		{"tags are replaced", func(_, travel uuid.UUID) catalog.SpeechChange {
			repeated := slices.Repeat([]uuid.UUID{travel}, 101) // folded before it is counted
			return catalog.SpeechChange{TagIDs: &repeated}
		}, func(s *catalog.Speech, _, travel catalog.TagRef) { s.Tags = []catalog.TagRef{travel} }, []string{"tags"}},
		{"an empty list removes all tags", func(_, _ uuid.UUID) catalog.SpeechChange { return catalog.SpeechChange{TagIDs: &[]uuid.UUID{}} },
			func(s *catalog.Speech, _, _ catalog.TagRef) { s.Tags = nil }, []string{"tags"}},
		{"another recording has another digest", func(_, _ uuid.UUID) catalog.SpeechChange {
			return catalog.SpeechChange{AudioURL: ptr("audio/B2/two.mp3")}
		}, func(s *catalog.Speech, _, _ catalog.TagRef) { s.Audio, s.AudioSHA256 = "audio/B2/two.mp3", "" }, []string{"audio_url"}},
		{"our own link to the same recording changes nothing", func(_, _ uuid.UUID) catalog.SpeechChange {
			return catalog.SpeechChange{AudioURL: ptr(ours + "audio/A1/kept.mp3?signature=1")}
		}, func(*catalog.Speech, catalog.TagRef, catalog.TagRef) {}, nil},
		{"nothing at all", func(_, _ uuid.UUID) catalog.SpeechChange { return catalog.SpeechChange{} },
			func(*catalog.Speech, catalog.TagRef, catalog.TagRef) {}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			food := catalog.TagRef{ID: w.tag(t, "Food"), Name: "Food"}
			travel := catalog.TagRef{ID: w.tag(t, "Travel"), Name: "Travel"}
			want := catalog.Speech{
				ID: w.newID(), Audio: "audio/A1/kept.mp3", AudioSHA256: "digest", Text: "Hi.", Level: "A1", Type: "answer",
				Tags: []catalog.TagRef{food}, CreatedAt: start, UpdatedAt: start,
			}
			w.behind(t, func(tx catalog.Store) error { return tx.InsertSpeeches(t.Context(), []catalog.Speech{want}) })
			recorded := len(w.store.Audit())
			w.pass(time.Hour)

			got, err := w.UpdateSpeech(t.Context(), want.ID, tt.change(food.ID, travel.ID))
			tt.apply(&want, food, travel)
			if tt.fields != nil {
				want.UpdatedAt = start.Add(time.Hour)
			}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Fatal(err, diff)
			}
			stored, err := w.Speech(t.Context(), want.ID)
			if diff := cmp.Diff(want, stored); diff != "" || err != nil {
				t.Fatal(err, diff)
			}
			var fields []string
			for _, entry := range w.store.Audit()[recorded:] {
				for _, f := range []string{"audio_url", "text", "level", "type", "tags"} {
					if _, ok := entry.Changes[f]; ok {
						fields = append(fields, f)
					}
				}
			}
			if diff := cmp.Diff(tt.fields, fields); diff != "" {
				t.Fatal(diff)
			}
		})
	}
}

func TestUpdateSpeechRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change catalog.SpeechChange
		want   []string
	}{
		{"an empty text", catalog.SpeechChange{Text: ptr("")}, []string{"text"}},
		{"wrong words", catalog.SpeechChange{Level: ptr(catalog.Level("")), Type: ptr(catalog.SentenceType("x")), AudioURL: ptr("x")}, []string{"audio_url", "level", "type"}},
		{"an unknown tag", catalog.SpeechChange{TagIDs: &[]uuid.UUID{uuid.Max}}, []string{"tag_ids"}},
		{"a recording that does not exist", catalog.SpeechChange{AudioURL: ptr("audio/A1/none.mp3"), Text: ptr("new")}, []string{"audio_url"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			speech := w.speech(t, "A1", "answer")
			_, err := w.UpdateSpeech(t.Context(), speech.ID, tt.change)
			wantFault(t, err, fault.KindInvalid, tt.want...)
			stored, err := w.Speech(t.Context(), speech.ID)
			if diff := cmp.Diff(speech, stored); diff != "" || err != nil {
				t.Fatal(err, diff)
			}
		})
	}
}

func TestDeleteSpeech(t *testing.T) {
	w := newWorld(t)
	food := w.tag(t, "Food")
	speech := w.speech(t, "A1", "answer", food)
	draw := catalog.Draw{Level: "A1", Type: "answer", Tags: []uuid.UUID{food}, Limit: 1}
	if _, err := w.RandomSpeeches(t.Context(), draw); err != nil {
		t.Fatal(err)
	}
	if err := w.DeleteSpeech(t.Context(), speech.ID); err != nil {
		t.Fatal(err)
	}
	_, err := w.RandomSpeeches(t.Context(), draw)
	wantFault(t, err, fault.KindNotFound)
	_, err = w.Speech(t.Context(), speech.ID)
	wantFault(t, err, fault.KindNotFound)
	wantFault(t, w.DeleteSpeech(t.Context(), speech.ID), fault.KindNotFound)
	_, err = w.UpdateSpeech(t.Context(), speech.ID, catalog.SpeechChange{})
	wantFault(t, err, fault.KindNotFound)
	if e := w.lastAudit(t); e.Action != "speech.delete" || e.Changes["text"].Before != "Hello." {
		t.Fatalf("recorded %+v", e)
	}
	ever, err := w.SpeechesEver(t.Context(), []uuid.UUID{speech.ID})
	if err != nil || len(ever) != 1 || ever[0].DeletedAt == nil || !ever[0].DeletedAt.Equal(start) {
		t.Fatalf("SpeechesEver = %v, %v; want the deleted speech", ever, err)
	}
}

func TestAudioURL(t *testing.T) {
	w := newWorld(t)
	for audio, want := range map[string]string{
		"audio/A1/one.mp3":                ours + "audio/A1/one.mp3?signature=1",
		"https://media.example.com/a.mp3": "https://media.example.com/a.mp3",
	} {
		if got, err := w.AudioURL(t.Context(), catalog.Speech{Audio: audio}); got != want || err != nil {
			t.Errorf("AudioURL of %s = %q, %v; want %q", audio, got, err, want)
		}
	}
	w.recordings.err = errDown
	if _, err := w.AudioURL(t.Context(), catalog.Speech{Audio: "audio/A1/one.mp3"}); !errors.Is(err, errDown) {
		t.Fatalf("err = %v", err)
	}
	_, err := w.CreateSpeech(t.Context(), catalog.NewSpeech{AudioURL: "audio/A1/one.mp3", Text: "Hi.", Level: "A1"})
	if !errors.Is(err, errDown) || fault.Is(err, fault.KindInvalid) {
		t.Fatalf("a store that is down makes %v of a recording", err)
	}
}

func TestListSpeeches(t *testing.T) {
	w := newWorld(t)
	food := w.tag(t, "Food")
	a := w.speech(t, "A1", "answer", food)
	w.pass(time.Second)
	b := w.speech(t, "A1", "question")
	w.pass(time.Second)
	c, err := w.CreateSpeech(t.Context(), catalog.NewSpeech{AudioURL: "audio/B2/two.mp3", Text: "Don't you like CAFÉ au lait?", Level: "B2"})
	if err != nil {
		t.Fatal(err)
	}
	page := paging.Page{Number: 1, Limit: 200}
	tests := []struct {
		name  string
		query catalog.SpeechQuery
		page  paging.Page
		want  []uuid.UUID
		total int
	}{
		{"all, newest first", catalog.SpeechQuery{}, page, []uuid.UUID{c.ID, b.ID, a.ID}, 3},
		{"the second page of one", catalog.SpeechQuery{}, paging.Page{Number: 2, Limit: 1}, []uuid.UUID{b.ID}, 3},
		{"past the end", catalog.SpeechQuery{}, paging.Page{Number: 9, Limit: 1}, nil, 3},
		{"by level and type", catalog.SpeechQuery{Level: "A1", Type: "question"}, page, []uuid.UUID{b.ID}, 1},
		{"by tag", catalog.SpeechQuery{TagID: &food}, page, []uuid.UUID{a.ID}, 1},
		{"by words in any case, form and order", catalog.SpeechQuery{Search: "cafe\u0301 LIKE"}, page, []uuid.UUID{c.ID}, 1},
		{"by the beginning of a word", catalog.SpeechQuery{Search: "hel"}, page, []uuid.UUID{b.ID, a.ID}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			speeches, total, err := w.Speeches(t.Context(), tt.query, tt.page)
			var ids []uuid.UUID
			for _, s := range speeches {
				ids = append(ids, s.ID)
			}
			if diff := cmp.Diff(tt.want, ids); diff != "" || total != tt.total || err != nil {
				t.Fatal(total, err, diff)
			}
		})
	}
}

func TestListRules(t *testing.T) {
	page := paging.Page{Number: 1, Limit: 50}
	tests := []struct {
		name  string
		query catalog.SpeechQuery
		page  paging.Page
		want  []string
	}{
		{"unknown words", catalog.SpeechQuery{Level: "Z9", Type: "song"}, page, []string{"level", "type"}},
		{"page and limit", catalog.SpeechQuery{}, paging.Page{Number: 0, Limit: 201}, []string{"page", "limit"}},
		{"a search without a word", catalog.SpeechQuery{Search: "?! \x00"}, page, []string{"search"}},
		{"a search that is no UTF-8", catalog.SpeechQuery{Search: "a\xff"}, page, []string{"search"}},
		{"a search of 201 characters", catalog.SpeechQuery{Search: strings.Repeat("a", 201)}, page, []string{"search"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := newWorld(t).Speeches(t.Context(), tt.query, tt.page)
			wantFault(t, err, fault.KindInvalid, tt.want...)
		})
	}
}

// TestWritesAreWholeOrNothing makes each statement of each write fail.
func TestWritesAreWholeOrNothing(t *testing.T) {
	writes := map[string]func(w *world, used, idle, speech uuid.UUID) error{
		"create speech": func(w *world, used, _, _ uuid.UUID) error {
			_, err := w.CreateSpeech(t.Context(), catalog.NewSpeech{AudioURL: "audio/A1/one.mp3", Text: "x", Level: "A1", TagIDs: []uuid.UUID{used}})
			return err
		},
		"update speech": func(w *world, _, idle, speech uuid.UUID) error {
			_, err := w.UpdateSpeech(t.Context(), speech, catalog.SpeechChange{Text: ptr("x"), TagIDs: &[]uuid.UUID{idle}})
			return err
		},
		"delete speech": func(w *world, _, _, speech uuid.UUID) error { return w.DeleteSpeech(t.Context(), speech) },
		"create tag": func(w *world, _, _, _ uuid.UUID) error {
			_, err := w.CreateTag(t.Context(), catalog.NewTag{Name: "New"})
			return err
		},
		"update tag": func(w *world, used, _, _ uuid.UUID) error {
			_, err := w.UpdateTag(t.Context(), used, catalog.TagChange{Name: ptr("New")})
			return err
		},
		"delete tag": func(w *world, _, idle, _ uuid.UUID) error { return w.DeleteTag(t.Context(), idle) },
	}
	failed := map[string]int{}
	ops := []string{"BumpVersion", "Speech", "Tag", "TagsByID", "InsertSpeeches", "UpdateSpeech", "DeleteSpeech", "InsertTag", "UpdateTag", "DeleteTag", "InsertAudit", "Commit"}
	for name, write := range writes {
		for _, op := range ops {
			w := newWorld(t)
			used, idle := w.tag(t, "Food"), w.tag(t, "Travel")
			speech := w.speech(t, "A1", "answer", used)
			before := w.state(t)
			w.failOn(op, errDown)
			err := write(w, used, idle, speech.ID)
			w.failOn("", nil)
			if err == nil {
				continue // this write does without the operation
			}
			failed[op]++
			if diff := cmp.Diff(before, w.state(t)); diff != "" || !errors.Is(err, errDown) {
				t.Errorf("%s, %s fails: err = %v; it left %s", name, op, err, diff)
			}
		}
	}
	want := map[string]int{
		"BumpVersion": 6, "Speech": 2, "Tag": 2, "TagsByID": 2, "InsertSpeeches": 1, "UpdateSpeech": 1, "DeleteSpeech": 1,
		"InsertTag": 1, "UpdateTag": 1, "DeleteTag": 1, "InsertAudit": 6, "Commit": 6,
	}
	if diff := cmp.Diff(want, failed); diff != "" {
		t.Errorf("how many writes failed: %s", diff)
	}
}

// state is everything that can be seen of a catalogue.
func (w *world) state(t *testing.T) map[string]any {
	t.Helper()
	version, err1 := w.store.Version(t.Context())
	tags, err2 := w.store.Tags(t.Context())
	speeches, _, err3 := w.store.Speeches(t.Context(), catalog.SpeechFilter{}, paging.Page{Number: 1, Limit: 1000})
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	return map[string]any{"version": version, "tags": tags, "speeches": speeches, "audit": w.store.Audit()}
}

func TestReadsPassOnWhatTheDatabaseSays(t *testing.T) {
	w := newWorld(t)
	w.failOn("*", errDown)
	_, allTags := w.AllTags(t.Context())
	_, tags := w.Tags(t.Context())
	_, names := w.TagNamesEver(t.Context(), nil)
	_, ever := w.SpeechesEver(t.Context(), nil)
	_, one := w.Speech(t.Context(), uuid.Max)
	_, _, list := w.Speeches(t.Context(), catalog.SpeechQuery{}, paging.Page{Number: 1, Limit: 1})
	for name, err := range map[string]error{"AllTags": allTags, "Tags": tags, "TagNamesEver": names, "SpeechesEver": ever, "Speech": one, "Speeches": list} {
		if !errors.Is(err, errDown) {
			t.Errorf("%s = %v, want the store's error", name, err)
		}
	}
}
