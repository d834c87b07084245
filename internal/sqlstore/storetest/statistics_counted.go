package storetest

import (
	"cmp"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/statistics"
)

// check compares the roll-ups of all periods with what the test counts.
func (s *school) check(what string) {
	s.t.Helper()
	for _, period := range statistics.Periods {
		equal(s.t, what, s.dashboard(period), s.counted(period))
	}
}

// counted counts a period from nothing but the games and accounts.
func (s *school) counted(period int) statistics.Dashboard {
	today := statistics.DateOf(s.now)
	d := statistics.Dashboard{Period: period, From: today.Add(1 - period), To: today, RefreshedAt: s.now}
	seconds := 0
	for date := d.From; date <= today; date = date.Add(1) {
		day := statistics.Day{Date: date}
		learners, lasted := map[uuid.UUID]bool{}, 0
		for _, u := range s.users {
			if statistics.DateOf(u.CreatedAt) == date {
				day.NewUsers++
			}
		}
		for _, game := range s.within(date, date) {
			day.Sessions++
			lasted += game.DurationSeconds
			learners[game.UserID] = true
		}
		day.Learners, day.AverageSeconds = len(learners), mean(float64(lasted), day.Sessions)
		d.Days = append(d.Days, day)
		d.NewUsers += day.NewUsers
		d.Sessions += day.Sessions
		seconds += lasted
	}
	d.AverageSeconds = mean(float64(seconds), d.Sessions)
	d.LearnersToday, d.LearnersWeek, d.LearnersMonth = s.learners(1), s.learners(7), s.learners(30)
	d.Scores, d.Hardest, d.MostIncorrect = s.scored(d.From, today)
	return d
}

func (s *school) within(from, to statistics.Date) []practice.Session {
	var games []practice.Session
	for _, game := range s.sessions {
		if date := statistics.DateOf(game.CompletedAt); from <= date && date <= to {
			games = append(games, game)
		}
	}
	return games
}

func (s *school) learners(days int) int {
	seen := map[uuid.UUID]bool{}
	today := statistics.DateOf(s.now)
	for _, game := range s.within(today.Add(1-days), today) {
		seen[game.UserID] = true
	}
	return len(seen)
}

// scored counts scores and answers.
func (s *school) scored(from, to statistics.Date) (scores []statistics.Scores, hardest []statistics.Hardest, wrong []statistics.Sentence) {
	for _, source := range []string{"azure", statistics.FromClient, "offline", statistics.FromServer} {
		of, sentences := s.scoredBy(source, from, to)
		if of.Results > 0 {
			scores = append(scores, of)
		}
		if len(sentences) > 0 {
			hardest = append(hardest, statistics.Hardest{Source: source, Sentences: sentences})
		}
	}
	return scores, hardest, s.mostIncorrect(from, to)
}

// scoredBy counts the scores of one source, and ranks the sentences that it has scored often enough.
func (s *school) scoredBy(source string, from, to statistics.Date) (statistics.Scores, []statistics.Sentence) {
	scores := statistics.Scores{Source: source, Buckets: make([]int, 10)}
	var sentences []statistics.Sentence
	all, exact := 0.0, map[uuid.UUID]float64{}
	for _, speech := range s.speeches {
		sentence, sum := sentenceOf(speech), 0.0
		for _, r := range s.answers(speech, from, to) {
			if r.PronunciationScore == nil || sourceOf(r) != source {
				continue
			}
			scores.Results++
			scores.Buckets[min(9, int(*r.PronunciationScore/10))]++
			sum += *r.PronunciationScore
			count(&sentence, r)
		}
		all += sum
		exact[speech.ID] = sum / float64(sentence.Attempts)
		if sentence.Average = mean(sum, sentence.Attempts); sentence.Attempts >= statistics.MinAttempts && speech.DeletedAt == nil {
			sentences = append(sentences, sentence)
		}
	}
	if scores.Results > 0 {
		scores.Average = *mean(all, scores.Results)
	}
	slices.SortStableFunc(sentences, func(a, b statistics.Sentence) int {
		return cmp.Or(cmp.Compare(exact[a.SpeechID], exact[b.SpeechID]), cmp.Compare(b.Attempts, a.Attempts))
	})
	return scores, sentences[:min(len(sentences), 10)]
}

// mostIncorrect ranks the sentences that were answered wrongly.
func (s *school) mostIncorrect(from, to statistics.Date) []statistics.Sentence {
	var wrong []statistics.Sentence
	for _, speech := range s.speeches {
		sentence := sentenceOf(speech)
		for _, r := range s.answers(speech, from, to) {
			count(&sentence, r)
		}
		if sentence.Incorrect > 0 && speech.DeletedAt == nil {
			wrong = append(wrong, sentence)
		}
	}
	slices.SortStableFunc(wrong, func(a, b statistics.Sentence) int {
		return cmp.Or(cmp.Compare(b.Incorrect, a.Incorrect), cmp.Compare(a.Attempts, b.Attempts))
	})
	return wrong[:min(len(wrong), 10)]
}

func sentenceOf(speech catalog.Speech) statistics.Sentence {
	return statistics.Sentence{SpeechID: speech.ID, Text: speech.Text, Level: speech.Level, Type: speech.Type}
}

// count counts an answer to a sentence.
func count(sentence *statistics.Sentence, r practice.Result) {
	sentence.Attempts++
	if r.UserResponse == practice.Incorrect {
		sentence.Incorrect++
	}
}

func (s *school) answers(speech catalog.Speech, from, to statistics.Date) []practice.Result {
	var all []practice.Result
	for _, game := range s.within(from, to) {
		for _, r := range game.Results {
			if r.SpeechID == speech.ID {
				all = append(all, r)
			}
		}
	}
	return all
}

func sourceOf(r practice.Result) string {
	if r.ScoreID == uuid.Nil {
		return statistics.FromClient
	}
	return cmp.Or(r.ScoreProvider, statistics.FromServer)
}

func mean(sum float64, n int) *float64 {
	if n == 0 {
		return nil
	}
	return ptr(math.Round(sum/float64(n)*10) / 10)
}
