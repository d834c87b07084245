package seeding

import (
	"math"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/practice"
)

// The shape of a seed's games.
const (
	minResults, maxResults = 5, 20
	// historyDays is how many days before Request.Until games were played.
	historyDays = 90
	// listening is how long a learner hears a sentence before the answer is timed.
	listening = 4 * time.Second
	// sendDelay is how long after its end a game reaches the server.
	sendDelay = time.Second
)

// session returns number i of the games that the request asks for. The games go round the learners; the speeches are those of
// one level and type, one after the other from an accidental place. tags are the ids that the tags of the seed have here; one
// that is not among them has been deleted.
func (r Request) session(i int, tags map[uuid.UUID]uuid.UUID) practice.Session {
	s := seed(r.Seed)
	d := s.dice("session", i)
	kinds := len(grammars())
	turn := d.below(min(kinds, r.Speeches))
	places := (r.Speeches - turn + kinds - 1) / kinds // how many speeches there are of the level and type
	first, skill := d.below(places), d.between(50, 95)
	session := practice.Session{ID: s.id(Sessions, i), UserID: s.id(Users, i%r.Users)}
	session.Mode = practice.Modes[d.below(len(practice.Modes))]
	session.Level, session.SentenceType = grammars()[turn].level, grammars()[turn].typ
	session.TotalSentences = d.between(minResults, maxResults)
	for k := range session.TotalSentences {
		speech := s.speech((first+k)%places*kinds + turn)
		result := played(d, session.Mode, skill, speech.Text)
		result.ID, result.SpeechID, result.SequenceNumber = s.resultID(i, k), speech.ID, k+1
		if result.PronunciationScore != nil && i%2 == 0 { // the other half of the games has scores that apps report
			result.ScoreID = result.ID
		}
		session.Results = append(session.Results, result)
		if tag, here := tags[speech.Tags[0].ID]; here {
			session.SelectedTags = appendNew(session.SelectedTags, tag)
		}
	}
	return timed(summed(session), r.Until.Add(-time.Duration(d.below(historyDays*24*3600))*time.Second))
}

func (s seed) resultID(session, result int) uuid.UUID {
	return idAt(session, s.digest("result", session*(maxResults+1)+result))
}

func appendNew(ids []uuid.UUID, id uuid.UUID) []uuid.UUID {
	for _, known := range ids {
		if known == id {
			return ids
		}
	}
	return append(ids, id)
}

// played is what a learner who is right skill times in a hundred does with a sentence.
func played(d dice, mode practice.Mode, skill int, text string) practice.Result {
	r := practice.Result{UserResponse: practice.Correct, ResponseTimeMS: d.between(1200, 9000)}
	switch luck := d.below(100); {
	case luck >= 97:
		r.UserResponse = practice.Skipped
		return r
	case luck >= skill:
		r.UserResponse = practice.Incorrect
	}
	if mode == practice.ListenOnly {
		return r
	}
	score := float64(d.between(skill*10-250, min(skill*10+150, 1000))) / 10
	if r.UserResponse == practice.Incorrect {
		_, text, _ = strings.Cut(text, " ") // the beginning went unheard
		score -= 20
	}
	r.PronunciationScore, r.RecognizedText = &score, &text
	return r
}

// summed returns the session with the counts of its results.
func summed(s practice.Session) practice.Session {
	streak, scored, sum := 0, 0, 0.0
	for _, r := range s.Results {
		streak++
		if r.UserResponse != practice.Correct {
			streak = 0
		} else {
			s.CorrectCount++
		}
		s.MaxStreak = max(s.MaxStreak, streak)
		if r.PronunciationScore != nil {
			scored++
			sum += *r.PronunciationScore
		}
	}
	if scored > 0 {
		average := math.Round(sum/float64(scored)*100) / 100
		s.AvgPronunciationScore = &average
	}
	return s
}

// timed returns the session as one that ended at that time.
func timed(s practice.Session, end time.Time) practice.Session {
	var lasted time.Duration
	for _, r := range s.Results {
		lasted += listening + time.Duration(r.ResponseTimeMS)*time.Millisecond
	}
	s.StartedAt, s.CompletedAt, s.SavedAt = end.Add(-lasted), end, end.Add(sendDelay)
	s.DurationSeconds = int(lasted / time.Second)
	return s
}
