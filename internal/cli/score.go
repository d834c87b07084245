package cli

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/englishapp/englishctl/internal/app"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

// scoreItem is what -o json prints; the names are those of the API.
type scoreItem struct {
	Recognized    string          `json:"recognized_text"`
	Pronunciation float64         `json:"pronunciation_score"`
	Accuracy      *float64        `json:"accuracy_score"`
	Fluency       *float64        `json:"fluency_score"`
	Completeness  *float64        `json:"completeness_score"`
	Prosody       *float64        `json:"prosody_score"`
	Confidence    *float64        `json:"confidence"`
	Words         []wordScoreItem `json:"word_scores"`
	Provider      string          `json:"provider"`
	Estimate      bool            `json:"estimate"`
}

type wordScoreItem struct {
	Word  string  `json:"word"`
	Score float64 `json:"score"`
	Band  string  `json:"band,omitempty"`
	Error string  `json:"error_type,omitempty"`
}

func newScore(e *env) *cobra.Command {
	var output outputOptions
	var r pronunciation.Recording
	cmd := &cobra.Command{
		Use:   "score FILE",
		Short: "Score how a sentence is read aloud in a recording",
		Long: `Score how a sentence is read aloud in a recording (MP3, WAV or M4A; where
AUDIO_DECODER_WASM names the full decoder also OGG, WebM and AMR; 0.3 to 30
seconds), as the daemon does for learners, with the provider that the settings
name: Azure where AZURE_SPEECH_KEY is set, else the acoustic model of this
machine ("englishctl model install"); SPEECH_PROVIDER chooses. It also shows
whether they work. It needs no database, and keeps nothing. Signed in to a
daemon, or with --server, the daemon scores, with its own settings; --server
local tries those of this machine.

A word's error is mispronunciation, omission (not said), insertion (not in the
text), unexpected_break, missing_break or monotone. What cannot be scored, such
as a silent recording, is exit code 3; a provider that does not answer is 1.`,
		Example: `  englishctl score recordings/one.mp3 --text "Do you like spicy food?"
  englishctl score recordings/one.mp3 --text "Do you like spicy food?" \
    --language en-GB -o json`,
		Args: exactlyOne("the file of a recording"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if err := output.check(); err != nil {
				return err
			}
			if r.Content, err = readUpTo(args[0], pronunciation.MaxRecordingBytes+1); err != nil {
				return unreadable(args[0], err)
			}
			assessment, err := e.score(cmd, r)
			if err != nil {
				return err
			}
			return e.printScore(output, assessment)
		},
	}
	cmd.Flags().StringVar(&r.Text, "text", "", "the sentence that is read")
	cmd.Flags().StringVar(&r.Language, "language", pronunciation.DefaultLanguage, "the language and accent to score against")
	_ = cmd.MarkFlagRequired("text")
	output.register(cmd, scoreColumns)
	return cmd
}

// printScore says what was heard, and prints the scores.
func (e *env) printScore(output outputOptions, a pronunciation.Assessment) error {
	e.sayf("heard: %s\n", visible(a.Recognized))
	if a.Estimate {
		e.sayf("an estimate by the provider %s: not to be compared with scores of another one\n", a.Provider)
	}
	return output.print(e.Stdout, scoreListing(newScoreItem(a)))
}

// score scores a recording here, without a database, or at a daemon.
func (e *env) score(cmd *cobra.Command, r pronunciation.Recording) (pronunciation.Assessment, error) {
	cfg, settings, err := e.load(cmd)
	if err != nil {
		return pronunciation.Assessment{}, err
	}
	server, err := e.server(cfg, settings)
	if err != nil {
		return pronunciation.Assessment{}, err
	}
	if server != "" {
		var a pronunciation.Assessment
		err := e.withServer(cmd.Context(), cfg, server, func(ctx context.Context, s services) (err error) {
			a, err = s.Scores.Score(ctx, r)
			return err
		})
		return a, err
	}
	if err := cfg.ValidateForScoring(); err != nil {
		return pronunciation.Assessment{}, &usageError{err}
	}
	scores, err := app.OpenScores(cfg, e.logger(cfg))
	if err != nil {
		return pronunciation.Assessment{}, err
	}
	return scores.Score(cmd.Context(), r)
}

func newScoreItem(a pronunciation.Assessment) scoreItem {
	item := scoreItem{
		Recognized: a.Recognized, Pronunciation: a.Pronunciation, Accuracy: a.Accuracy, Fluency: a.Fluency, Completeness: a.Completeness,
		Prosody: a.Prosody, Confidence: a.Confidence, Words: make([]wordScoreItem, len(a.Words)), Provider: a.Provider,
		Estimate: a.Estimate,
	}
	for i, w := range a.Words {
		item.Words[i] = wordScoreItem{w.Text, w.Score, string(w.Band), string(w.Error)}
	}
	return item
}

var scoreColumns = []string{"what", "score", "bar", "band", "error"}

func scoreListing(s scoreItem) listing {
	l := listing{columns: scoreColumns, numbers: []string{"score"}, items: s}
	add := func(what string, score float64, band, wrong string) {
		l.rows = append(l.rows, []string{what, strconv.FormatFloat(math.Round(score*10)/10, 'f', -1, 64), scoreBar(score), band, wrong})
	}
	add("pronunciation", s.Pronunciation, "", "")
	for _, part := range []struct {
		what  string
		score *float64
	}{{"accuracy", s.Accuracy}, {"fluency", s.Fluency}, {"completeness", s.Completeness}, {"prosody", s.Prosody}} {
		if part.score != nil {
			add(part.what, *part.score, "", "")
		}
	}
	for _, w := range s.Words {
		add(fmt.Sprintf("word '%s'", w.Word), w.Score, w.Band, w.Error)
	}
	return l
}

// scoreBar draws a score from 0 to 100 in twenty columns.
func scoreBar(score float64) string { return strings.Repeat("#", int(math.Round(score/5))) }
