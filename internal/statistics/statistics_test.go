package statistics_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/statistics"
)

var (
	errDown = errors.New("the database is down")
	noon    = time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC)
)

// fakes are the three services that count. The fail-th call of all is the one that fails; 0 is none.
type fakes struct {
	calls, fail int
	since       []time.Time
}

func (f *fakes) err() error {
	f.calls++
	if f.calls == f.fail {
		return errDown
	}
	return nil
}

func (f *fakes) CountSpeeches(context.Context) ([]catalog.SpeechCount, error) {
	return []catalog.SpeechCount{{Level: "A1", Type: catalog.Question, Speeches: 3}, {Level: "A1", Type: catalog.Answer, Speeches: 4}}, f.err()
}

func (f *fakes) AllTags(context.Context) ([]catalog.Tag, error) {
	return []catalog.Tag{{Name: "Food"}, {Name: "Travel"}}, f.err()
}

func (f *fakes) Users(_ context.Context, filter account.UserFilter, _ paging.Page) ([]account.User, int, error) {
	if filter.Role == account.Admin {
		return nil, 5, f.err()
	}
	return nil, 60, f.err()
}

func (f *fakes) CountSince(_ context.Context, since time.Time) (int, error) {
	f.since = append(f.since, since)
	if since.IsZero() {
		return 800, f.err()
	}
	return 70, f.err()
}

func count(t *testing.T, f *fakes) (statistics.Statistics, error) {
	t.Helper()
	return statistics.New(f, f, f, nil, "", func() time.Time { return noon }).Count(t.Context())
}

func TestCount(t *testing.T) {
	f := &fakes{}
	got, err := count(t, f)
	want := statistics.Statistics{
		Speeches:   7,
		SpeechesBy: []catalog.SpeechCount{{Level: "A1", Type: catalog.Question, Speeches: 3}, {Level: "A1", Type: catalog.Answer, Speeches: 4}},
		Tags:       2, Users: 60, Admins: 5, Sessions: 800, RecentSessions: 70,
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Fatal(err, diff)
	}
	if diff := cmp.Diff([]time.Time{{}, noon.AddDate(0, 0, -7)}, f.since); diff != "" {
		t.Errorf("games were counted since (-want +got):\n%s", diff)
	}
}

// TestCountFails: half of the numbers are none.
func TestCountFails(t *testing.T) {
	for fail := 1; fail <= 6; fail++ {
		got, err := count(t, &fakes{fail: fail})
		if diff := cmp.Diff(statistics.Statistics{}, got); !errors.Is(err, errDown) || diff != "" {
			t.Errorf("call %d fails: %v %s", fail, err, diff)
		}
	}
}
