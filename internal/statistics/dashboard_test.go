package statistics_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/statistics"
)

// notes is a store that notes what is asked of it. The fail-th call of all is the one that fails; 0 is none. What a real one makes of it
// all is for the tests of package sqlstore.
type notes struct {
	calls   []string
	fail    int
	busy    bool
	marked  statistics.Marked
	tallies []statistics.Tally
	ranked  []statistics.Ranking
	rollUp  statistics.RollUp
	added   []statistics.Endpoint
}

func (n *notes) note(call string) error {
	n.calls = append(n.calls, call)
	if len(n.calls) == n.fail {
		return errDown
	}
	return nil
}

func (n *notes) Claim(_ context.Context, _ statistics.Lease, now, due time.Time) (bool, error) {
	return !n.busy, n.note("claim " + now.Sub(due).String())
}

func (n *notes) Mark(_ context.Context, _ statistics.Lease, w statistics.Window) (statistics.Marked, error) {
	return n.marked, n.note("mark " + string(w.First) + " to " + string(w.Last))
}

func (n *notes) CountDay(_ context.Context, day statistics.Date) (statistics.DayCount, error) {
	return statistics.DayCount{Date: day}, n.note("count " + string(day))
}

func (n *notes) SaveDay(_ context.Context, _ statistics.Lease, c statistics.DayCount) error {
	return n.note("save " + string(c.Date))
}

func (n *notes) CountLearners(_ context.Context, from, to statistics.Date) (int, error) {
	return 1, n.note("learners " + string(from) + " to " + string(to))
}

func (n *notes) EachTally(_ context.Context, since []statistics.Date, last statistics.Date, row func(statistics.Tally)) error {
	for _, t := range n.tallies {
		row(t)
	}
	return n.note("tally " + string(since[0]) + " " + string(since[1]) + " " + string(since[2]) + " to " + string(last))
}

func (n *notes) SaveRankings(_ context.Context, _ statistics.Lease, ranked []statistics.Ranking, _ time.Time, _ time.Duration) error {
	n.ranked = ranked
	return n.note("rank")
}

func (n *notes) SaveLearners(context.Context, statistics.Lease, int, int) error {
	return n.note("save learners")
}

func (n *notes) Finish(context.Context, statistics.Lease, time.Time) error { return n.note("finish") }

func (n *notes) Release(context.Context, statistics.Lease) error { return n.note("release") }

func (n *notes) RollUp(_ context.Context, from, to statistics.Date, _ int) (statistics.RollUp, error) {
	return n.rollUp, n.note("read " + string(from) + " to " + string(to))
}

func (n *notes) AddRequests(_ context.Context, day statistics.Date, added []statistics.Endpoint) error {
	n.added = append(n.added, added...)
	return n.note("add " + string(day))
}

func service(n *notes) *statistics.Service {
	f := &fakes{}
	return statistics.New(f, f, f, n, "test", func() time.Time { return noon })
}

// TestRefresh: what is done, in which order; nothing is counted again without need.
func TestRefresh(t *testing.T) {
	whole := []string{
		"claim 1m0s", "mark 2025-12-09 to 2026-03-08", "count 2026-03-08", "save 2026-03-08", "count 2026-03-01", "save 2026-03-01",
		"tally 2025-12-09 2026-02-07 2026-03-02 to 2026-03-08", "rank", "learners 2026-03-02 to 2026-03-08", "learners 2026-02-07 to 2026-03-08",
		"save learners", "finish",
	}
	without := func(gone ...string) []string {
		return slices.DeleteFunc(slices.Clone(whole), func(call string) bool { return slices.Contains(gone, call) })
	}
	days := []statistics.Date{"2026-03-08", "2026-03-01"}
	for name, tt := range map[string]struct {
		marked statistics.Marked
		want   []string
	}{
		"two days":         {statistics.Marked{Days: days}, whole},
		"nothing has come": {statistics.Marked{}, []string{whole[0], whole[1], "finish"}},
		"a ranking took ten seconds, 16 minutes ago": {
			statistics.Marked{Days: days, RankedAt: noon.Add(-16 * time.Minute), RankingTook: 10 * time.Second}, without(whole[6], "rank"),
		},
		"… 17 minutes ago": {statistics.Marked{Days: days, RankedAt: noon.Add(-17 * time.Minute), RankingTook: 10 * time.Second}, whole},
		"it took an age, an hour ago": {
			statistics.Marked{Days: days, RankedAt: noon.Add(-time.Hour), RankingTook: time.Hour}, whole,
		},
		"the last one broke off": {
			statistics.Marked{RankingDue: true, LearnersDue: true}, without(whole[2], whole[3], whole[4], whole[5]),
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := &notes{marked: tt.marked}
			if done, err := service(n).Refresh(t.Context(), time.Minute); !done || err != nil {
				t.Fatal(done, err)
			}
			if diff := cmp.Diff(tt.want, n.calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRefreshFails: whatever fails, the lease is given back.
func TestRefreshFails(t *testing.T) {
	for fail := 1; fail <= 12; fail++ {
		n := &notes{fail: fail, marked: statistics.Marked{Days: []statistics.Date{"2026-03-08", "2026-03-01"}}}
		done, err := service(n).Refresh(t.Context(), 0)
		if done || !errors.Is(err, errDown) {
			t.Errorf("call %d fails: %v, %v", fail, done, err)
		}
		if last := n.calls[len(n.calls)-1]; fail > 1 && last != "release" {
			t.Errorf("call %d fails, and the last one is %s", fail, last)
		}
	}
	n := &notes{busy: true}
	if done, err := service(n).Refresh(t.Context(), 0); done || err != nil || len(n.calls) != 1 {
		t.Errorf("somebody else is at it: %v, %v, %v", done, err, n.calls)
	}
}

// TestRanking: no average is of two sources or of few scores, wrong answers are of all, and a list holds no more than it needs.
func TestRanking(t *testing.T) {
	n := &notes{marked: statistics.Marked{RankingDue: true}}
	count := func(attempts, incorrect int, sum float64) statistics.TallyCount {
		return statistics.TallyCount{Attempts: attempts, Incorrect: incorrect, Sum: sum}
	}
	all := func(c statistics.TallyCount) []statistics.TallyCount { return []statistics.TallyCount{c, c, {}} } // none in the last week
	for i := range 30 {
		id := uuid.UUID{15: byte(i)}
		n.tallies = append(n.tallies,
			statistics.Tally{SpeechID: id, Source: "", Counts: all(count(2, 1, 0))},
			statistics.Tally{SpeechID: id, Source: "azure", Counts: all(count(5, i%3, float64(5*(99-i))))},
			statistics.Tally{SpeechID: id, Source: "offline", Counts: all(count(4, 0, 0))})
	}
	if _, err := service(n).Refresh(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	type line struct {
		Period, Place, Speech, Attempts, Incorrect int
		Measure                                    statistics.Measure
		Source                                     string
		Average                                    float64
	}
	var got []line
	for _, r := range n.ranked {
		l := line{r.Period, r.Place, int(r.SpeechID[15]), r.Attempts, r.Incorrect, r.Measure, r.Source, -1}
		if r.Average != nil {
			l.Average = *r.Average
		}
		if r.Place <= 2 || r.Place > 19 {
			got = append(got, l)
		}
	}
	var want []line
	for _, period := range []int{30, 90} {
		want = append(want,
			line{period, 1, 2, 11, 3, statistics.ByIncorrect, "", -1}, line{period, 2, 5, 11, 3, statistics.ByIncorrect, "", -1},
			line{period, 20, 28, 11, 2, statistics.ByIncorrect, "", -1},
			line{period, 1, 29, 5, 2, statistics.ByScore, "azure", 70}, line{period, 2, 28, 5, 1, statistics.ByScore, "azure", 71},
			line{period, 20, 10, 5, 1, statistics.ByScore, "azure", 89})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ranked (-want +got):\n%s", diff)
	}
}

func TestDashboardRefuses(t *testing.T) {
	for _, period := range []int{0, -7, 8, 365} {
		if _, err := service(&notes{}).Dashboard(t.Context(), period); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%d days: %v", period, err)
		}
	}
	if _, err := service(&notes{fail: 1}).Dashboard(t.Context(), 7); !errors.Is(err, errDown) {
		t.Error(err)
	}
	f := &fakes{fail: 1}
	if _, err := statistics.New(f, f, f, &notes{}, "", func() time.Time { return noon }).Dashboard(t.Context(), 7); !errors.Is(err, errDown) {
		t.Error(err)
	}
}

// TestPendingDays: a day that nobody has counted yet is no day without games.
func TestPendingDays(t *testing.T) {
	n := &notes{rollUp: statistics.RollUp{Days: []statistics.DayCount{{Date: "2026-03-08", Sessions: 2, Seconds: 61, Learners: 1}}}}
	d, err := service(n).Dashboard(t.Context(), 7)
	if err != nil || d.Pending != 6 || len(d.Days) != 7 || d.Days[6].Sessions != 2 || *d.AverageSeconds != 30.5 || d.LearnersToday != 1 || !d.RefreshedAt.IsZero() {
		t.Errorf("%+v, %v", d, err)
	}
}

// TestRequests: what could not be stored comes with the next.
func TestRequests(t *testing.T) {
	var q statistics.Requests
	n := &notes{fail: 1}
	s := service(n)
	for _, status := range []int{200, 304, 400, 499, 500, 0} {
		q.Add("GET", "/b", status)
	}
	q.Add("GET", "/a", 200)
	if err := s.AddRequests(t.Context(), &q); !errors.Is(err, errDown) {
		t.Error(err)
	}
	n.added = nil
	q.Add("GET", "/b", 503)
	for range 2 { // the second time there is nothing
		if err := s.AddRequests(t.Context(), &q); err != nil {
			t.Error(err)
		}
	}
	want := []statistics.Endpoint{{Method: "GET", Route: "/a", Requests: 1}, {Method: "GET", Route: "/b", Requests: 7, ClientErrors: 2, ServerErrors: 3}}
	if diff := cmp.Diff(want, n.added); diff != "" || len(n.calls) != 2 {
		t.Errorf("added in %d calls (-want +got):\n%s", len(n.calls), diff)
	}
}

func TestDates(t *testing.T) {
	east := time.FixedZone("", 7*3600)
	if d := statistics.DateOf(time.Date(2026, 3, 1, 6, 59, 0, 0, east)); d != "2026-02-28" || d.Add(1) != "2026-03-01" {
		t.Error(d)
	}
	if !statistics.Date("soon").Begin().IsZero() {
		t.Error("no date begins")
	}
}
