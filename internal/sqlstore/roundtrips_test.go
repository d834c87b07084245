package sqlstore

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
)

// wire counts what is sent to the server: pq sends a whole request with one write and then waits for the answer, so
// the writes are the round trips.
type wire struct{ writes atomic.Int64 }

func (w *wire) Dial(network, address string) (net.Conn, error) {
	return w.DialContext(context.Background(), network, address)
}

func (w *wire) DialTimeout(network, address string, _ time.Duration) (net.Conn, error) {
	return w.Dial(network, address)
}

func (w *wire) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	return countingConn{conn, w}, err
}

type countingConn struct {
	net.Conn
	wire *wire
}

func (c countingConn) Write(b []byte) (int, error) {
	c.wire.writes.Add(1)
	return c.Conn.Write(b)
}

// countRoundTrips opens the database at the address with one connection and returns a function that counts the round
// trips of fn.
func countRoundTrips(t *testing.T, address string) (*DB, func(fn func() error) int64) {
	t.Helper()
	connector, err := pq.NewConnector(address)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{}
	connector.Dialer(w)
	db := newPostgres(connector, Config{PoolSize: 1})
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db, func(fn func() error) int64 {
		t.Helper()
		before := w.writes.Load()
		if err := fn(); err != nil {
			t.Error(err)
		}
		return w.writes.Load() - before
	}
}

// world is a little content for tests inside the package.
type world struct {
	user     account.User
	tag      catalog.Tag
	speeches []catalog.Speech
}

var testTime = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func newWorld(tb testing.TB, db *DB, speeches int) world {
	tb.Helper()
	ctx := tb.Context()
	w := world{
		user: account.User{
			ID: uuid.New(), Email: uuid.NewString(), Provider: account.Email, Role: account.Learner,
			CreatedAt: testTime, UpdatedAt: testTime,
		},
		tag: catalog.Tag{ID: uuid.New(), Name: uuid.NewString(), CreatedAt: testTime},
	}
	for range speeches {
		id := uuid.New()
		w.speeches = append(w.speeches, catalog.Speech{
			ID: id, Audio: "audio/A1/" + id.String() + ".mp3", Text: "Where do you live?", Level: "A1", Type: catalog.Question,
			Tags: []catalog.TagRef{{ID: w.tag.ID, Name: w.tag.Name}}, CreatedAt: testTime, UpdatedAt: testTime,
		})
	}
	for _, err := range []error{
		db.Accounts().InsertUser(ctx, w.user),
		db.Catalog().InsertTag(ctx, w.tag),
		db.Catalog().InsertSpeeches(ctx, w.speeches),
	} {
		if err != nil {
			tb.Fatal(err)
		}
	}
	return w
}

func (w world) session() practice.Session {
	score := 88.5
	s := practice.Session{ID: uuid.New(), UserID: w.user.ID, SavedAt: testTime}
	s.Draft = practice.Draft{
		Mode: practice.ListenAndRepeat, Level: "A1", SentenceType: catalog.Question, SelectedTags: []uuid.UUID{w.tag.ID},
		TotalSentences: len(w.speeches), AvgPronunciationScore: &score, DurationSeconds: 60,
		StartedAt: testTime, CompletedAt: testTime,
	}
	for i, sp := range w.speeches {
		s.Results = append(s.Results, practice.Result{
			ID: uuid.New(), SpeechID: sp.ID, SequenceNumber: i + 1, UserResponse: practice.Correct,
			PronunciationScore: &score, ResponseTimeMS: 900,
		})
	}
	return s
}

func (w world) claim(key string) *practice.Claim {
	return &practice.Claim{Key: key, UserID: w.user.ID, At: testTime, StaleBefore: testTime.Add(-time.Hour)}
}

func (w world) ids() []uuid.UUID {
	return convert(w.speeches, func(s catalog.Speech) uuid.UUID { return s.ID })
}

// TestRoundTrips: no call makes a query per row, and saving a session is one round trip.
func TestRoundTrips(t *testing.T) {
	db, count := countRoundTrips(t, postgresTestURL(t))
	w := newWorld(t, db, 50)
	ctx := t.Context()
	one, all := w, w
	one.speeches = w.speeches[:1]
	saved := all.session()
	stranger := all.session()
	stranger.Results[7].SpeechID = uuid.New()
	save := func(s practice.Session, claim *practice.Claim) func() error {
		return func() error {
			_, err := db.Practice().InsertSessions(ctx, []practice.Session{s}, claim)
			return err
		}
	}
	page := paging.Page{Number: 1, Limit: 50}
	for _, test := range []struct {
		name string
		call func() error
		want int64
	}{
		{"save a session of one result", save(one.session(), nil), 1},
		{"save a session of fifty results", save(saved, nil), 1},
		{"save a session with a key", save(all.session(), w.claim("k")), 1},
		{"save a session with missing speeches", save(stranger, w.claim("l")), 1},
		{"save a session with a key that is taken", save(all.session(), w.claim("k")), 2},
		{"read a session", func() error { return errOf(db.Practice().Session(ctx, saved.ID)) }, 2},
		{"list sessions", func() error {
			_, _, err := db.Practice().Sessions(ctx, w.user.ID, practice.HistoryFilter{}, page)
			return err
		}, 2},
		{"read a speech", func() error { return errOf(db.Catalog().Speech(ctx, w.speeches[0].ID)) }, 2},
		{"read fifty speeches", func() error { return errOf(db.Catalog().SpeechesByID(ctx, w.ids())) }, 2},
		{"list speeches", func() error {
			_, _, err := db.Catalog().Speeches(ctx, catalog.SpeechFilter{}, page)
			return err
		}, 3},
		{"search speeches, with a transaction and a word to the planner", func() error {
			_, _, err := db.Catalog().Speeches(ctx, catalog.SpeechFilter{Words: []string{"live"}}, page)
			return err
		}, 6},
		{"list tags", func() error { return errOf(db.Catalog().Tags(ctx)) }, 1},
		{"list users", func() error {
			_, _, err := db.Accounts().Users(ctx, account.UserFilter{}, page)
			return err
		}, 2},
		{"add fifty tags", func() error {
			links := convert(w.speeches, func(s catalog.Speech) importing.TagLink { return importing.TagLink{SpeechID: s.ID, TagID: w.tag.ID} })
			return errOf(db.Importing().AddTags(ctx, links))
		}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := count(test.call); got != test.want {
				t.Errorf("%d round trips, want %d", got, test.want)
			}
		})
	}
}

// TestRoundTripsPrepared: a statement is prepared by one more round trip, once on each connection.
func TestRoundTripsPrepared(t *testing.T) {
	connector, err := newPostgresConnector(Config{URL: postgresTestURL(t)})
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{}
	connector.dial(w)
	db := newPostgres(connector, Config{PoolSize: 1})
	t.Cleanup(func() { _ = db.Close() })
	content := newWorld(t, db, 10)
	for i, want := range []int64{2, 1, 1} {
		s, claim, before := content.session(), content.claim(uuid.NewString()), w.writes.Load()
		if _, err := db.Practice().InsertSessions(t.Context(), []practice.Session{s}, claim); err != nil {
			t.Fatal(err)
		}
		if got := w.writes.Load() - before; got != want {
			t.Errorf("save %d: %d round trips, want %d", i+1, got, want)
		}
	}
}

func errOf[T any](_ T, err error) error { return err }
