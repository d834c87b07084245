package adminweb

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/pronunciation"
	"github.com/englishapp/englishctl/internal/statistics"
)

// accounts is what the panel needs of package account; *account.Service has it.
type accounts interface {
	SignInToPanel(ctx context.Context, name, password string) (token string, _ account.Editor, err error)
	PanelEditor(ctx context.Context, token string) (account.Editor, error)
	SignOutOfPanel(ctx context.Context, token string) error

	Users(ctx context.Context, f account.UserFilter, p paging.Page) ([]account.User, int, error)
	User(ctx context.Context, id uuid.UUID) (account.User, error)
	Identities(ctx context.Context, user uuid.UUID) ([]account.LinkedIdentity, error)
	UpdateUser(ctx context.Context, id uuid.UUID, change account.ProfileChange) (account.User, error)
	SetRole(ctx context.Context, id uuid.UUID, role account.Role) (account.User, error)
	SetPassword(ctx context.Context, id uuid.UUID, password string) error
	Revoke(ctx context.Context, id uuid.UUID) (int, error)
	DeleteUser(ctx context.Context, id uuid.UUID) error
}

// catalogue is what the panel needs of package catalog; *catalog.Service has it.
type catalogue interface {
	Speeches(ctx context.Context, q catalog.SpeechQuery, p paging.Page) ([]catalog.Speech, int, error)
	Speech(ctx context.Context, id uuid.UUID) (catalog.Speech, error)
	AudioURL(ctx context.Context, s catalog.Speech) (string, error)
	ReadRecording(ctx context.Context, s catalog.Speech) ([]byte, error)
	Recordings(ctx context.Context, id uuid.UUID) ([]catalog.Recording, error)
	RecordingURL(ctx context.Context, r catalog.Recording) (string, error)
	RestoreRecording(ctx context.Context, id uuid.UUID, version string) (catalog.Speech, error)
	CreateSpeech(ctx context.Context, s catalog.NewSpeech) (catalog.Speech, error)
	UpdateSpeech(ctx context.Context, id uuid.UUID, change catalog.SpeechChange) (catalog.Speech, error)
	DeleteSpeech(ctx context.Context, id uuid.UUID) error

	// AllTags asks the database: ten thousand tags take a tenth of a second. The catalogue's index in memory would be made anew
	// after each change, which takes ten times as long.
	AllTags(ctx context.Context) ([]catalog.Tag, error)
	CreateTag(ctx context.Context, t catalog.NewTag) (catalog.Tag, error)
	UpdateTag(ctx context.Context, id uuid.UUID, change catalog.TagChange) (catalog.Tag, error)
	DeleteTag(ctx context.Context, id uuid.UUID) error
	MergeTags(ctx context.Context, from, into uuid.UUID) (gained int, err error)
}

// scorer is what the panel needs of package pronunciation; *pronunciation.Service has it.
type scorer interface {
	Score(ctx context.Context, r pronunciation.Recording) (pronunciation.Assessment, error)
}

// games is what the panel needs of package practice; *practice.Service has it.
type games interface {
	AllSessions(ctx context.Context, f practice.SessionFilter, p paging.Page) ([]practice.Session, int, error)
	AnyDetail(ctx context.Context, id uuid.UUID) (practice.Detail, error)
	DeleteSession(ctx context.Context, id uuid.UUID) error
}

// dashboards is what the panel needs of package statistics; *statistics.Service has it.
type dashboards interface {
	Dashboard(ctx context.Context, period int) (statistics.Dashboard, error)
}

// imports is what the panel needs of package importing; *importing.Service has it.
type imports interface {
	Open(ctx context.Context) (importing.UploadSession, error)
	UploadGood(ctx context.Context, sessionID *uuid.UUID, next func() (importing.IncomingFile, error)) (importing.Uploaded, error)
	KeepSheet(ctx context.Context, session uuid.UUID, sheet importing.Sheet) error
	Prepare(ctx context.Context, session uuid.UUID) (importing.Prepared, error)
	RejectedRows(ctx context.Context, session uuid.UUID) (importing.Sheet, error)
	ImportSheet(ctx context.Context, session uuid.UUID, onError importing.OnError, watch func(done, total int)) (importing.Report, error)
	BatchRejects(ctx context.Context, batch uuid.UUID) (importing.Sheet, error)
	Discard(ctx context.Context, session uuid.UUID) error
	Undo(ctx context.Context, id uuid.UUID) (importing.Undone, error)
	Batches(ctx context.Context, p paging.Page) ([]importing.Batch, int, error)
	Batch(ctx context.Context, id uuid.UUID) (importing.Batch, []importing.BatchRow, error)
}

// auditLog is what the panel needs of package audit; *audit.Log has it.
type auditLog interface {
	Entries(ctx context.Context, q audit.Query, p paging.Page) ([]audit.Entry, int, error)
}

// guesses counts tries at an account; the API's own count has it, so that the panel is no second door.
type guesses interface {
	// CountGuess returns how long to wait before the next try; 0 if this one is allowed.
	CountGuess(ctx context.Context, account string) (time.Duration, error)
}
