package app

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/englishapp/englishctl/internal/cache"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/doctor"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

// CheckTime is what each check of Examine may take. All run side by side.
const CheckTime = 5 * time.Second

// Examine looks at everything that a daemon with these settings would use, from where it would run, and returns what it has found. It starts,
// migrates and makes nothing; all it writes is one small recording in the audio store, which it opens by its link and removes.
//
// cfg may be nil: then invalid, the error of config.Load, is all that is known. daemons is how many share the database, at least 1. The error
// is that of ctx, or says that a check itself is broken.
func Examine(ctx context.Context, cfg *config.Config, report *config.Report, invalid error, daemons int) ([]doctor.Finding, error) {
	settings := doctor.Check{Name: "settings", Look: func(context.Context) []doctor.Finding { return settingsFindings(cfg, report, invalid) }}
	if cfg == nil {
		return doctor.Run(ctx, []doctor.Check{settings}, CheckTime)
	}
	v := newVisit(cfg, report, max(daemons, 1))
	return doctor.Run(ctx, append([]doctor.Check{settings}, v.checks()...), CheckTime)
}

// settingsFindings are the mistakes in the settings, and what is allowed but hardly meant.
func settingsFindings(cfg *config.Config, report *config.Report, invalid error) []doctor.Finding {
	if cfg != nil {
		invalid = cfg.ValidateForServe()
	}
	var found []doctor.Finding
	if f, ok := fault.As(invalid); ok {
		for _, field := range f.Fields {
			found = append(found, doctor.Broken(field.Name+" "+field.Message, "see docs/settings.md", field.Name)...)
		}
	} else if invalid != nil {
		found = append(found, doctor.Broken(invalid.Error(), "see docs/settings.md")...)
	}
	if cfg == nil {
		return append(found, doctor.Unknown("nothing else was looked at", "mend the settings first, and look again")...)
	}
	for _, warning := range report.Warnings {
		found = append(found, doctor.Unknown(warning, `see "englishctl config show"`)...)
	}
	if len(found) == 0 {
		return doctor.Fine("all are allowed, and fit together")
	}
	return found
}

// visit is where a daemon with the settings would stand.
type visit struct {
	cfg     *config.Config
	report  *config.Report
	daemons int
	address string
	// The following are replaced by tests.
	now   func() time.Time
	web   *http.Client
	room  func(path string) doctor.Disk
	limit func() int // of open files
}

func newVisit(cfg *config.Config, report *config.Report, daemons int) *visit {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true
	return &visit{
		cfg: cfg, report: report, daemons: daemons, address: publicAddress(cfg, nil), now: time.Now, room: roomAt, limit: openFiles,
		web: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

// checks are those that the settings call for, in the order in which they are shown.
func (v *visit) checks() []doctor.Check {
	checks := []doctor.Check{{Name: "database", Settings: []string{"DATABASE_URL"}, Look: v.database}}
	add := func(wanted bool, name string, look func(context.Context) []doctor.Finding, settings ...string) {
		if wanted {
			checks = append(checks, doctor.Check{Name: name, Settings: settings, Look: look})
		}
	}
	cfg := v.cfg
	add(cfg.Database.ReplicaURL != "", "replica", v.replica, "DATABASE_REPLICA_URL")
	add(cfg.Storage.S3(), "bucket", v.bucket, "S3_ENDPOINT_URL", "S3_PUBLIC_URL")
	add(!cfg.Storage.S3(), "recordings", v.folder, "DATA_DIR", "PUBLIC_URL")
	add(true, "disk", v.disk, "DATA_DIR")
	add(true, "open-files", v.openFiles)
	add(cfg.Cache.RedisURL != "", "redis", v.redis, "REDIS_URL")
	add(true, "daemon", v.daemon, "PUBLIC_URL")
	add(cfg.HTTP.TLS(), "certificate", v.certificate, "TLS_CERT_FILE")
	add(true, "speech", v.speech, "AZURE_SPEECH_ENDPOINT", "AZURE_SPEECH_REGION")
	add(cfg.Speech.AudioDecoderWASM != "", "decoder", v.decoder, "AUDIO_DECODER_WASM")
	add(true, "sign-in", v.social, "GOOGLE_ISSUER_URL", "APPLE_ISSUER_URL", "FACEBOOK_GRAPH_URL")
	add(true, "mail", v.mail, "SMTP_URL")
	add(true, "secrets", v.secrets)
	add(true, "panel", v.panel, "ADMIN_PASSWORD_HASH")
	return checks
}

func (v *visit) database(ctx context.Context) []doctor.Finding {
	db := v.cfg.Database
	if !db.Postgres() {
		seen, err := sqlstore.ExamineSQLite(ctx, sqlitePath(v.cfg))
		if err != nil {
			return doctor.Broken("SQLite: "+err.Error(), "let the daemon's user read and write there", "DATA_DIR")
		}
		return seen.Findings(db.AutoMigrate)
	}
	seen, err := sqlstore.ExaminePostgres(ctx, db.DSN(), v.now)
	if err != nil {
		return []doctor.Finding{doctor.Reached("PostgreSQL at "+place(db.URL.Reveal()), err, "DATABASE_URL")}
	}
	return seen.Findings(doctor.Pool{Size: db.PoolSize, Overflow: db.MaxOverflow, Daemons: v.daemons})
}

func (v *visit) replica(ctx context.Context) []doctor.Finding {
	seen, err := sqlstore.ExamineReplica(ctx, v.cfg.Database.ReplicaDSN(), v.cfg.Database.DSN())
	if err != nil {
		return []doctor.Finding{doctor.Reached("PostgreSQL at "+place(v.cfg.Database.ReplicaURL.Reveal()), err, "DATABASE_REPLICA_URL")}
	}
	return seen.Findings()
}

func (v *visit) redis(ctx context.Context) []doctor.Finding {
	url := v.cfg.Cache.RedisURL.Reveal()
	client, err := cache.NewRedis(url)
	if err != nil {
		return doctor.Broken(err.Error(), "see docs/settings.md", "REDIS_URL")
	}
	defer func() { _ = client.Close() }()
	seen, err := client.Examine(ctx, v.now)
	if err != nil {
		return []doctor.Finding{doctor.Reached("Redis at "+place(url), err, "REDIS_URL")}
	}
	return seen.Findings(v.cfg.HTTP.RequestSigningSecret != "")
}

// disk looks at DATA_DIR, or where it will be made.
func (v *visit) disk(context.Context) []doctor.Finding {
	path := v.cfg.DataDir
	for {
		if _, err := os.Stat(path); err == nil || filepath.Dir(path) == path {
			return v.room(path).Findings()
		}
		path = filepath.Dir(path)
	}
}

// quiet is a log for what is examined: the findings say it all.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// claimed is an address that nobody has (RFC 5737): a daemon that takes it for a client's believes whatever it is told.
var claimed = netip.AddrFrom4([4]byte{192, 0, 2, 1})

func (v *visit) mail(ctx context.Context) []doctor.Finding {
	m := v.cfg.Mail
	if !m.Enabled() {
		return doctor.Fine("none is sent: passwords cannot be reset, addresses not be proven (SMTP_URL)")
	}
	sender, err := newSender(m)
	if err != nil {
		return doctor.Broken(err.Error(), "see docs/settings.md", "MAIL_FROM")
	}
	at := net.JoinHostPort(m.Server().Host, strconv.Itoa(m.Server().Port))
	if err := sender.Greet(ctx); err != nil {
		return doctor.Broken(at+": "+err.Error(), "see whether host, port, user and password are right, and whether the server has STARTTLS", "SMTP_URL")
	}
	return doctor.Fine(at + " greets" + map[bool]string{true: " and lets us in", false: ""}[m.Server().User != ""] + "; no letter was sent")
}
