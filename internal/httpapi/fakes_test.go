package httpapi

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/pronunciation"
	"github.com/englishapp/englishctl/internal/statistics"
)

// Ids in the order of their last digit, so that golden answers can be read.
var (
	learnerID = id(1)
	adminID   = id(2)
	speechID  = id(3)
	tagID     = id(4)
	sessionID = id(5)
	batchID   = id(6)
	uploadID  = id(7)
	fileID    = id(8)
	otherID   = id(9)
)

func id(n byte) uuid.UUID { return uuid.UUID{6: 0x70, 8: 0x80, 15: n} }

// Tokens that the fake knows.
const (
	learnerToken = "learner-token"
	adminToken   = "admin-token"
	outageToken  = "outage-token" // nobody can tell now whose it is
)

// at is a time with a zone that must not show.
var at = time.Date(2025, 12, 10, 17, 0, 0, 0, time.FixedZone("ICT", 7*3600))

// call is one call of a service: what, and with which arguments.
type call struct {
	Name string
	Args []any
}

// services are all services at once. They note each call but Authenticate, and answer from the fields below.
type services struct {
	mu    sync.Mutex
	calls []call
	// origins are what the calls carried in their contexts.
	origins []audit.Origin

	err    error  // what every call returns, if it is not nil
	before func() // runs in every call
	// linkErr is what making a link returns.
	linkErr error

	users     map[uuid.UUID]account.User
	tags      []catalog.Tag
	speeches  []catalog.Speech
	sessions  []practice.Session
	detail    practice.Detail
	total     int
	exported  int   // how many sessions an export has
	exportErr error // what comes after them
	report    importing.Report
	// assessment is what Score answers.
	assessment pronunciation.Assessment
	received   []string // contents of uploaded files
	kept       bool     // an undo keeps something
	empty      bool     // a plan, or an upload session, has nothing in it
}

func newServices() *services {
	avatar := "https://storage.example.com/avatars/a.jpg"
	speech := catalog.Speech{
		ID: speechID, Audio: "audio/A1/s.mp3", Text: "What is your name?", Level: "A1", Type: catalog.Question,
		Tags: []catalog.TagRef{{ID: tagID, Name: "Present Tense"}}, CreatedAt: at, UpdatedAt: at,
	}
	score := 87.5
	draft := practice.Draft{
		Mode: practice.ListenAndRepeat, Level: "A1", SentenceType: catalog.Question, SelectedTags: []uuid.UUID{tagID},
		TotalSentences: 1, CorrectCount: 1, MaxStreak: 1, AvgPronunciationScore: &score, DurationSeconds: 300,
		StartedAt: at, CompletedAt: at.Add(5 * time.Minute),
		Results: []practice.Result{{ID: id(77), SpeechID: speechID, SequenceNumber: 1, UserResponse: practice.Correct, ResponseTimeMS: 5000}},
	}
	session := practice.Session{ID: sessionID, UserID: learnerID, Draft: draft, SavedAt: at}
	return &services{
		users: map[uuid.UUID]account.User{
			learnerID: {ID: learnerID, Email: "user@example.com", Name: "Nguyen Van A", Provider: account.Email, Role: account.Learner, CreatedAt: at, UpdatedAt: at, PasswordHash: "$argon2id$secret"},
			adminID:   {ID: adminID, Email: "admin@example.com", Name: "Ada", AvatarURL: &avatar, Provider: account.Google, Role: account.Admin, CreatedAt: at, UpdatedAt: at},
		},
		tags:     []catalog.Tag{{ID: tagID, Name: "Present Tense", Category: "tense", SpeechCount: 45, CreatedAt: at}, {ID: otherID, Name: "Odds & Ends", CreatedAt: at}},
		speeches: []catalog.Speech{speech},
		sessions: []practice.Session{session},
		detail:   practice.Detail{Session: session, TagNames: []string{"Present Tense", "Food"}, Speeches: map[uuid.UUID]catalog.Speech{speechID: speech}},
		total:    45,
	}
}

func (s *services) note(ctx context.Context, name string, args ...any) error {
	s.mu.Lock()
	s.calls = append(s.calls, call{name, args})
	s.origins = append(s.origins, audit.OriginFrom(ctx))
	s.mu.Unlock()
	if s.before != nil {
		s.before()
	}
	return s.err
}

func (s *services) signedIn(id uuid.UUID) account.SignedIn {
	return account.SignedIn{User: s.users[id], AccessToken: "access", RefreshToken: "refresh"}
}

func (s *services) Register(ctx context.Context, r account.Registration) (account.SignedIn, error) {
	return s.signedIn(learnerID), s.note(ctx, "Register", r)
}

func (s *services) Login(ctx context.Context, email, password string) (account.SignedIn, error) {
	return s.signedIn(learnerID), s.note(ctx, "Login", email, password)
}

func (s *services) SocialLogin(ctx context.Context, l account.SocialLogin) (account.SignedIn, error) {
	return s.signedIn(learnerID), s.note(ctx, "SocialLogin", l)
}

func (s *services) Refresh(ctx context.Context, token string) (string, error) {
	return "access2", s.note(ctx, "Refresh", token)
}

func (s *services) Score(ctx context.Context, r pronunciation.Recording) (pronunciation.Assessment, error) {
	return s.assessment, s.note(ctx, "Score", r)
}

func (s *services) Logout(ctx context.Context, token string) error {
	return s.note(ctx, "Logout", token)
}

func (s *services) LogoutAll(ctx context.Context, user uuid.UUID) error {
	return s.note(ctx, "LogoutAll", user)
}

func (s *services) ForgotPassword(ctx context.Context, email string) error {
	return s.note(ctx, "ForgotPassword", email)
}

func (s *services) ResetPassword(ctx context.Context, token, password string) error {
	return s.note(ctx, "ResetPassword", token, password)
}

func (s *services) VerifyEmail(ctx context.Context, token string) error {
	return s.note(ctx, "VerifyEmail", token)
}

func (s *services) RequestVerification(ctx context.Context, user uuid.UUID) error {
	return s.note(ctx, "RequestVerification", user)
}

func (s *services) Authenticate(_ context.Context, token string) (account.Principal, error) {
	switch token {
	case learnerToken:
		return account.Principal{UserID: learnerID, Role: account.Learner}, nil
	case adminToken:
		return account.Principal{UserID: adminID, Role: account.Admin}, nil
	case outageToken:
		return account.Principal{}, fault.Unavailable("the database does not answer").WithCode("database_unavailable")
	default:
		return account.Principal{}, fault.Unauthorized("this access token is not valid").WithCode("invalid_token")
	}
}

func (s *services) Profile(ctx context.Context, id uuid.UUID) (account.User, error) {
	return s.users[id], s.note(ctx, "Profile", id)
}

func (s *services) UpdateProfile(ctx context.Context, id uuid.UUID, c account.ProfileChange) (account.User, error) {
	return s.users[id], s.note(ctx, "UpdateProfile", id, c)
}

func (s *services) DeleteSelf(ctx context.Context, id uuid.UUID) error {
	return s.note(ctx, "DeleteSelf", id)
}

func (s *services) Users(ctx context.Context, f account.UserFilter, p paging.Page) ([]account.User, int, error) {
	return []account.User{s.users[adminID], s.users[learnerID]}, s.total, s.note(ctx, "Users", f, p)
}

func (s *services) User(ctx context.Context, id uuid.UUID) (account.User, error) {
	return s.users[id], s.note(ctx, "User", id)
}

func (s *services) CreateUser(ctx context.Context, n account.NewUser) (account.User, error) {
	return s.users[learnerID], s.note(ctx, "CreateUser", n)
}

func (s *services) SetRole(ctx context.Context, id uuid.UUID, role account.Role) (account.User, error) {
	return s.users[id], s.note(ctx, "SetRole", id, role)
}

func (s *services) SetPassword(ctx context.Context, id uuid.UUID, password string) error {
	return s.note(ctx, "SetPassword", id, password)
}

func (s *services) Revoke(ctx context.Context, id uuid.UUID) (int, error) {
	return 3, s.note(ctx, "Revoke", id)
}

func (s *services) Identities(ctx context.Context, user uuid.UUID) ([]account.LinkedIdentity, error) {
	return []account.LinkedIdentity{{Provider: account.Apple, Subject: "001.ab", UserID: user, LinkedAt: at}}, s.note(ctx, "Identities", user)
}

func (s *services) DeleteUser(ctx context.Context, id uuid.UUID) error {
	return s.note(ctx, "DeleteUser", id)
}

func (s *services) Count(ctx context.Context) (statistics.Statistics, error) {
	return statistics.Statistics{
		Speeches: 7, SpeechesBy: []catalog.SpeechCount{{Level: "A1", Type: catalog.Question, Speeches: 7}},
		Tags: 2, Users: 60, Admins: 5, Sessions: 800, RecentSessions: 70,
	}, s.note(ctx, "Count")
}

func (s *services) Dashboard(ctx context.Context, period int) (statistics.Dashboard, error) {
	sentence := statistics.Sentence{SpeechID: speechID, Text: "What is your name?", Level: "A1", Type: catalog.Question, Attempts: 8, Incorrect: 3}
	scored := sentence
	scored.Average = ptr(41.5)
	return statistics.Dashboard{
		Period: period, From: "2025-12-09", To: "2025-12-10", RefreshedAt: at, Pending: 1, LearnersToday: 2, LearnersWeek: 3, LearnersMonth: 4,
		NewUsers: 5, Sessions: 6, AverageSeconds: ptr(95.5),
		Days:     []statistics.Day{{Date: "2025-12-09"}, {Date: "2025-12-10", NewUsers: 5, Learners: 2, Sessions: 6, AverageSeconds: ptr(95.5)}},
		Scores:   []statistics.Scores{{Source: "azure", Results: 8, Average: 41.5, Buckets: []int{0, 0, 0, 0, 8, 0, 0, 0, 0, 0}}},
		Speeches: []catalog.SpeechCount{{Level: "A1", Type: catalog.Question, Speeches: 7}},
		Hardest:  []statistics.Hardest{{Source: "azure", Sentences: []statistics.Sentence{scored}}}, MostIncorrect: []statistics.Sentence{sentence},
		Endpoints: []statistics.Endpoint{{Method: "POST", Route: "/api/v1/speech/score", Requests: 9, ClientErrors: 2, ServerErrors: 1}},
	}, s.note(ctx, "Dashboard", period)
}

func (s *services) Tags(ctx context.Context) ([]catalog.Tag, error) {
	return s.tags, s.note(ctx, "Tags")
}

func (s *services) RandomSpeeches(ctx context.Context, d catalog.Draw) ([]catalog.Speech, error) {
	return s.speeches, s.note(ctx, "RandomSpeeches", d)
}

func (s *services) AudioURL(_ context.Context, speech catalog.Speech) (string, error) {
	return "https://cdn.example.com/" + speech.Audio + "?expires=1&signature=s", s.linkErr
}

func (s *services) Speeches(ctx context.Context, q catalog.SpeechQuery, p paging.Page) ([]catalog.Speech, int, error) {
	return s.speeches, s.total, s.note(ctx, "Speeches", q, p)
}

func (s *services) Speech(ctx context.Context, id uuid.UUID) (catalog.Speech, error) {
	return s.firstSpeech(), s.note(ctx, "Speech", id)
}

func (s *services) firstSpeech() catalog.Speech {
	if len(s.speeches) == 0 {
		return catalog.Speech{}
	}
	return s.speeches[0]
}

// Export gives the first speech a name; the second one is somebody else's.
func (s *services) Export(ctx context.Context, q catalog.SpeechQuery) ([]catalog.Exported, []catalog.Speech, error) {
	if len(s.speeches) == 0 {
		return nil, nil, s.note(ctx, "Export", q)
	}
	foreign := s.firstSpeech()
	foreign.ID, foreign.Audio = otherID, "https://storage.example.com/audio/new.mp3"
	return []catalog.Exported{{Speech: s.firstSpeech(), FileName: "a1-question-what-is-your-name.mp3"}}, []catalog.Speech{foreign}, s.note(ctx, "Export", q)
}

// Recordings has one of each kind; the digest of the last is not known.
func (s *services) Recordings(ctx context.Context, id uuid.UUID) ([]catalog.Recording, error) {
	if len(s.speeches) == 0 {
		return nil, s.note(ctx, "Recordings", id)
	}
	key := s.firstSpeech().Audio
	return []catalog.Recording{
		{Version: key, Key: key, State: catalog.RecordingInUse, SHA256: digest, Size: 25310, StoredAt: at},
		{Version: "audio/A1/old.mp3", Key: "audio/A1/old.mp3", State: catalog.RecordingKept, SHA256: digest, Size: 24011, StoredAt: at.Add(-time.Hour), ReplacedAt: ptr(at)},
		{Version: key + "@v1", Key: key, State: catalog.RecordingRemoved, Size: 3, StoredAt: at},
		{Version: "audio/A1/gone.mp3", Key: "audio/A1/gone.mp3", State: catalog.RecordingMissing},
	}, s.note(ctx, "Recordings", id)
}

func (s *services) RecordingURL(_ context.Context, r catalog.Recording) (string, error) {
	if !r.Playable() {
		return "", s.linkErr
	}
	return "https://cdn.example.com/" + r.Key + "?expires=1&signature=s", s.linkErr
}

func (s *services) RestoreRecording(ctx context.Context, id uuid.UUID, version string) (catalog.Speech, error) {
	return s.firstSpeech(), s.note(ctx, "RestoreRecording", id, version)
}

func (s *services) ReadRecording(ctx context.Context, speech catalog.Speech) ([]byte, error) {
	return []byte("RIFF"), s.note(ctx, "ReadRecording", speech.ID)
}

// hear notes a recording that came with a request, and takes it out of what is compared.
func (s *services) hear(recording *io.Reader) error {
	if *recording == nil {
		return nil
	}
	content, err := io.ReadAll(*recording)
	s.received = append(s.received, string(content))
	*recording = nil
	return err
}

func (s *services) CreateSpeech(ctx context.Context, n catalog.NewSpeech) (catalog.Speech, error) {
	if err := s.hear(&n.Recording); err != nil {
		return catalog.Speech{}, err
	}
	return s.firstSpeech(), s.note(ctx, "CreateSpeech", n)
}

func (s *services) UpdateSpeech(ctx context.Context, id uuid.UUID, c catalog.SpeechChange) (catalog.Speech, error) {
	if err := s.hear(&c.Recording); err != nil {
		return catalog.Speech{}, err
	}
	return s.firstSpeech(), s.note(ctx, "UpdateSpeech", id, c)
}

func (s *services) DeleteSpeech(ctx context.Context, id uuid.UUID) error {
	return s.note(ctx, "DeleteSpeech", id)
}

func (s *services) AllTags(ctx context.Context) ([]catalog.Tag, error) {
	return s.tags, s.note(ctx, "AllTags")
}

func (s *services) CreateTag(ctx context.Context, n catalog.NewTag) (catalog.Tag, error) {
	return s.tags[0], s.note(ctx, "CreateTag", n)
}

func (s *services) UpdateTag(ctx context.Context, id uuid.UUID, c catalog.TagChange) (catalog.Tag, error) {
	return s.tags[0], s.note(ctx, "UpdateTag", id, c)
}

func (s *services) DeleteTag(ctx context.Context, id uuid.UUID) error {
	return s.note(ctx, "DeleteTag", id)
}

func (s *services) MergeTags(ctx context.Context, from, into uuid.UUID) (int, error) {
	return 4, s.note(ctx, "MergeTags", from, into)
}

func (s *services) ApplyTags(ctx context.Context, tags []catalog.NewTag) (catalog.TagsReport, error) {
	return catalog.TagsReport{Created: 1, Updated: 2, Unchanged: 3}, s.note(ctx, "ApplyTags", tags)
}

func (s *services) Save(ctx context.Context, player uuid.UUID, d practice.Draft, key string) (uuid.UUID, error) {
	return sessionID, s.note(ctx, "Save", player, d, key)
}

func (s *services) SaveBatch(ctx context.Context, player uuid.UUID, d []practice.Draft, key string) ([]uuid.UUID, error) {
	return []uuid.UUID{sessionID, otherID}, s.note(ctx, "SaveBatch", player, d, key)
}

func (s *services) History(ctx context.Context, player uuid.UUID, f practice.HistoryFilter, p paging.Page) ([]practice.Session, int, error) {
	if p.Limit == 0 { // refused by the service, as all that is out of bounds: pages of nothing cannot be counted
		return nil, 0, fault.Invalid("limit", "0 is not allowed")
	}
	return s.sessions, s.total, s.note(ctx, "History", player, f, p)
}

func (s *services) ExportSessions(ctx context.Context, player uuid.UUID) iter.Seq2[practice.Detail, error] {
	return func(yield func(practice.Detail, error) bool) {
		if err := s.note(ctx, "ExportSessions", player); err != nil {
			yield(practice.Detail{}, err)
			return
		}
		for range s.exported {
			if !yield(s.detail, nil) {
				return
			}
		}
		if s.exportErr != nil {
			yield(practice.Detail{}, s.exportErr)
		}
	}
}

func (s *services) Detail(ctx context.Context, player, id uuid.UUID) (practice.Detail, error) {
	return s.detail, s.note(ctx, "Detail", player, id)
}

// Upload reads everything, as the service does; what breaks on the way is returned wrapped.
func (s *services) Upload(ctx context.Context, session *uuid.UUID, next func() (importing.IncomingFile, error)) (importing.Uploaded, error) {
	if err := s.note(ctx, "Upload", session); err != nil {
		return importing.Uploaded{}, err
	}
	up := importing.Uploaded{Session: importing.UploadSession{ID: uploadID}}
	for {
		in, err := next()
		if errors.Is(err, io.EOF) {
			return up, nil
		}
		if err != nil {
			return importing.Uploaded{}, err
		}
		content, err := io.ReadAll(in.Content)
		if err != nil {
			return importing.Uploaded{}, errors.Join(errors.New("store a file"), err)
		}
		if in.Level != "" {
			in.Name = string(in.Level) + "/" + in.Name
		}
		s.received = append(s.received, in.Name+": "+string(content))
		up.Files = append(up.Files, importing.UploadFile{
			ID: fileID, OriginalName: in.Name, Name: in.Name, Key: "audio/uploads/x/" + in.Name, Size: int64(len(content)), SHA256: digest,
		})
	}
}

func (s *services) ImportCSV(ctx context.Context, r importing.Request) (importing.Report, error) {
	content, err := io.ReadAll(r.Content)
	if err != nil {
		return importing.Report{}, err
	}
	r.Content = nil
	return s.report, s.note(ctx, "ImportCSV", r, string(content))
}

// Plan answers what an import of two recordings may come to.
func (s *services) Plan(ctx context.Context, r importing.PlanRequest) (importing.Plan, error) {
	file := importing.LocalFile{Name: "a.mp3", Size: 5, SHA256: digest, Ext: ".mp3"}
	if s.empty {
		return importing.Plan{}, s.note(ctx, "Plan", r)
	}
	return importing.Plan{
		Rows: 4, New: 1, Unchanged: 1, Completed: 1, Rejected: 2,
		Errors:   []importing.PlanError{{RowError: importing.RowError{Row: 3, Line: 5, Field: "level", Message: "Invalid level"}, Value: "D1"}},
		Warnings: []importing.PlanWarning{{RowWarning: importing.RowWarning{Row: 1, Line: 2, Code: "quiet", Message: "It is quiet"}, Value: "a.mp3"}},
		Missing:  []string{"nowhere.mp3"}, NewTags: []importing.NewTag{{Name: "Fod", DidYouMean: "Food"}, {Name: "New"}},
		Upload: []importing.PlannedFile{{LocalFile: file, Level: "A1"}}, Known: []importing.PlannedFile{{LocalFile: file, Level: "B2"}},
	}, s.note(ctx, "Plan", r)
}

// digest is that of some file.
const digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func (s *services) Continue(ctx context.Context, fileSHA256 string) (importing.UploadSession, []importing.UploadFile, error) {
	var arrived []importing.UploadFile
	if !s.empty {
		arrived = []importing.UploadFile{{Name: "a.mp3", Size: 5, SHA256: digest}}
	}
	return importing.UploadSession{ID: uploadID, ExpiresAt: at}, arrived, s.note(ctx, "Continue", fileSHA256)
}

func (s *services) Release(ctx context.Context, session uuid.UUID) error {
	return s.note(ctx, "Release", session)
}

func (s *services) Discard(ctx context.Context, session uuid.UUID) error {
	return s.note(ctx, "Discard", session)
}

// batch is an import as the store returns it.
func batch() importing.Batch {
	return importing.Batch{
		ID: batchID, Author: "cli:ada", SessionID: uploadID, FileName: "lessons.csv", OnError: importing.Skip,
		State: importing.BatchDone, Created: 2, Unchanged: 1, Rejected: 3, StartedAt: at, FinishedAt: ptr(at.Add(time.Second)),
	}
}

func (s *services) Entries(ctx context.Context, q audit.Query, p paging.Page) ([]audit.Entry, int, error) {
	return []audit.Entry{
		{
			ID: otherID, At: at, Origin: audit.Origin{Actor: "user:1", RequestID: "r-1", Address: "::1"}, Action: "tag.update",
			ObjectID: tagID.String(), Changes: map[string]audit.Change{"name": {Before: "Food", After: "<Meals>"}},
		},
		{ID: otherID, At: at, Origin: audit.Origin{Actor: "cli:ada"}, Action: "user.revoke", ObjectID: "1"},
	}, s.total, s.note(ctx, "Entries", q, p)
}

func (s *services) Batches(ctx context.Context, p paging.Page) ([]importing.Batch, int, error) {
	running := batch()
	running.State, running.FinishedAt = importing.BatchRunning, nil
	return []importing.Batch{running}, s.total, s.note(ctx, "Batches", p)
}

func (s *services) Batch(ctx context.Context, id uuid.UUID) (importing.Batch, []importing.BatchRow, error) {
	return batch(), []importing.BatchRow{
		{Row: 1, SpeechID: speechID, Outcome: importing.Created, Text: "Hi & bye", Deleted: true},
		{Row: 3, SpeechID: otherID, Outcome: importing.Planned},
	}, s.note(ctx, "Batch", id)
}

func (s *services) Undo(ctx context.Context, id uuid.UUID) (importing.Undone, error) {
	undone := importing.Undone{Removed: 2}
	if s.kept {
		undone.Kept = []importing.Kept{{SpeechID: speechID, Text: "Hi & bye", Reason: importing.KeptEdited}}
	}
	return undone, s.note(ctx, "Undo", id)
}

func (s *services) SignedURL(_ context.Context, key string) (string, error) {
	return "https://storage.example.com/" + key + "?signature=s", s.linkErr
}
