package config

import (
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"time"
)

// Config is every setting, checked and typed. The zero value is of no use; Load makes it.
// Paths are as given or absolute where Load was told the working directory.
type Config struct {
	DataDir  string // where the embedded database, audio and generated keys live
	HTTP     HTTP
	Database Database
	Storage  Storage
	Backup   Backup
	Cache    Cache
	Auth     Auth
	Social   Social
	Mail     Mail
	Speech   Speech
	Import   Import
	Admin    Admin
	Log      Log
	Tracing  Tracing
	// Server is the daemon that commands work with, its address without a trailing slash; ServerLocal: this machine's
	// database; empty: not said. The daemon itself does not mind.
	Server string
}

// ServerLocal is the value of Config.Server that means this machine's database.
const ServerLocal = "local"

// HTTP says where and how the daemon listens and whom it believes.
type HTTP struct {
	Host                         string         // name or IP address to listen on
	Port                         int            // 0..65535; 0 lets the system choose
	PublicURL                    *url.URL       // the daemon's address as phones see it, no trailing slash; nil: made from each request
	AllowedOrigins               []string       // origins for CORS, "scheme://host[:port]", or just "*"; empty: none
	TrustedProxies               []netip.Prefix // only from them X-Forwarded-For and -Proto are believed
	TLSCertFile                  string         // both or neither
	TLSKeyFile                   string
	RateLimitPerMinute           int            // for endpoints without a limit of their own; at least 1
	RateLimits                   map[string]int // requests a minute of single endpoints, by the names in limitNames; missing: the usual ones
	RequestSigningSecret         Secret         // empty: requests need no signature
	RequestSigningSecretPrevious Secret         // its signatures are good beside those of RequestSigningSecret; empty: none
	MetricsAddr                  string         // "host:port" of a listener for /metrics alone; empty: on the main one
	ShutdownDelay                time.Duration  // how long requests are still taken at a stop while /readyz says no; 0: not at all
	ShutdownTimeout              time.Duration  // how long requests in flight may take after that
}

// Addr returns host:port for net.Listen.
func (h HTTP) Addr() string { return net.JoinHostPort(h.Host, strconv.Itoa(h.Port)) }

// TLS reports whether the daemon itself speaks TLS.
func (h HTTP) TLS() bool { return h.TLSCertFile != "" }

// Database says which database, and how many connections to it.
type Database struct {
	URL        Secret // PostgreSQL; empty: SQLite in DataDir
	ReplicaURL Secret // PostgreSQL that may lag behind; empty: none
	// ReplicaMaxLag is how far the replica may lag behind and still be read from.
	ReplicaMaxLag time.Duration
	PoolSize      int // connections that are kept open
	MaxOverflow   int // connections beyond those, closed after use
	// ConnMaxLifetime and ConnMaxIdleTime are when a PostgreSQL connection is replaced, in use or not.
	ConnMaxLifetime, ConnMaxIdleTime time.Duration
	// StatementTimeout is when PostgreSQL gives up a statement; 0: never.
	StatementTimeout time.Duration
	// Prepared is where PostgreSQL prepares statements: one of PreparedAuto, PreparedOn, PreparedOff.
	Prepared    string
	AutoMigrate bool // bring the schema up to date at start
}

// The choices of Database.Prepared.
const (
	PreparedAuto = "auto"
	PreparedOn   = "on"
	PreparedOff  = "off"
)

// Postgres reports whether the database is PostgreSQL; otherwise it is the embedded SQLite.
func (d Database) Postgres() bool { return d.URL != "" }

// MaxOpenConns is the cap for sql.DB.SetMaxOpenConns; PoolSize is the one for SetMaxIdleConns.
func (d Database) MaxOpenConns() int { return d.PoolSize + d.MaxOverflow }

// DSN returns the address for lib/pq (see PostgresDSN), or "" for SQLite. It holds the password.
func (d Database) DSN() string { return dsnOf(d.URL) }

// ReplicaDSN returns the address of the replica for lib/pq, or "" where there is none. It holds the password.
func (d Database) ReplicaDSN() string { return dsnOf(d.ReplicaURL) }

// Storage says where audio lives.
type Storage struct {
	Endpoint  *url.URL // scheme http or https and host; nil: files in DataDir
	PublicURL *url.URL // the same store as phones reach it; equal to Endpoint unless set; nil with it
	AccessKey Secret
	SecretKey Secret
	Bucket    string
	Region    string
	UseSSL    bool // what S3_USE_SSL says; Endpoint.Scheme is what holds
	// Manage says that the daemon sets versioning and rules of the bucket at its start.
	Manage bool
	// KeepReplaced is for how long replaced recordings can be brought back; 0: not at all.
	KeepReplaced time.Duration
}

// S3 reports whether audio lives in an S3 store; otherwise it is files in DataDir.
func (s Storage) S3() bool { return s.Endpoint != nil }

// Backup says which store has the buckets of backups. Without an Endpoint it is the one of Storage.
type Backup struct {
	Endpoint  *url.URL
	AccessKey Secret
	SecretKey Secret
	Region    string
}

// Cache says where cached values and rate-limit counters live.
type Cache struct {
	RedisURL Secret // empty: in this process
}

// Tracing says who learns what happens in requests, beside the log.
type Tracing struct {
	Endpoint  *url.URL          // collector of traces, no trailing slash; nil: nothing is traced
	Headers   map[string]Secret // for the collector
	Service   string            // name of this program there
	Ratio     float64           // 0 to 1: share of requests that are traced
	SentryDSN Secret            // empty: nobody learns of failures
}

// Auth is about our own tokens.
type Auth struct {
	JWTSecretKey         Secret // at least 32 bytes; empty: the daemon keeps a generated one in DataDir
	JWTSecretKeyPrevious Secret // has signed before JWTSecretKey; empty: none
	JWTAlgorithm         string // always HS256
	AccessTokenTTL       time.Duration
	RefreshTokenTTL      time.Duration
}

// Social is about signing in with Google, Apple and Facebook. A provider without a client id is off.
type Social struct {
	GoogleClientIDs   []string
	GoogleIssuerURL   *url.URL
	AppleClientIDs    []string
	AppleIssuerURL    *url.URL
	FacebookAppID     string
	FacebookAppSecret Secret
	FacebookGraphURL  *url.URL
}

// Mail is about the mails that accounts need. All of it is set, or nothing.
type Mail struct {
	SMTPURL Secret   // empty: no mail is sent
	From    string   // an address, with or without a name
	AppURL  *url.URL // what the links begin with, no trailing slash
}

// Enabled reports whether mail is sent.
func (m Mail) Enabled() bool { return m.SMTPURL != "" }

// The values of SMTP.Security; all but the first are those of the parameter starttls.
const (
	SMTPImplicit = "implicit" // TLS from the beginning: smtps://
	SMTPRequire  = "require"  // STARTTLS, or no mail
	SMTPPrefer   = "prefer"   // STARTTLS where it is offered
	SMTPDisable  = "disable"  // in the clear
)

// SMTP is a mail server.
type SMTP struct {
	Host     string
	Port     int
	User     string // empty: no AUTH
	Password Secret
	Security string // one of the SMTP constants
}

// The values of Speech.Provider.
const (
	SpeechAuto     = "" // azure where a key is set, else offline where a model is found, else none
	SpeechAzure    = "azure"
	SpeechAzureSDK = "azure-sdk"
	SpeechOffline  = "offline"
	SpeechNone     = "none"
)

// Speech says who scores pronunciation.
type Speech struct {
	Provider         string // one of the Speech constants
	AzureKey         Secret
	AzureRegion      string   // as in "westeurope"
	AzureEndpoint    *url.URL // replaces the address made from the region; nil: none
	Timeout          time.Duration
	Calls            int    // to the provider at a time
	Hedge            bool   // a second call beside a slow one
	OfflineModelDir  string // empty: the usual places
	AudioDecoderWASM string // empty: the built-in decoder
}

// Azure reports whether Azure Speech scores: it is asked for, or nobody else is, and there is all that it needs.
func (s Speech) Azure() bool {
	wanted := s.Provider == SpeechAzure || s.Provider == SpeechAzureSDK || s.Provider == SpeechAuto
	return wanted && s.AzureKey != "" && (s.AzureRegion != "" || s.AzureEndpoint != nil)
}

// Offline reports whether the acoustic model of this machine scores where there is one: it is asked for, or nobody else is.
func (s Speech) Offline() bool {
	return s.Provider == SpeechOffline || s.Provider == SpeechAuto && s.AzureKey == ""
}

// Import is about bringing lessons in.
type Import struct {
	UploadSessionTTL time.Duration // how long uploaded audio waits for its CSV
}

// Admin is who may use the panel without an account.
type Admin struct {
	Username     string // empty: nobody
	PasswordHash Secret // bcrypt or argon2id; set where Username is (Config.ValidateForServe)
}

// Log says what is logged and how.
type Log struct {
	Debug  bool // makes debug the default level
	Level  slog.Level
	Format string // "json", "text" or "auto"
}
