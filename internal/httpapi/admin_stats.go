package httpapi

import (
	"net/http"

	"github.com/englishapp/englishctl/internal/statistics/statsjson"
)

func (a *API) showStats(w http.ResponseWriter, r *http.Request) error {
	counts, err := a.stats.Count(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, statsjson.NewStatistics(counts))
}
