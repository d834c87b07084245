package httpapi

import (
	"net/http"

	"github.com/englishapp/englishctl/internal/statistics"
	"github.com/englishapp/englishctl/internal/statistics/statsjson"
)

func (a *API) showDashboard(w http.ResponseWriter, r *http.Request) error {
	q := parseQuery(r)
	period := q.number("days", statistics.DefaultPeriod)
	if err := q.err(); err != nil {
		return err
	}
	d, err := a.stats.Dashboard(r.Context(), period)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, statsjson.NewDashboard(d))
}
