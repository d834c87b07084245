package remote

import (
	"context"
	"net/http"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/statistics"
)

// Stats has the methods of statistics.Service.
type Stats struct{ client *client }

type countAnswer struct {
	Level    catalog.Level        `json:"level"`
	Type     catalog.SentenceType `json:"type"`
	Speeches int                  `json:"speeches"`
}

func (a countAnswer) count() catalog.SpeechCount { return catalog.SpeechCount(a) }

// Count is statistics.Service.Count.
func (s *Stats) Count(ctx context.Context) (statistics.Statistics, error) {
	var a struct {
		Speeches       int           `json:"speeches"`
		SpeechesBy     []countAnswer `json:"speeches_by_level_and_type"`
		Tags           int           `json:"tags"`
		Users          int           `json:"users"`
		Admins         int           `json:"admins"`
		Sessions       int           `json:"sessions"`
		RecentSessions int           `json:"sessions_last_7_days"`
	}
	err := s.client.do(ctx, call{method: http.MethodGet, path: "/admin/stats"}, &a)
	return statistics.Statistics{
		Speeches: a.Speeches, SpeechesBy: each(a.SpeechesBy, countAnswer.count), Tags: a.Tags,
		Users: a.Users, Admins: a.Admins, Sessions: a.Sessions, RecentSessions: a.RecentSessions,
	}, err
}
