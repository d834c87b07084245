package remote_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/httpapi"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/paging"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/pronunciation"
	"github.com/englishapp/englishctl/internal/remote"
	"github.com/englishapp/englishctl/internal/statistics"
)

// house are the services behind the API. Each answers with a value of which every field is set, and notes its arguments;
// what nobody asks of them here they do not have.
type house struct {
	heard []any
}

// The services, as far as a command knows them.
type (
	accounts struct {
		*account.Service
		*house
	}
	content struct {
		*catalog.Service
		*house
	}
	imports struct {
		*importing.Service
		*house
	}
	journal struct{ *house }
	judges  struct{ *house }
	numbers struct{ *house }
)

func (h *house) hear(args ...any) { h.heard = append(h.heard, args...) }

func (accounts) Authenticate(context.Context, string) (account.Principal, error) {
	return account.Principal{Role: account.Admin}, nil
}

func (a accounts) Users(_ context.Context, f account.UserFilter, p paging.Page) ([]account.User, int, error) {
	a.hear(f, p)
	return full[[]account.User](), 7, nil
}

func (a accounts) User(_ context.Context, id uuid.UUID) (account.User, error) {
	a.hear(id)
	return full[account.User](), nil
}

func (a accounts) Identities(_ context.Context, user uuid.UUID) ([]account.LinkedIdentity, error) {
	a.hear(user)
	linked := full[account.LinkedIdentity]()
	linked.UserID = user
	return []account.LinkedIdentity{linked}, nil
}

func (a accounts) CreateUser(_ context.Context, n account.NewUser) (account.User, error) {
	a.hear(n)
	return full[account.User](), nil
}

func (a accounts) SetRole(_ context.Context, id uuid.UUID, role account.Role) (account.User, error) {
	a.hear(id, role)
	return full[account.User](), nil
}

func (a accounts) SetPassword(_ context.Context, id uuid.UUID, password string) error {
	a.hear(id, password)
	return nil
}

func (a accounts) Revoke(_ context.Context, id uuid.UUID) (int, error) {
	a.hear(id)
	return 7, nil
}

func (a accounts) DeleteUser(_ context.Context, id uuid.UUID) error {
	a.hear(id)
	return nil
}

func (content) AudioURL(context.Context, catalog.Speech) (string, error) {
	return "https://store.example.com/s.mp3", nil
}

func (c content) Speeches(_ context.Context, q catalog.SpeechQuery, p paging.Page) ([]catalog.Speech, int, error) {
	c.hear(q, p)
	return []catalog.Speech{ours()}, 7, nil
}

func (c content) Speech(_ context.Context, id uuid.UUID) (catalog.Speech, error) {
	c.hear(id)
	return ours(), nil
}

func (c content) DeleteSpeech(_ context.Context, id uuid.UUID) error {
	c.hear(id)
	return nil
}

func (c content) Export(_ context.Context, q catalog.SpeechQuery) ([]catalog.Exported, []catalog.Speech, error) {
	c.hear(q)
	return []catalog.Exported{{Speech: ours(), FileName: "x.mp3"}}, []catalog.Speech{ours()}, nil
}

func (c content) Recordings(_ context.Context, id uuid.UUID) ([]catalog.Recording, error) {
	c.hear(id)
	return full[[]catalog.Recording](), nil
}

func (content) RecordingURL(context.Context, catalog.Recording) (string, error) { return "", nil }

func (c content) RestoreRecording(_ context.Context, id uuid.UUID, version string) (catalog.Speech, error) {
	c.hear(id, version)
	return ours(), nil
}

func (c content) ReadRecording(_ context.Context, s catalog.Speech) ([]byte, error) {
	c.hear(s.ID)
	return []byte("x"), nil
}

func (c content) AllTags(context.Context) ([]catalog.Tag, error) { return full[[]catalog.Tag](), nil }

func (c content) CreateTag(_ context.Context, t catalog.NewTag) (catalog.Tag, error) {
	c.hear(t)
	return full[catalog.Tag](), nil
}

func (c content) UpdateTag(_ context.Context, id uuid.UUID, change catalog.TagChange) (catalog.Tag, error) {
	c.hear(id, change)
	return full[catalog.Tag](), nil
}

func (c content) DeleteTag(_ context.Context, id uuid.UUID) error {
	c.hear(id)
	return nil
}

func (c content) MergeTags(_ context.Context, from, into uuid.UUID) (int, error) {
	c.hear(from, into)
	return 7, nil
}

func (c content) ApplyTags(_ context.Context, tags []catalog.NewTag) (catalog.TagsReport, error) {
	c.hear(tags)
	return full[catalog.TagsReport](), nil
}

func (i imports) Plan(_ context.Context, r importing.PlanRequest) (importing.Plan, error) {
	i.hear(r)
	p := full[importing.Plan]()
	p.Upload[0].LocalFile, p.Known[0].LocalFile = described(), described()
	return p, nil
}

func (i imports) ImportCSV(_ context.Context, r importing.Request) (importing.Report, error) {
	r.Content = nil
	i.hear(r)
	return full[importing.Report](), nil
}

func (i imports) Batches(_ context.Context, p paging.Page) ([]importing.Batch, int, error) {
	i.hear(p)
	return full[[]importing.Batch](), 7, nil
}

func (i imports) Batch(_ context.Context, id uuid.UUID) (importing.Batch, []importing.BatchRow, error) {
	i.hear(id)
	return full[importing.Batch](), full[[]importing.BatchRow](), nil
}

func (i imports) Undo(_ context.Context, id uuid.UUID) (importing.Undone, error) {
	i.hear(id)
	return full[importing.Undone](), nil
}

func (j journal) Entries(_ context.Context, q audit.Query, p paging.Page) ([]audit.Entry, int, error) {
	j.hear(q, p)
	return full[[]audit.Entry](), 7, nil
}

func (n numbers) Count(context.Context) (statistics.Statistics, error) {
	return full[statistics.Statistics](), nil
}

func (n numbers) Dashboard(_ context.Context, period int) (statistics.Dashboard, error) {
	n.hear(period)
	return full[statistics.Dashboard](), nil
}

func (j judges) Score(_ context.Context, r pronunciation.Recording) (pronunciation.Assessment, error) {
	j.hear(r)
	return full[pronunciation.Assessment](), nil
}

// ours is a speech whose recording is in our own store.
func ours() catalog.Speech {
	s := full[catalog.Speech]()
	s.Audio, s.DeletedAt = "audio/A1/x.mp3", nil // a deleted one is not shown
	return s
}

// described is a recording as a plan may be told of it.
func described() importing.LocalFile {
	f := full[importing.LocalFile]()
	f.SHA256, f.Ext, f.Wrong = strings.Repeat("0a", 32), ".mp3", ""
	return f
}

var (
	someID = uuid.MustParse("00000000-0000-7000-8000-000000000007")
	noon   = time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
)

// full returns a value of which every field is set, at every depth; lists have one element.
func full[T any]() T {
	var v T
	fill(reflect.ValueOf(&v).Elem())
	return v
}

func fill(v reflect.Value) {
	switch v.Interface().(type) {
	case uuid.UUID:
		v.Set(reflect.ValueOf(someID))
		return
	case time.Time:
		v.Set(reflect.ValueOf(noon))
		return
	case time.Duration:
		v.SetInt(int64(1500 * time.Millisecond))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8:
		v.SetUint('x')
	case reflect.Float64:
		v.SetFloat(0.25)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Interface:
		v.Set(reflect.ValueOf("x"))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("x"), value)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	default:
		panic("no value for " + v.Type().String())
	}
}

// TestNothingIsLost: whatever a service takes and returns goes over the line and comes back, field by field. A field that is
// new in a service fails here until both ends of the line know it; what is left out on purpose is cleared by name.
func TestNothingIsLost(t *testing.T) {
	h := &house{}
	api := httpapi.New(httpapi.Deps{
		Accounts: accounts{house: h}, Catalog: content{house: h}, Practice: (*practice.Service)(nil), Imports: imports{house: h},
		Audit: journal{h}, Stats: numbers{h}, Scores: judges{h},
	}, httpapi.Config{Log: slog.New(slog.DiscardHandler)})
	server := httptest.NewServer(api.Handler())
	t.Cleanup(server.Close)
	s := remote.New(remote.Config{Server: server.URL, Access: "token", Files: importing.NewFiles(importing.FilesConfig{
		Sniff: func([]byte) (string, string, error) { return ".mp3", "audio/mpeg", nil },
	})})
	t.Cleanup(func() { _ = s.Close() })
	ctx, page := t.Context(), paging.Page{Number: 2, Limit: 3}

	user := full[account.User]()
	user.PasswordHash, user.ProviderID = "", nil // nobody's business
	batch := full[importing.Batch]()
	batch.SessionID, batch.FileSHA256, batch.LeaseUntil = uuid.Nil, "", time.Time{} // the daemon's own
	query, users := full[catalog.SpeechQuery](), full[account.UserFilter]()
	exported := query
	exported.Order = "" // an export has its own
	entries := full[audit.Query]()
	plan := full[importing.Plan]()
	plan.Upload[0].LocalFile, plan.Known[0].LocalFile = described(), described()
	planned := importing.PlanRequest{Content: []byte("x"), Recordings: []importing.LocalFile{described()}, Strict: true}
	run := importing.Request{SessionID: someID, FileName: "x", OnError: "x", Strict: true, Known: []importing.LocalFile{described()}}
	withContent := run
	withContent.Content = strings.NewReader("x")
	byEmail := account.UserFilter{Email: "ada@example.com"}

	// told calls a method, and compares what the service has heard and what came back.
	told := func(name string, heard, want []any) func(results ...any) {
		h.heard = nil
		return func(results ...any) {
			t.Helper()
			last := len(results) - 1
			if err := results[last]; err != nil {
				t.Errorf("%s: %v", name, err)
				return
			}
			if diff := cmp.Diff(heard, h.heard); diff != "" {
				t.Errorf("%s: the service heard (-want +got):\n%s", name, diff)
			}
			if diff := cmp.Diff(want, results[:last], cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: what came back (-want +got):\n%s", name, diff)
			}
		}
	}
	type all = []any
	told("users", all{users, page}, all{[]account.User{user}, 7})(s.Accounts.Users(ctx, users, page))
	told("a user by id", all{someID, someID}, all{user})(s.Accounts.FindUser(ctx, someID.String()))
	told("a user by mail", all{byEmail, paging.Page{Number: 1, Limit: 1}}, all{user})(s.Accounts.FindUser(ctx, "Ada@example.com"))
	linked := full[account.LinkedIdentity]()
	linked.UserID = someID
	told("identities", all{someID, someID}, all{[]account.LinkedIdentity{linked}})(s.Accounts.Identities(ctx, someID))
	told("a new user", all{full[account.NewUser]()}, all{user})(s.Accounts.CreateUser(ctx, full[account.NewUser]()))
	told("a role", all{someID, account.Role("x")}, all{user})(s.Accounts.SetRole(ctx, someID, "x"))
	told("a password", all{someID, "x"}, nil)(s.Accounts.SetPassword(ctx, someID, "x"))
	told("a revocation", all{someID}, all{7})(s.Accounts.Revoke(ctx, someID))
	told("the end of a user", all{someID}, nil)(s.Accounts.DeleteUser(ctx, someID))

	told("speeches", all{query, page}, all{[]catalog.Speech{ours()}, 7})(s.Catalog.Speeches(ctx, query, page))
	told("a speech", all{someID}, all{ours()})(s.Catalog.Speech(ctx, someID))
	told("the end of a speech", all{someID}, nil)(s.Catalog.DeleteSpeech(ctx, someID))
	told("an export", all{exported}, all{[]catalog.Exported{{Speech: ours(), FileName: "x.mp3"}}, []catalog.Speech{ours()}})(s.Catalog.Export(ctx, exported))
	told("recordings", all{someID}, all{full[[]catalog.Recording]()})(s.Catalog.Recordings(ctx, someID))
	told("a restored recording", all{someID, "x"}, all{ours()})(s.Catalog.RestoreRecording(ctx, someID, "x"))
	told("tags", nil, all{full[[]catalog.Tag]()})(s.Catalog.AllTags(ctx))
	told("a tag by its name", nil, all{full[[]catalog.Tag]()[0]})(s.Catalog.FindTag(ctx, "X"))
	told("tags that match", nil, all{[]catalog.Tag{}})(s.Catalog.TagsLike(ctx, catalog.TagFilter{Search: "y"}))
	told("a new tag", all{full[catalog.NewTag]()}, all{full[catalog.Tag]()})(s.Catalog.CreateTag(ctx, full[catalog.NewTag]()))
	told("a changed tag", all{someID, full[catalog.TagChange]()}, all{full[catalog.Tag]()})(s.Catalog.UpdateTag(ctx, someID, full[catalog.TagChange]()))
	told("a tag as it was", all{someID, catalog.TagChange{}}, all{full[catalog.Tag]()})(s.Catalog.UpdateTag(ctx, someID, catalog.TagChange{}))
	told("the end of a tag", all{someID}, nil)(s.Catalog.DeleteTag(ctx, someID))
	told("merged tags", all{someID, uuid.Nil}, all{7})(s.Catalog.MergeTags(ctx, someID, uuid.Nil))
	told("applied tags", all{full[[]catalog.NewTag]()}, all{full[catalog.TagsReport]()})(s.Catalog.ApplyTags(ctx, full[[]catalog.NewTag]()))

	told("a plan", all{planned}, all{plan})(s.Imports.Plan(ctx, planned))
	told("an import", all{run}, all{full[importing.Report]()})(s.Imports.ImportCSV(ctx, withContent))
	told("imports", all{page}, all{[]importing.Batch{batch}, 7})(s.Imports.Batches(ctx, page))
	told("one import", all{someID}, all{batch, full[[]importing.BatchRow]()})(s.Imports.Batch(ctx, someID))
	told("an undo", all{someID}, all{full[importing.Undone]()})(s.Imports.Undo(ctx, someID))

	told("the audit log", all{entries, page}, all{full[[]audit.Entry](), 7})(s.Audit.Entries(ctx, entries, page))
	recording := full[pronunciation.Recording]()
	recording.Player = uuid.Nil // the account of the token
	told("a score", all{recording}, all{full[pronunciation.Assessment]()})(s.Scores.Score(ctx, recording))
	checked := pronunciation.Recording{Content: []byte("x"), Text: ours().Text, Language: "x"}
	told("a check", all{someID, someID, checked}, all{full[pronunciation.Assessment]()})(s.Scores.CheckSpeech(ctx, ours(), "x"))
	told("a dashboard", all{90}, all{full[statistics.Dashboard]()})(s.Stats.Dashboard(ctx, 90))
	told("statistics", nil, all{full[statistics.Statistics]()})(s.Stats.Count(ctx))
}
