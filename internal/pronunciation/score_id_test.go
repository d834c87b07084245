package pronunciation_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/pronunciation"
)

var (
	ada = uuid.UUID{15: 1}
	bob = uuid.UUID{15: 2}
)

// scoreID returns the id of a score of 87.46 that ada gets for the text, and what reads it at a time.
func scoreID(t *testing.T, text, recognized string) (id string, at func(later time.Duration, keys ...string) *pronunciation.ScoreIDs) {
	t.Helper()
	at = func(later time.Duration, keys ...string) *pronunciation.ScoreIDs {
		keys = append(keys, "")
		return pronunciation.NewScoreIDs([]byte(keys[0]), []byte(keys[1]), func() time.Time { return time.Unix(1_700_000_000, 0).Add(later) })
	}
	p := &provider{answer: pronunciation.Assessment{Pronunciation: 87.46, Recognized: recognized}}
	in := recording()
	in.Player, in.Text = ada, text
	a, err := pronunciation.New(p, decoding(audible()), at(0, "key")).Score(t.Context(), in)
	if err != nil || a.ScoreID == "" {
		t.Fatalf("%+v, %v", a, err)
	}
	return a.ScoreID, at
}

func TestScoreIDs(t *testing.T) {
	const text = "What is your name?"
	id, at := scoreID(t, text, text)
	composed, decomposed := "Café déjà vu: İ, Å?", "Cafe\u0301 de\u0301ja\u0300 vu: I\u0307, A\u030a?"
	fromComposed, _ := scoreID(t, composed, text)
	fromDecomposed, _ := scoreID(t, decomposed, text)
	payload, signature, _ := strings.Cut(id, ".")
	raw, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		t.Fatal(err)
	}
	better := base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(raw), `"s":87.5`, `"s":99.5`, 1)))
	if better == payload {
		t.Fatalf("the score is not in %s", raw)
	}
	for name, tc := range map[string]struct {
		ids    *pronunciation.ScoreIDs
		player uuid.UUID
		text   string
		id     string
		want   error
	}{
		"as it was given":                    {at(0, "key"), ada, text, id, nil},
		"of a sentence that is read alike":   {at(0, "key"), ada, " what is your  name", id, nil},
		"accents apart, then composed":       {at(0, "key"), ada, composed, fromDecomposed, nil},
		"accents composed, then apart":       {at(0, "key"), ada, strings.ToUpper(decomposed), fromComposed, nil},
		"other accents":                      {at(0, "key"), ada, "Cafe deja vu: I, A?", fromDecomposed, pronunciation.ErrOtherSentence},
		"signed with the previous key":       {at(0, "new", "key"), ada, text, id, nil},
		"just before it expires":             {at(24*time.Hour-time.Second, "key"), ada, text, id, nil},
		"expired":                            {at(24*time.Hour, "key"), ada, text, id, pronunciation.ErrOver},
		"somebody else's":                    {at(0, "key"), bob, text, id, pronunciation.ErrNotOurs},
		"of another sentence":                {at(0, "key"), ada, "What is your game?", id, pronunciation.ErrOtherSentence},
		"another server's":                   {at(0, "other"), ada, text, id, pronunciation.ErrNotOurs},
		"with a better score":                {at(0, "key"), ada, text, better + "." + signature, pronunciation.ErrNotOurs},
		"without a signature":                {at(0, "key"), ada, text, payload, pronunciation.ErrNotOurs},
		"with an empty signature":            {at(0, "key"), ada, text, payload + ".", pronunciation.ErrNotOurs},
		"with a part of the signature":       {at(0, "key"), ada, text, id[:len(id)-4], pronunciation.ErrNotOurs},
		"with more":                          {at(0, "key"), ada, text, id + ".x", pronunciation.ErrNotOurs},
		"with a line feed at its end":        {at(0, "key"), ada, text, id + "\n", pronunciation.ErrNotOurs},
		"with a line feed in the signature":  {at(0, "key"), ada, text, id[:len(id)-4] + "\n" + id[len(id)-4:], pronunciation.ErrNotOurs},
		"with a carriage return likewise":    {at(0, "key"), ada, text, id[:len(id)-4] + "\r" + id[len(id)-4:], pronunciation.ErrNotOurs},
		"with a line feed in what is signed": {at(0, "key"), ada, text, "\n" + id, pronunciation.ErrNotOurs},
		"padded":                             {at(0, "key"), ada, text, id + "=", pronunciation.ErrNotOurs},
		"nothing":                            {at(0, "key"), ada, text, "", pronunciation.ErrNotOurs},
		"a dot":                              {at(0, "key"), ada, text, ".", pronunciation.ErrNotOurs},
		"an empty previous key signs nought": {at(0, "new", ""), ada, text, id, pronunciation.ErrNotOurs},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := tc.ids.Read(tc.player, tc.text, tc.id)
			if !errors.Is(err, tc.want) {
				t.Fatalf("error %v, want %v", err, tc.want)
			}
			if err == nil && (got.Score != 87.5 || got.Recognized != text || got.Provider != "fake" || got.ID == uuid.Nil) {
				t.Errorf("got %+v", got)
			}
		})
	}
	if again, _ := scoreID(t, text, text); again == id {
		t.Error("two scores have one id")
	}
}

// TestScoreIDsHoldWhatCanBeStored: a provider may say anything.
func TestScoreIDsHoldWhatCanBeStored(t *testing.T) {
	for said, want := range map[string]string{
		"a\x00b\xffc":                "ab?c",
		strings.Repeat("é", 1001):    strings.Repeat("é", 1000),
		`"; DROP TABLE users; --<b>`: `"; DROP TABLE users; --<b>`,
	} {
		id, at := scoreID(t, "What is your name?", said)
		if got, err := at(0, "key").Read(ada, "What is your name?", id); err != nil || got.Recognized != want {
			t.Errorf("%.20q: %.20q, %v", said, got.Recognized, err)
		}
	}
}

// TestScoresOfNobodyHaveNoID: there is nobody to quote them.
func TestScoresOfNobodyHaveNoID(t *testing.T) {
	ids := pronunciation.NewScoreIDs([]byte("key"), nil, time.Now)
	a, err := pronunciation.New(&provider{}, decoding(audible()), ids).Score(t.Context(), recording())
	if err != nil || a.ScoreID != "" {
		t.Errorf("%q, %v", a.ScoreID, err)
	}
}

// TestScoresAreRounded: with one digit, in all places, and without touching what the provider may remember.
func TestScoresAreRounded(t *testing.T) {
	third := 242.0 / 3
	words := []pronunciation.Word{{Text: "What", Score: third, Phonemes: []pronunciation.Phoneme{{Name: "w", Score: third}}}}
	p := &provider{answer: pronunciation.Assessment{Pronunciation: third, Accuracy: &third, Words: words}}
	a, err := pronunciation.New(p, decoding(audible()), nil).Score(t.Context(), recording())
	if err != nil {
		t.Fatal(err)
	}
	for what, score := range map[string]float64{
		"pronunciation": a.Pronunciation, "accuracy": *a.Accuracy, "word": a.Words[0].Score, "phoneme": a.Words[0].Phonemes[0].Score,
	} {
		if score != 80.7 {
			t.Errorf("%s = %v", what, score)
		}
	}
	if third == 80.7 || words[0].Score != third || words[0].Phonemes[0].Score != third {
		t.Error("the provider's own scores are changed")
	}
}
