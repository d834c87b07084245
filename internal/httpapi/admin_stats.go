package httpapi

import (
	"net/http"

	"github.com/englishapp/englishctl/internal/catalog"
)

type statsResponse struct {
	Speeches       int                   `json:"speeches"`
	SpeechesBy     []speechCountResponse `json:"speeches_by_level_and_type"`
	Tags           int                   `json:"tags"`
	Users          int                   `json:"users"`
	Admins         int                   `json:"admins"`
	Sessions       int                   `json:"sessions"`
	RecentSessions int                   `json:"sessions_last_7_days"`
}

type speechCountResponse struct {
	Level    catalog.Level        `json:"level"`
	Type     catalog.SentenceType `json:"type"`
	Speeches int                  `json:"speeches"`
}

func newSpeechCount(c catalog.SpeechCount) speechCountResponse { return speechCountResponse(c) }

func (a *API) showStats(w http.ResponseWriter, r *http.Request) error {
	counts, err := a.stats.Count(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, statsResponse{
		Speeches: counts.Speeches, SpeechesBy: list(counts.SpeechesBy, newSpeechCount), Tags: counts.Tags, Users: counts.Users,
		Admins: counts.Admins, Sessions: counts.Sessions, RecentSessions: counts.RecentSessions,
	})
}
