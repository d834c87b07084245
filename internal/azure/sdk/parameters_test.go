package sdk

import (
	"errors"
	"strings"
	"testing"

	"github.com/englishapp/englishctl/internal/pronunciation"
)

func TestParameters(t *testing.T) {
	for name, tc := range map[string]struct {
		in   pronunciation.Utterance
		want string
	}{
		"words, in American English": {pronunciation.Utterance{Text: `He said "no".`, Language: "en-US"},
			`{"referenceText":"He said \"no\".","gradingSystem":"HundredMark","granularity":"Word","dimension":"Comprehensive","enableMiscue":true,"enableProsodyAssessment":true}`},
		"phonemes, in another one": {pronunciation.Utterance{Text: "No", Language: "en-GB", Phonemes: true},
			`{"referenceText":"No","gradingSystem":"HundredMark","granularity":"Phoneme","dimension":"Comprehensive","enableMiscue":true}`},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := parameters(tc.in); err != nil || got != tc.want {
				t.Errorf("%s, %v, want %s", got, err, tc.want)
			}
		})
	}
}

func TestCancellations(t *testing.T) {
	for code, want := range map[int]pronunciation.Reason{
		1: pronunciation.Refused, 2: pronunciation.Rejected, 3: pronunciation.Throttled, 4: pronunciation.Refused, 5: pronunciation.Broken,
		6: pronunciation.Broken, 7: pronunciation.Broken, 8: pronunciation.Broken, 9: pronunciation.Broken, 0: pronunciation.Broken,
	} {
		err := failure(code, strings.Repeat("details ", 100))
		f, ok := errors.AsType[*pronunciation.Failure](err)
		if !ok || f.Reason != want || len(f.Error()) > 300 {
			t.Errorf("code %d: %v", code, err)
		}
	}
}
