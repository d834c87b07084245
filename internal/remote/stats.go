package remote

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/englishapp/englishctl/internal/statistics"
	"github.com/englishapp/englishctl/internal/statistics/statsjson"
)

// Stats has the methods of statistics.Service.
type Stats struct{ client *client }

// Count is statistics.Service.Count.
func (s *Stats) Count(ctx context.Context) (statistics.Statistics, error) {
	var told statsjson.Statistics
	err := s.client.do(ctx, call{method: http.MethodGet, path: "/admin/stats"}, &told)
	return told.Statistics(), err
}

// Dashboard is statistics.Service.Dashboard.
func (s *Stats) Dashboard(ctx context.Context, period int) (statistics.Dashboard, error) {
	var told statsjson.Dashboard
	query := url.Values{"days": {strconv.Itoa(period)}}
	err := s.client.do(ctx, call{method: http.MethodGet, path: "/admin/dashboard", query: query}, &told)
	return told.Dashboard(), err
}
