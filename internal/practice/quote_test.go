package practice_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/practice"
)

// fakeScores has given these: "a" and "b" for speech 101 and "c" for 102, all to the player; "late" is over.
type fakeScores struct{}

func (fakeScores) Quoted(who uuid.UUID, sentence, scoreID string) (practice.Quote, error) {
	given := map[string]practice.Quote{
		speeches[id(101)].Text + "a": {ID: id(1), Score: 60, Recognized: "what is your", Provider: "azure"},
		speeches[id(101)].Text + "b": {ID: id(2), Score: 81.2, Recognized: "what is your name", Provider: "azure"},
		speeches[id(102)].Text + "c": {ID: id(3), Score: 95, Recognized: "where do you live"},
	}
	switch quote, ok := given[sentence+scoreID]; {
	case scoreID == "late":
		return practice.Quote{}, practice.ErrScoreOver
	case !ok || who != player:
		return practice.Quote{}, errors.New("is not one")
	default:
		return quote, nil
	}
}

func quoting(first, second string) practice.Draft {
	d := draft()
	d.Results[0].QuotedScore, d.Results[1].QuotedScore = first, second
	return d
}

// stored are the results as they are stored: score, recognised text, whose word it is.
func (h *house) stored(session uuid.UUID) (scores []string) {
	for _, r := range h.store.sessions[session].Results {
		text := "none"
		if r.PronunciationScore != nil {
			text = fmt.Sprintf("%g %s", *r.PronunciationScore, *r.RecognizedText)
		}
		scores = append(scores, strings.Join(strings.Fields(text+" "+string(r.ScoreSource())+" "+r.ScoreProvider), " "))
	}
	return scores
}

// TestQuotedScores: the server's own score counts, whatever the app says; without one it is the app's.
func TestQuotedScores(t *testing.T) {
	for name, tc := range map[string]struct {
		first, second string
		want          []string
		average       float64
	}{
		"none":                            {"", "", []string{"72.5 what is your name client", "none"}, 72.5},
		"one":                             {"a", "", []string{"60 what is your server azure", "none"}, 60},
		"both":                            {"b", "c", []string{"81.2 what is your name server azure", "95 where do you live server"}, 88.1},
		"one beside one of the app":       {"", "c", []string{"72.5 what is your name client", "95 where do you live server"}, 83.8},
		"one that is over is the app's":   {"late", "", []string{"72.5 what is your name client", "none"}, 72.5},
		"one over, and where none is":     {"", "late", []string{"72.5 what is your name client", "none"}, 72.5},
		"the same expired one, twice too": {"late", "late", []string{"72.5 what is your name client", "none"}, 72.5},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			in := quoting(tc.first, tc.second)
			got, err := h.Save(t.Context(), player, in, "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, h.stored(got)); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
			if average := h.store.sessions[got].AvgPronunciationScore; *average != tc.average {
				t.Errorf("average %v, want %v", *average, tc.average)
			}
			if in.Results[0].QuotedScore != tc.first {
				t.Error("the caller's draft was changed")
			}
		})
	}
}

func TestQuotedScoresThatAreRefused(t *testing.T) {
	speech := func(d practice.Draft, n byte) practice.Draft { d.Results[1].SpeechID = id(n); return d }
	for name, tc := range map[string]struct {
		who    uuid.UUID
		drafts []practice.Draft
		want   []string
	}{
		"no score":            {player, []practice.Draft{quoting("x", "")}, []string{"sessions[0].results[0].score_id"}},
		"somebody else's":     {other, []practice.Draft{quoting("a", "")}, []string{"sessions[0].results[0].score_id"}},
		"of another sentence": {player, []practice.Draft{quoting("c", "a")}, []string{"sessions[0].results[0].score_id", "sessions[0].results[1].score_id"}},
		"twice in one game":   {player, []practice.Draft{speech(quoting("a", "a"), 101)}, []string{"sessions[0].results[1].score_id"}},
		"twice in two games":  {player, []practice.Draft{quoting("", ""), quoting("a", ""), quoting("a", "c")}, []string{"sessions[2].results[0].score_id"}},
		"where nothing is scored": {player, []practice.Draft{func() practice.Draft { d := quiet(); d.Results[1].QuotedScore = "c"; return d }()},
			[]string{"sessions[0].results[1].score_id"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			_, err := h.SaveBatch(t.Context(), tc.who, tc.drafts, "")
			if diff := cmp.Diff(tc.want, broken(t, err)); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			if len(h.store.sessions) > 0 {
				t.Error("something was stored")
			}
		})
	}
	h := newHouse(t)
	_, err := h.Save(t.Context(), player, quoting("", "x"), "")
	if diff := cmp.Diff([]string{"results[1].score_id"}, broken(t, err)); diff != "" {
		t.Errorf("of a single one (-want +got):\n%s", diff)
	}
}

// TestAScoreCountsOnce: not again in a later game, but a repeated request is the same one.
func TestAScoreCountsOnce(t *testing.T) {
	h := newHouse(t)
	in := quoting("a", "c")
	first, err := h.Save(t.Context(), player, in, "key")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := h.Save(t.Context(), player, in, "key"); err != nil || again != first {
		t.Errorf("repeated: %s, %v", again, err)
	}
	_, err = h.Save(t.Context(), player, quoting("b", ""), "key")
	wantFault(t, err, fault.KindConflict, "idempotency_key_reused")
	_, err = h.Save(t.Context(), player, quoting("a", ""), "")
	if message := wantFault(t, err, fault.KindConflict, "score_id_used"); !strings.Contains(message, "results[0].score_id") {
		t.Errorf("it says %q", message)
	}
}

// TestQuotesAskForNothingWhereThereAreNone: most sessions quote nothing, and a speech that never existed is not found, whatever is
// quoted for it.
func TestQuotesAskForNothingWhereThereAreNone(t *testing.T) {
	h := newHouse(t)
	h.catalogue.speechesErr = errDown
	if _, err := h.Save(t.Context(), player, draft(), ""); err != nil {
		t.Errorf("without quotes: %v", err)
	}
	if _, err := h.Save(t.Context(), player, quoting("a", ""), ""); !errors.Is(err, errDown) {
		t.Errorf("with one: %v", err)
	}
	h = newHouse(t)
	in := quoting("a", "c")
	in.Results[1].SpeechID = id(250)
	_, err := h.Save(t.Context(), player, in, "")
	wantFault(t, err, fault.KindNotFound, "speech_not_found")
}

func TestServersThatGiveNoScores(t *testing.T) {
	s := practice.New(newFakeStore(), &fakeCatalogue{})
	_, err := s.Save(t.Context(), player, quoting("a", ""), "")
	if diff := cmp.Diff([]string{"results[0].score_id"}, broken(t, err)); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}
