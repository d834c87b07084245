package catalog

import (
	"context"
	"fmt"
)

// SpeechCount is the number of speeches of one level and type.
type SpeechCount struct {
	Level    Level
	Type     SentenceType
	Speeches int
}

// CountSpeeches returns how many speeches there are of every level and type, easiest level first, questions before
// answers.
func (s *Service) CountSpeeches(ctx context.Context) ([]SpeechCount, error) {
	found, err := s.store.CountSpeeches(ctx)
	if err != nil {
		return nil, fmt.Errorf("count speeches: %w", err)
	}
	counts := make([]SpeechCount, 0, len(Levels)*len(SentenceTypes))
	for _, level := range Levels {
		for _, typ := range SentenceTypes {
			count := SpeechCount{Level: level, Type: typ}
			for _, f := range found {
				if f.Level == level && f.Type == typ {
					count.Speeches = f.Speeches
				}
			}
			counts = append(counts, count)
		}
	}
	return counts, nil
}
