package httpapi

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/audio"
	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/blob"
	"github.com/englishapp/englishctl/internal/cache"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/importing"
	"github.com/englishapp/englishctl/internal/practice"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/statistics"
)

// house is the API over the real services, a real database and a real audio store.
type house struct {
	tb       testing.TB
	handler  http.Handler
	deps     Deps // that the handler stands on
	db       *sqlstore.DB
	accounts *account.Service
	log      *lines
}

// diskMedia is the disk store in httpapi's words; package app has the same few lines.
type diskMedia struct{ *blob.Disk }

func (d diskMedia) OpenSigned(ctx context.Context, key, expires, signature string) (io.ReadSeekCloser, MediaInfo, error) {
	content, info, err := d.Disk.OpenSigned(ctx, key, expires, signature)
	return content, MediaInfo(info), err
}

// diskRecordings gives the catalogue what it asks for beside the store's own methods.
type diskRecordings struct{ *blob.Disk }

func (d diskRecordings) Exists(ctx context.Context, key string) (bool, error) {
	content, _, err := d.Open(ctx, key)
	if err != nil {
		return false, nil //nolint:nilerr // the test's keys are either there or not
	}
	return true, content.Close()
}

func (d diskRecordings) Read(ctx context.Context, key string) (io.ReadCloser, error) {
	content, _, err := d.Open(ctx, key)
	return content, err
}

// importObjects lists the store's objects in importing's words.
type importObjects struct{ *blob.Disk }

func (d importObjects) List(ctx context.Context, prefix string) iter.Seq2[importing.Object, error] {
	return func(yield func(importing.Object, error) bool) {
		for o, err := range d.Disk.List(ctx, prefix) {
			if !yield(importing.Object(o), err) {
				return
			}
		}
	}
}

func newHouse(tb testing.TB, db *sqlstore.DB, opts ...account.Option) *house {
	tb.Helper()
	return newHouseAt(tb, db, time.Now, func() uuid.UUID { return uuid.Must(uuid.NewV7()) }, opts...)
}

// newHouseAt is newHouse with another clock, and ids that are known before.
func newHouseAt(tb testing.TB, db *sqlstore.DB, now func() time.Time, newID func() uuid.UUID, opts ...account.Option) *house {
	tb.Helper()
	key := bytes.Repeat([]byte("k"), 32)
	disk, err := blob.NewDisk(blob.DiskConfig{Dir: tb.TempDir(), PublicURL: "http://api.test", SigningKey: key, Now: now})
	if err != nil {
		tb.Fatal(err)
	}
	h := &house{tb: tb, db: db, log: &lines{}}
	opts = append(opts, account.WithClock(now), account.WithIDs(newID))
	h.accounts = account.New(db.Accounts(), cache.NewMemory(1<<20, nil), account.Config{SigningKey: key, AccessTTL: time.Hour, RefreshTTL: 24 * time.Hour}, opts...)
	content := catalog.New(db.Catalog(), diskRecordings{disk}, catalog.WithSniffer(sniff), catalog.WithRecordingsKept(24*time.Hour), catalog.WithClock(now), catalog.WithIDs(newID))
	played := practice.New(db.Practice(), content, practice.WithClock(now), practice.WithIDs(newID))
	h.deps = Deps{
		Accounts: h.accounts,
		Catalog:  content,
		Practice: played,
		Imports: importing.New(db.Importing(), importObjects{disk}, content, importing.Config{
			SessionTTL: time.Hour, FilesConfig: importing.FilesConfig{Sniff: sniff},
		}, importing.WithClock(now), importing.WithIDs(newID)),
		Audit:      audit.NewLog(db.Audit()),
		Stats:      statistics.New(content, h.accounts, played, db.Statistics(), "house", now),
		Recordings: disk,
		Media:      diskMedia{disk},
		Checks:     []Check{{Name: "database", Probe: db.Ping}},
	}
	h.handler = New(h.deps, Config{Log: h.log.logger()}).Handler()
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Log(h.log)
		}
	})
	return h
}

func sniff(head []byte) (ext, contentType string, err error) {
	format, err := audio.Sniff(head)
	return format.Ext(), format.ContentType(), err
}

// send sends a request and demands the status.
func (h *house) send(status int, q request) answer {
	h.tb.Helper()
	got := send(h.tb, h.handler, q)
	if got.status != status {
		h.tb.Fatalf("%s %s: status %d, want %d: %s", q.method, q.path, got.status, status, got.body)
	}
	return got
}

func encodeJSON(tb testing.TB, v any) string {
	tb.Helper()
	encoded, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return string(encoded)
}

// json sends a request with a JSON body and decodes the answer.
func (h *house) json(status int, method, path, token string, body body) map[string]any {
	h.tb.Helper()
	q := request{method: method, path: path, token: token}
	if body != nil {
		q.body = encodeJSON(h.tb, body)
	}
	got := h.send(status, q)
	if got.body == "" {
		return nil
	}
	return decodeJSON(h.tb, got.body).(map[string]any)
}

// learner registers somebody and returns their tokens.
func (h *house) learner(email string) (access, refresh string) {
	h.tb.Helper()
	got := h.json(201, post, "/auth/register", "", map[string]any{"email": email, "password": "SecurePass123", "name": "Nguyen Van A"})
	return got["access_token"].(string), got["refresh_token"].(string)
}

// admin makes an administrator the way operators do, and signs them in.
func (h *house) admin() (token string) {
	h.tb.Helper()
	_, err := h.accounts.CreateUser(h.tb.Context(), account.NewUser{
		Registration: account.Registration{Email: "admin@example.com", Password: "SecurePass123", Name: "Ada"}, Role: account.Admin,
	})
	if err != nil {
		h.tb.Fatal(err)
	}
	got := h.json(200, post, "/auth/login", "", map[string]any{"email": "ADMIN@example.com", "password": "SecurePass123"})
	return got["access_token"].(string)
}

// rows counts the rows of all tables that a request may write to.
func (h *house) rows() map[string]int {
	h.tb.Helper()
	counts := make(map[string]int)
	for _, table := range []string{"users", "refresh_tokens", "tags", "speeches", "speech_tags", "game_sessions", "game_results", "upload_sessions", "upload_files", "import_batches", "audit_log"} {
		var n int
		if err := h.db.Raw().GetContext(h.tb.Context(), &n, "SELECT count(*) FROM "+table); err != nil {
			h.tb.Fatal(err)
		}
		counts[table] = n
	}
	return counts
}

// path returns what of a link the daemon itself sees.
func (h *house) path(link any) string {
	h.tb.Helper()
	u, err := url.Parse(link.(string))
	if err != nil || u.Host != "api.test" {
		h.tb.Fatalf("%v is no link of ours: %v", link, err)
	}
	return "/" + u.RequestURI()
}

// wav is a short recording; different ones for different texts.
func wav(text string) string {
	var b bytes.Buffer
	data := []byte(strings.Repeat(text, 10))
	b.WriteString("RIFF")
	_ = binary.Write(&b, binary.LittleEndian, uint32(36+len(data)))
	b.WriteString("WAVEfmt ")
	for _, v := range []any{uint32(16), uint16(1), uint16(1), uint32(16000), uint32(32000), uint16(2), uint16(16)} {
		_ = binary.Write(&b, binary.LittleEndian, v)
	}
	b.WriteString("data")
	_ = binary.Write(&b, binary.LittleEndian, uint32(len(data)))
	b.Write(data)
	return b.String()
}

// uploadAndImport brings the sentences into the catalogue in the two steps of the spec.
func (h *house) uploadAndImport(token string, rows ...string) map[string]any {
	h.tb.Helper()
	var files []formPart
	table := "audio_filename,text,level,type,tags\n"
	for _, row := range rows {
		name, _, _ := strings.Cut(row, ",")
		files = append(files, formPart{"files", name, wav(row)})
		table += row + "\n"
	}
	uploaded := decodeJSON(h.tb, h.send(200, withForm(h.tb, request{method: post, path: "/admin/import/audio", token: token}, files)).body).(map[string]any)
	return decodeJSON(h.tb, h.send(200, withForm(h.tb, request{method: post, path: "/admin/import/csv", token: token}, []formPart{
		{"file", "lessons.csv", table}, {"upload_session_id", "", uploaded["upload_session_id"].(string)},
	})).body).(map[string]any)
}

func newUUID() string { return uuid.Must(uuid.NewV7()).String() }
