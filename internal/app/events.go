package app

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/pronunciation"
	"github.com/englishapp/englishctl/internal/telemetry"
)

// countedAccounts counts who comes in, by the way they came ("password", "google", …).
type countedAccounts struct {
	*account.Service
	registrations func(n float64, values ...string)
	signIns       func(n float64, values ...string)
}

func newCountedAccounts(s *account.Service, m *telemetry.Metrics) countedAccounts {
	return countedAccounts{
		Service:       s,
		registrations: m.Counters("registrations_total", "Accounts that learners have made, by provider (password, google, apple, facebook).", "provider"),
		signIns: m.Counters("sign_ins_total", "Sign-ins of learners, by provider and result (ok, or the kind of the refusal).",
			"provider", "result"),
	}
}

const byPassword = "password"

// Register implements httpapi's accounts.
func (c countedAccounts) Register(ctx context.Context, r account.Registration) (account.SignedIn, error) {
	in, err := c.Service.Register(ctx, r)
	if err == nil {
		c.registrations(1, byPassword)
	}
	return in, err
}

// Login implements httpapi's accounts.
func (c countedAccounts) Login(ctx context.Context, email, password string) (account.SignedIn, error) {
	in, err := c.Service.Login(ctx, email, password)
	c.signIns(1, byPassword, resultOf(err))
	return in, err
}

// SocialLogin implements httpapi's accounts.
func (c countedAccounts) SocialLogin(ctx context.Context, l account.SocialLogin) (account.SignedIn, error) {
	began := time.Now().Truncate(time.Microsecond) // as exactly as accounts remember when they were made
	in, err := c.Service.SocialLogin(ctx, l)
	if err != nil {
		// What was refused may have named any provider at all; the label must stay one of a few.
		c.signIns(1, "social", resultOf(err))
		return in, err
	}
	c.signIns(1, string(l.Provider), resultOf(nil))
	if !in.User.CreatedAt.Before(began) {
		c.registrations(1, string(l.Provider))
	}
	return in, nil
}

// countedSessions counts the sessions that are stored. It stands below practice.Service, which alone knows a session that
// was sent again from a new one.
type countedSessions struct {
	practice.Store
	saved    func(n float64, values ...string)
	results  func(n float64, values ...string)
	lasted   func(seconds float64, values ...string)
	averages func(score float64, values ...string)
}

// sessionSeconds are bounds of how long games last: seconds to an hour.
var sessionSeconds = []float64{30, 60, 120, 300, 600, 900, 1800, 3600}

// scorePoints are bounds of scores, which are 0 to 100.
var scorePoints = []float64{10, 20, 30, 40, 50, 60, 70, 80, 90, 100}

func newCountedSessions(s practice.Store, m *telemetry.Metrics) countedSessions {
	return countedSessions{
		Store:    s,
		saved:    m.Counters("sessions_saved_total", "Game sessions that were stored, by mode.", "mode"),
		results:  m.Counters("session_results_total", "Results of single sentences that were stored with them, by mode.", "mode"),
		lasted:   m.Histogram("session_duration_seconds", "How long the stored sessions lasted, as their players' phones say, by mode.", sessionSeconds, "mode"),
		averages: m.Histogram("session_score_points", "Average pronunciation scores, 0 to 100, of the stored sessions that have one.", scorePoints),
	}
}

// InsertSessions implements practice.Store.
func (c countedSessions) InsertSessions(ctx context.Context, sessions []practice.Session, claim *practice.Claim) (practice.Outcome, error) {
	outcome, err := c.Store.InsertSessions(ctx, sessions, claim)
	if err != nil || outcome.Earlier != nil || len(outcome.Missing) > 0 || len(outcome.Used) > 0 {
		return outcome, err
	}
	for _, s := range sessions {
		mode := string(s.Mode)
		c.saved(1, mode)
		c.results(float64(len(s.Results)), mode)
		c.lasted(float64(s.DurationSeconds), mode)
		if s.AvgPronunciationScore != nil {
			c.averages(*s.AvgPronunciationScore)
		}
	}
	return outcome, nil
}

// countedScores counts the scores that learners are given.
type countedScores struct {
	*pronunciation.Service
	points func(score float64, values ...string)
}

func newCountedScores(s *pronunciation.Service, m *telemetry.Metrics) countedScores {
	return countedScores{s, m.Histogram("pronunciation_score_points", "Pronunciation scores, 0 to 100, that learners were given, by provider.", scorePoints, "provider")}
}

// Score implements httpapi's scorer.
func (c countedScores) Score(ctx context.Context, r pronunciation.Recording) (pronunciation.Assessment, error) {
	a, err := c.Service.Score(ctx, r)
	if err == nil && r.Player != uuid.Nil {
		c.points(a.Pronunciation, a.Provider)
	}
	return a, err
}

// countedImports counts what imports bring.
type countedImports struct {
	*importing.Service
	imports func(n float64, values ...string)
	rows    func(n float64, values ...string)
}

// importFailures are the results of imports that only an operator can mend: what alerts are about. In the panel such an import is a page that
// was answered with 200 long before.
var importFailures = []string{string(fault.KindUnavailable), "timed_out", "failed"}

func newCountedImports(s *importing.Service, m *telemetry.Metrics) countedImports {
	imports := m.Counters("imports_total", "Imports by result: ok, rejected (rows were invalid), undone, or the kind of the error.", "result")
	for _, result := range importFailures {
		imports(0, result) // the first one is a growth, too
	}
	return countedImports{
		Service: s,
		imports: imports,
		rows:    m.Counters("import_rows_total", "Rows of imports, by what became of them: created, unchanged, rejected.", "outcome"),
	}
}

// ImportCSV implements httpapi's imports.
func (c countedImports) ImportCSV(ctx context.Context, r importing.Request) (importing.Report, error) {
	report, err := c.Service.ImportCSV(ctx, r)
	c.count(report, err)
	return report, err
}

// ImportSheet implements adminweb's imports.
func (c countedImports) ImportSheet(ctx context.Context, session uuid.UUID, onError importing.OnError, watch func(done, total int)) (importing.Report, error) {
	report, err := c.Service.ImportSheet(ctx, session, onError, watch)
	c.count(report, err)
	return report, err
}

// Undo implements httpapi's and adminweb's imports.
func (c countedImports) Undo(ctx context.Context, id uuid.UUID) (importing.Undone, error) {
	undone, err := c.Service.Undo(ctx, id)
	if err == nil {
		c.imports(1, "undone")
	}
	return undone, err
}

func (c countedImports) count(report importing.Report, err error) {
	if rejected, ok := errors.AsType[*importing.Rejected](err); ok {
		report = rejected.Report
		c.imports(1, "rejected")
	} else {
		c.imports(1, resultOf(err))
	}
	c.rows(float64(report.SuccessCount), "created")
	c.rows(float64(report.UnchangedCount), "unchanged")
	c.rows(float64(report.ErrorCount), "rejected")
}
