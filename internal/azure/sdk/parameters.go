package sdk

import (
	"encoding/json"
	"fmt"

	"github.com/englishapp/englishctl/internal/pronunciation"
)

// prosodyLanguage is the only one whose stress and intonation Azure scores.
const prosodyLanguage = "en-US"

// parameters are those of the REST API in the names that the SDK uses inside: they begin with small letters. Booleans are left out where
// they are false, as the SDK does.
func parameters(u pronunciation.Utterance) (string, error) {
	granularity := "Word"
	if u.Phonemes {
		granularity = "Phoneme"
	}
	text, err := json.Marshal(struct {
		ReferenceText string `json:"referenceText"`
		GradingSystem string `json:"gradingSystem"`
		Granularity   string `json:"granularity"`
		Dimension     string `json:"dimension"`
		EnableMiscue  bool   `json:"enableMiscue"`
		EnableProsody bool   `json:"enableProsodyAssessment,omitempty"`
	}{u.Text, "HundredMark", granularity, "Comprehensive", true, u.Language == prosodyLanguage})
	if err != nil {
		return "", fmt.Errorf("encode the parameters of an assessment: %w", err)
	}
	return string(text), nil
}

// Why the SDK has cancelled a recognition (its CancellationErrorCode).
const (
	authenticationFailure = 1
	badRequest            = 2
	tooManyRequests       = 3
	forbidden             = 4
)

// failure says what a cancelled recognition means for whoever waits. details are the SDK's, for the log.
func failure(code int, details string) error {
	reason := pronunciation.Broken // connection, timeout, service, run time
	switch code {
	case authenticationFailure, forbidden:
		reason = pronunciation.Refused
	case badRequest:
		reason = pronunciation.Rejected
	case tooManyRequests:
		reason = pronunciation.Throttled
	}
	return &pronunciation.Failure{Reason: reason, Cause: fmt.Errorf("the Speech SDK cancelled with code %d: %.200q", code, details)}
}
