package practice

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
)

// Quote is a score that the server has given, as a score_id stands for it.
type Quote struct {
	ID         uuid.UUID
	Score      float64 // 0 to 100
	Recognized string
	Provider   string // who scored: "azure"; empty where the id does not say
}

// ErrScoreOver is what a scores returns for a score_id that was good and is too old.
var ErrScoreOver = errors.New("the score has expired")

// scores is what practice asks of those who give scores.
type scores interface {
	// Quoted returns the score that was given to the player for the sentence under the id. It returns ErrScoreOver for one that is too
	// old, and otherwise an error that says in half a sentence what is wrong with the id.
	Quoted(player uuid.UUID, sentence, scoreID string) (Quote, error)
}

// noScores is for a service where nobody gives scores.
type noScores struct{}

func (noScores) Quoted(uuid.UUID, string, string) (Quote, error) {
	return Quote{}, errors.New("is not known: this server gives no scores")
}

// quotes are the scores that drafts quote, by score_id, and where each of them stands.
type quotes struct {
	scores map[string]Quote
	fields map[uuid.UUID]string // of the request, such as "results[0].score_id"
}

// quoted returns the scores that the drafts quote. It returns fault.Invalid, naming the fields, for what is no score of the player and
// the sentence, and for a score that is quoted twice. One that has expired is left out: phones may send late, and then it is
// their word that counts. Speeches that do not exist are not looked at.
func (s *Service) quoted(ctx context.Context, player uuid.UUID, drafts []Draft, want claimFor) (quotes, error) {
	found := quotes{map[string]Quote{}, map[uuid.UUID]string{}}
	sentences, err := s.quotedSentences(ctx, drafts)
	if err != nil || len(sentences) == 0 {
		return found, err
	}
	var c fault.Check
	for i, d := range drafts {
		for j, r := range d.Results {
			sentence, exists := sentences[r.SpeechID]
			if r.QuotedScore == "" || !exists {
				continue
			}
			field := want.field(i, fmt.Sprintf("results[%d].score_id", j))
			quote, err := s.scores.Quoted(player, sentence, r.QuotedScore)
			if errors.Is(err, ErrScoreOver) {
				continue
			}
			if err != nil {
				c.Addf(field, "%s", err)
				continue
			}
			if first, twice := found.fields[quote.ID]; twice {
				c.Addf(field, "is that of %s, too: a score counts once", first)
				continue
			}
			found.scores[r.QuotedScore], found.fields[quote.ID] = quote, field
		}
	}
	return found, c.Err()
}

// quotedSentences returns the texts of the speeches that exist, or once did, and for which a score is quoted.
func (s *Service) quotedSentences(ctx context.Context, drafts []Draft) (map[uuid.UUID]string, error) {
	var ids []uuid.UUID
	for _, d := range drafts {
		for _, r := range d.Results {
			if r.QuotedScore != "" && !slices.Contains(ids, r.SpeechID) {
				ids = append(ids, r.SpeechID)
			}
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := s.catalogue.SpeechesEver(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read the sentences of quoted scores: %w", err)
	}
	texts := make(map[uuid.UUID]string, len(found))
	for _, speech := range found {
		texts[speech.ID] = speech.Text
	}
	return texts, nil
}

// apply puts the scores where they are quoted, in results that the service owns, and makes the session's average agree with
// them.
func (q quotes) apply(s *Session) {
	taken := false
	for i := range s.Results {
		r := &s.Results[i]
		if quote, ok := q.scores[r.QuotedScore]; ok {
			r.PronunciationScore, r.RecognizedText = &quote.Score, &quote.Recognized
			r.ScoreID, r.ScoreProvider = quote.ID, quote.Provider
			taken = true
		}
		r.QuotedScore = ""
	}
	if taken {
		average := averageScore(s.Results)
		s.AvgPronunciationScore = &average
	}
}

// averageScore is the mean of all scores of the results, of which there is one at least, with one digit after the point, as scores have.
func averageScore(results []Result) float64 {
	sum, n := 0.0, 0
	for _, r := range results {
		if r.PronunciationScore != nil {
			sum += *r.PronunciationScore
			n++
		}
	}
	return math.Round(sum/float64(n)*10) / 10
}

// usedScores says that scores were quoted in an earlier session.
func (q quotes) usedScores(ids []uuid.UUID) error {
	fields := make([]string, len(ids))
	for i, id := range ids {
		fields[i] = q.fields[id]
	}
	slices.Sort(fields)
	return fault.Conflict("a score counts once, and was stored with an earlier game already: %s", strings.Join(fields, ", ")).WithCode("score_id_used")
}
