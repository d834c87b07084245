package httpapi

import (
	"context"
	"io"
	"iter"
	"net/http"
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
	"github.com/englishapp/englishctl/internal/telemetry"
)

// requestCounter is told of every request and its answer; *telemetry.Metrics is one.
type requestCounter interface {
	Begin()
	Request(method, route string, status int, took time.Duration)
}

// nobodyCounts is for an API that is used without metrics.
type nobodyCounts struct{}

func (nobodyCounts) Begin()                                     {}
func (nobodyCounts) Request(string, string, int, time.Duration) {}

// spans names the trace of a request; *telemetry.Traces does, also where it is nil.
type spans interface {
	Route(ctx context.Context, method, route string)
}

// reports tells of failures; *telemetry.Reports does, also where it is nil.
type reports interface {
	Report(ctx context.Context, f telemetry.Failure)
}

// accounts is what the API needs of package account; *account.Service has it.
type accounts interface {
	Register(ctx context.Context, r account.Registration) (account.SignedIn, error)
	Login(ctx context.Context, email, password string) (account.SignedIn, error)
	SocialLogin(ctx context.Context, l account.SocialLogin) (account.SignedIn, error)
	Refresh(ctx context.Context, refreshToken string) (accessToken string, err error)
	Logout(ctx context.Context, refreshToken string) error
	LogoutAll(ctx context.Context, user uuid.UUID) error
	ForgotPassword(ctx context.Context, email string) error
	ResetPassword(ctx context.Context, token, password string) error
	VerifyEmail(ctx context.Context, token string) error
	RequestVerification(ctx context.Context, user uuid.UUID) error
	Authenticate(ctx context.Context, accessToken string) (account.Principal, error)
	Profile(ctx context.Context, id uuid.UUID) (account.User, error)
	UpdateProfile(ctx context.Context, id uuid.UUID, change account.ProfileChange) (account.User, error)
	DeleteSelf(ctx context.Context, id uuid.UUID) error

	Users(ctx context.Context, f account.UserFilter, p paging.Page) ([]account.User, int, error)
	User(ctx context.Context, id uuid.UUID) (account.User, error)
	Identities(ctx context.Context, user uuid.UUID) ([]account.LinkedIdentity, error)
	CreateUser(ctx context.Context, n account.NewUser) (account.User, error)
	SetRole(ctx context.Context, id uuid.UUID, role account.Role) (account.User, error)
	SetPassword(ctx context.Context, id uuid.UUID, password string) error
	Revoke(ctx context.Context, id uuid.UUID) (int, error)
	DeleteUser(ctx context.Context, id uuid.UUID) error
}

// catalogue is what the API needs of package catalog; *catalog.Service has it.
type catalogue interface {
	// Tags returns the list that all callers share: the same one until the catalogue changes.
	Tags(ctx context.Context) ([]catalog.Tag, error)
	RandomSpeeches(ctx context.Context, d catalog.Draw) ([]catalog.Speech, error)
	AudioURL(ctx context.Context, s catalog.Speech) (string, error)

	Speeches(ctx context.Context, q catalog.SpeechQuery, p paging.Page) ([]catalog.Speech, int, error)
	Speech(ctx context.Context, id uuid.UUID) (catalog.Speech, error)
	CreateSpeech(ctx context.Context, s catalog.NewSpeech) (catalog.Speech, error)
	UpdateSpeech(ctx context.Context, id uuid.UUID, change catalog.SpeechChange) (catalog.Speech, error)
	DeleteSpeech(ctx context.Context, id uuid.UUID) error
	Export(ctx context.Context, q catalog.SpeechQuery) (rows []catalog.Exported, elsewhere []catalog.Speech, err error)
	Recordings(ctx context.Context, id uuid.UUID) ([]catalog.Recording, error)
	RecordingURL(ctx context.Context, r catalog.Recording) (string, error)
	RestoreRecording(ctx context.Context, id uuid.UUID, version string) (catalog.Speech, error)
	ReadRecording(ctx context.Context, s catalog.Speech) ([]byte, error)

	AllTags(ctx context.Context) ([]catalog.Tag, error)
	CreateTag(ctx context.Context, t catalog.NewTag) (catalog.Tag, error)
	UpdateTag(ctx context.Context, id uuid.UUID, change catalog.TagChange) (catalog.Tag, error)
	DeleteTag(ctx context.Context, id uuid.UUID) error
	MergeTags(ctx context.Context, from, into uuid.UUID) (gained int, err error)
	ApplyTags(ctx context.Context, tags []catalog.NewTag) (catalog.TagsReport, error)
}

// sessions is what the API needs of package practice; *practice.Service has it.
type sessions interface {
	Save(ctx context.Context, player uuid.UUID, d practice.Draft, idempotencyKey string) (uuid.UUID, error)
	SaveBatch(ctx context.Context, player uuid.UUID, drafts []practice.Draft, idempotencyKey string) ([]uuid.UUID, error)
	History(ctx context.Context, player uuid.UUID, f practice.HistoryFilter, p paging.Page) ([]practice.Session, int, error)
	Detail(ctx context.Context, player, id uuid.UUID) (practice.Detail, error)
	ExportSessions(ctx context.Context, player uuid.UUID) iter.Seq2[practice.Detail, error]
}

// imports is what the API needs of package importing; *importing.Service has it.
type imports interface {
	Upload(ctx context.Context, sessionID *uuid.UUID, next func() (importing.IncomingFile, error)) (importing.Uploaded, error)
	ImportCSV(ctx context.Context, r importing.Request) (importing.Report, error)
	Plan(ctx context.Context, r importing.PlanRequest) (importing.Plan, error)
	Continue(ctx context.Context, fileSHA256 string) (importing.UploadSession, []importing.UploadFile, error)
	Release(ctx context.Context, session uuid.UUID) error
	Discard(ctx context.Context, session uuid.UUID) error
	Batches(ctx context.Context, p paging.Page) ([]importing.Batch, int, error)
	Batch(ctx context.Context, id uuid.UUID) (importing.Batch, []importing.BatchRow, error)
	Undo(ctx context.Context, id uuid.UUID) (importing.Undone, error)
}

// auditLog is what the API needs of package audit; *audit.Log has it.
type auditLog interface {
	Entries(ctx context.Context, q audit.Query, p paging.Page) ([]audit.Entry, int, error)
}

// counter is what the API needs of package statistics; *statistics.Service has it.
type counter interface {
	Count(ctx context.Context) (statistics.Statistics, error)
	Dashboard(ctx context.Context, period int) (statistics.Dashboard, error)
}

// scorer is what the API needs of package pronunciation; *pronunciation.Service has it.
type scorer interface {
	Score(ctx context.Context, r pronunciation.Recording) (pronunciation.Assessment, error)
}

// recordings makes links to stored audio; both audio stores have it.
type recordings interface {
	// SignedURL returns an absolute URL by which anybody can hear the object for a while.
	SignedURL(ctx context.Context, key string) (string, error)
}

// media opens recordings by the links that the daemon itself has signed; the store on disk has it, but for the name
// of the description's type.
type media interface {
	// OpenSigned returns fault.Forbidden for a link that is forged or has expired, and fault.NotFound if the object is
	// gone. The caller closes what it returns.
	OpenSigned(ctx context.Context, key, expires, signature string) (io.ReadSeekCloser, MediaInfo, error)
}

// signatures checks the signatures of requests; *signature.Verifier has it.
type signatures interface {
	// Verify checks the signature of a request that was sent to one of the addresses, and returns its body, whose reader
	// learns at its end whether it is the one that was signed: fault.Unauthorized in place of io.EOF. It returns
	// fault.Unauthorized, with a code that begins with "signature_", and fault.Unavailable.
	Verify(r *http.Request, addresses ...string) (io.ReadCloser, error)
	// Accepted is the value of Accept-Signature, which says what a signature must be like.
	Accepted() string
}

// MediaInfo describes an opened recording. It has the fields of the store's own description, in the same order, so
// that one converts into the other.
type MediaInfo struct {
	// ContentType is the media type, such as "audio/mpeg".
	ContentType string
	// Size is in bytes.
	Size int64
	// ModTime is when the recording was last changed.
	ModTime time.Time
	// ETag is quoted, as it stands in the header.
	ETag string
}

// Check is one thing that the daemon depends on, as /readyz asks for it.
type Check struct {
	// Name is what /readyz calls it: "database". It is public.
	Name string
	// Probe returns nil if the thing works. Its error goes to the log only. It should end with its context; /readyz
	// does not wait for it if it does not.
	Probe func(ctx context.Context) error
	// Optional is set for what the daemon can do without for a while: /readyz shows its state, but stays 200.
	Optional bool
}
