package cli

import (
	"context"
	"io"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/app"
	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/pronunciation"
	"github.com/englishapp/englishctl/internal/statistics"
)

// services are what commands do their work with. Where they are, in this process or in a daemon elsewhere, is no
// command's business.
type services struct {
	Catalog  catalogue
	Accounts accounts
	Stats    counter
	Imports  imports
	Audit    auditLog
	Scores   scorer
	// ScoresAtOnce is how many recordings the provider of scores may be asked about at a time.
	ScoresAtOnce int
	// PrepareAudio makes sure that the audio store can take recordings.
	PrepareAudio func(ctx context.Context) error
}

// local are the services of this process.
func local(a *app.App) services {
	return services{
		Catalog: a.Catalog, Accounts: a.Accounts, Stats: upToDate{a.Stats}, Imports: a.Imports, Audit: a.Audit,
		Scores: scoresHere{a.Scores, a.Catalog}, ScoresAtOnce: a.ScoringCalls(), PrepareAudio: a.PrepareAudio,
	}
}

// elsewhere are the services of a daemon.
func elsewhere(r *app.Remote) services {
	return services{
		Catalog: r.Catalog, Accounts: r.Accounts, Stats: r.Stats, Imports: r.Imports, Audit: r.Audit,
		Scores: r.Scores, ScoresAtOnce: remoteScores, PrepareAudio: r.PrepareAudio,
	}
}

// catalogue is what the commands need of package catalog; *catalog.Service has it.
type catalogue interface {
	Speeches(ctx context.Context, q catalog.SpeechQuery, p paging.Page) ([]catalog.Speech, int, error)
	Speech(ctx context.Context, id uuid.UUID) (catalog.Speech, error)
	CreateSpeech(ctx context.Context, s catalog.NewSpeech) (catalog.Speech, error)
	UpdateSpeech(ctx context.Context, id uuid.UUID, change catalog.SpeechChange) (catalog.Speech, error)
	DeleteSpeech(ctx context.Context, id uuid.UUID) error
	AudioURL(ctx context.Context, s catalog.Speech) (string, error)
	OpenRecording(ctx context.Context, s catalog.Speech) (io.ReadCloser, error)
	Recordings(ctx context.Context, id uuid.UUID) ([]catalog.Recording, error)
	RestoreRecording(ctx context.Context, id uuid.UUID, version string) (catalog.Speech, error)
	Export(ctx context.Context, q catalog.SpeechQuery) (rows []catalog.Exported, elsewhere []catalog.Speech, err error)

	AllTags(ctx context.Context) ([]catalog.Tag, error)
	TagsLike(ctx context.Context, f catalog.TagFilter) ([]catalog.Tag, error)
	FindTag(ctx context.Context, idOrName string) (catalog.Tag, error)
	CreateTag(ctx context.Context, t catalog.NewTag) (catalog.Tag, error)
	UpdateTag(ctx context.Context, id uuid.UUID, change catalog.TagChange) (catalog.Tag, error)
	DeleteTag(ctx context.Context, id uuid.UUID) error
	MergeTags(ctx context.Context, from, into uuid.UUID) (gained int, err error)
	ApplyTags(ctx context.Context, tags []catalog.NewTag) (catalog.TagsReport, error)
}

// accounts is what the commands need of package account; *account.Service has it.
type accounts interface {
	CreateUser(ctx context.Context, n account.NewUser) (account.User, error)
	Users(ctx context.Context, f account.UserFilter, p paging.Page) ([]account.User, int, error)
	FindUser(ctx context.Context, idOrEmail string) (account.User, error)
	Identities(ctx context.Context, user uuid.UUID) ([]account.LinkedIdentity, error)
	SetRole(ctx context.Context, id uuid.UUID, role account.Role) (account.User, error)
	SetPassword(ctx context.Context, id uuid.UUID, password string) error
	Revoke(ctx context.Context, id uuid.UUID) (int, error)
	DeleteUser(ctx context.Context, id uuid.UUID) error
}

// counter is what the commands need of package statistics; *statistics.Service has it.
type counter interface {
	Count(ctx context.Context) (statistics.Statistics, error)
	Dashboard(ctx context.Context, period int) (statistics.Dashboard, error)
}

// upToDate are statistics that nobody else may be keeping up to date: there is not always a daemon at the database.
type upToDate struct{ *statistics.Service }

// Dashboard is statistics.Service.Dashboard of now.
func (u upToDate) Dashboard(ctx context.Context, period int) (statistics.Dashboard, error) {
	if _, err := u.Refresh(ctx, 0); err != nil {
		return statistics.Dashboard{}, err
	}
	return u.Service.Dashboard(ctx, period)
}

// imports is what the commands need of package importing; *importing.Service has it.
type imports interface {
	AudioNames(content []byte) ([]string, error)
	Inspect(ctx context.Context, in importing.IncomingFile) (importing.LocalFile, error)
	Examine(ctx context.Context, in importing.IncomingFile) (importing.LocalFile, error)
	Sentences(content []byte) (map[string]importing.Sentence, error)
	Rejects(content []byte, p importing.Plan) ([][]string, error)
	Plan(ctx context.Context, r importing.PlanRequest) (importing.Plan, error)
	Continue(ctx context.Context, fileSHA256 string) (importing.UploadSession, []importing.UploadFile, error)
	UploadAll(ctx context.Context, session uuid.UUID, files []importing.Outgoing, done func(importing.PlannedFile)) error
	ImportCSV(ctx context.Context, r importing.Request) (importing.Report, error)
	Release(ctx context.Context, session uuid.UUID) error
	Discard(ctx context.Context, session uuid.UUID) error
	Batches(ctx context.Context, p paging.Page) ([]importing.Batch, int, error)
	Batch(ctx context.Context, id uuid.UUID) (importing.Batch, []importing.BatchRow, error)
	Undo(ctx context.Context, id uuid.UUID) (importing.Undone, error)
}

// remoteScores is little: the daemon's calls are for learners first, and it takes no more than 30 recordings a minute of one account.
const remoteScores = 2

// scorer scores recordings: those of files, and those of the catalogue.
type scorer interface {
	Score(ctx context.Context, r pronunciation.Recording) (pronunciation.Assessment, error)
	// CheckSpeech scores the recording of a speech against its own text.
	CheckSpeech(ctx context.Context, s catalog.Speech, language string) (pronunciation.Assessment, error)
}

// scoresHere scores in this process.
type scoresHere struct {
	*pronunciation.Service
	catalog *catalog.Service
}

// CheckSpeech implements scorer.
func (h scoresHere) CheckSpeech(ctx context.Context, s catalog.Speech, language string) (pronunciation.Assessment, error) {
	content, err := h.catalog.ReadRecording(ctx, s)
	if err != nil {
		return pronunciation.Assessment{}, err
	}
	return h.Score(ctx, pronunciation.Recording{Text: s.Text, Language: language, Content: content})
}

// auditLog is what the commands need of package audit; *audit.Log has it.
type auditLog interface {
	Entries(ctx context.Context, q audit.Query, p paging.Page) ([]audit.Entry, int, error)
}
