package azuretest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Wanted are the parameters of an assessment, with the defaults of the documentation where they were not given.
type Wanted struct {
	ReferenceText           string
	GradingSystem           string // FivePoint
	Granularity             string // Phoneme
	Dimension               string // Basic
	EnableMiscue            Flag
	EnableProsodyAssessment Flag
}

// Flag is true or false, as JSON or as a string, as Microsoft's samples have it.
type Flag bool

// UnmarshalJSON takes true, "true" and "True".
func (f *Flag) UnmarshalJSON(raw []byte) error {
	switch strings.ToLower(strings.Trim(string(raw), `"`)) {
	case "true":
		*f = true
	case "false":
		*f = false
	default:
		return fmt.Errorf("%s is neither true nor false", raw)
	}
	return nil
}

var _ json.Unmarshaler = (*Flag)(nil)

// check refuses what the documentation does not have.
func (w *Wanted) check() *Fault {
	for _, p := range []struct {
		name, value string
		allowed     []string
	}{
		{"GradingSystem", w.GradingSystem, []string{"FivePoint", "HundredMark"}},
		{"Granularity", w.Granularity, []string{"Phoneme", "Word", "FullText"}},
		{"Dimension", w.Dimension, []string{"Basic", "Comprehensive"}},
	} {
		if !slices.Contains(p.allowed, p.value) {
			return refuse(http.StatusBadRequest, "Pronunciation-Assessment has an unknown "+p.name)
		}
	}
	return nil
}

// languages are those with pronunciation assessment in the documentation.
var languages = strings.Fields(`ar-EG ar-SA ca-ES da-DK de-DE en-AU en-CA en-GB en-IN en-US es-ES es-MX fi-FI fr-CA fr-FR hi-IN it-IT ja-JP
	ko-KR ms-MY nb-NO nl-NL pl-PL pt-BR pt-PT ru-RU sv-SE ta-IN th-TH vi-VN zh-CN zh-HK zh-TW`)
