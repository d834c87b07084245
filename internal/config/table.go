package config

import (
	"log/slog"
	"net/netip"
	"net/url"
	"time"
)

// groups is the table of all settings. Names, defaults and most sentences are those of the specification
// ("Environment Variables") and of the decisions on it ("Settings").
var groups = []group{
	{"Data and database", databaseSettings},
	{"HTTP", httpSettings},
	{"Signing in", authSettings},
	{"Signing in with Google, Apple, Facebook", socialSettings},
	{"Mail", mailSettings},
	{"Audio storage", storageSettings},
	{"Backup", backupSettings},
	{"Cache and rate limits", cacheSettings},
	{"Pronunciation", speechSettings},
	{"Import", importSettings},
	{"Admin panel", adminSettings},
	{"Logging", logSettings},
	{"Traces and error reports", tracingSettings},
	{"From a laptop", laptopSettings},
}

// withPostgres is a default for the production stack; the embedded one has another.
func withPostgres(def string) *instead {
	return &instead{def: def, when: "DATABASE_URL is set", holds: func(c *Config) bool { return c.Database.Postgres() }}
}

var databaseSettings = []setting{
	{name: "DATA_DIR", def: "./data",
		help:  "folder of the embedded database, of audio files and of generated keys",
		value: into(path, func(c *Config) *string { return &c.DataDir })},
	{name: "DATABASE_URL", secret: true, example: "postgres://USER:PASSWORD@localhost:5432/englishapp",
		help:  "PostgreSQL database; not set: SQLite in DATA_DIR",
		value: into(postgresURL, func(c *Config) *Secret { return &c.Database.URL })},
	{name: "DATABASE_REPLICA_URL", secret: true, example: "postgres://USER:PASSWORD@replica:5432/englishapp",
		help:  "PostgreSQL read replica for game history",
		value: into(postgresURL, func(c *Config) *Secret { return &c.Database.ReplicaURL })},
	{name: "DATABASE_REPLICA_MAX_LAG", def: "5s",
		help:  "how far behind the replica may be and still be read from; whoever has saved within twice that time reads at the primary",
		value: into(durationBetween("100ms", "1m"), func(c *Config) *time.Duration { return &c.Database.ReplicaMaxLag })},
	{name: "DATABASE_POOL_SIZE", def: "20", unit: "connections",
		help:  "PostgreSQL connections that are kept open",
		value: into(intBetween(1, 1000), func(c *Config) *int { return &c.Database.PoolSize })},
	{name: "DATABASE_MAX_OVERFLOW", def: "10", unit: "connections",
		help:  "PostgreSQL connections beyond those when it gets busy",
		value: into(intBetween(0, 1000), func(c *Config) *int { return &c.Database.MaxOverflow })},
	{name: "DATABASE_CONN_MAX_LIFETIME", def: "30m",
		help:  "how long a PostgreSQL connection is used before another takes its place, so that a failover or a balancer is noticed",
		value: into(durationBetween("1s", "24h"), func(c *Config) *time.Duration { return &c.Database.ConnMaxLifetime })},
	{name: "DATABASE_CONN_MAX_IDLE_TIME", def: "5m",
		help:  "how long a PostgreSQL connection stays open unused",
		value: into(durationBetween("1s", "24h"), func(c *Config) *time.Duration { return &c.Database.ConnMaxIdleTime })},
	{name: "DATABASE_STATEMENT_TIMEOUT", def: "25s",
		help:  "how long PostgreSQL works on one statement of the daemon or a command (migrations excepted); 0 for no bound. Behind PgBouncer, which does not take it, the timeout of the role counts",
		value: into(durationBetween("0s", "10m"), func(c *Config) *time.Duration { return &c.Database.StatementTimeout })},
	{name: "DATABASE_PREPARED_STATEMENTS", def: PreparedAuto,
		help:  "whether PostgreSQL keeps the statements of every game parsed and planned: auto: on connections on which that works, which it does not behind PgBouncer; on: also there, which takes PgBouncer 1.21 with max_prepared_statements; off: nowhere",
		value: into(oneOf(PreparedAuto, PreparedOn, PreparedOff), func(c *Config) *string { return &c.Database.Prepared })},
	{name: "AUTO_MIGRATE", def: "true", instead: withPostgres("false"),
		help:  "bring the database schema up to date at start",
		value: into(boolean, func(c *Config) *bool { return &c.Database.AutoMigrate })},
}

var httpSettings = []setting{
	{name: "API_HOST", def: "127.0.0.1", instead: withPostgres("0.0.0.0"),
		help:  "name or address to listen on",
		value: into(hostName, func(c *Config) *string { return &c.HTTP.Host })},
	{name: "API_PORT", def: "8000",
		help:  "port to listen on",
		value: into(port, func(c *Config) *int { return &c.HTTP.Port })},
	{name: "PUBLIC_URL", example: "https://api.example.com",
		help:  "the daemon's own address as phones see it, for links to its files",
		value: into(webURL, func(c *Config) **url.URL { return &c.HTTP.PublicURL })},
	{name: "ALLOWED_ORIGINS", example: "https://app.example.com,https://admin.example.com",
		help:  "web origins that may call the API from a browser",
		value: into(origins, func(c *Config) *[]string { return &c.HTTP.AllowedOrigins })},
	{name: "TRUSTED_PROXIES", example: "10.0.0.0/8,192.168.1.7",
		help:  "proxies whose X-Forwarded-For and X-Forwarded-Proto are believed",
		value: into(prefixes, func(c *Config) *[]netip.Prefix { return &c.HTTP.TrustedProxies })},
	{name: "TLS_CERT_FILE", example: "/etc/englishctl/tls.crt",
		help:  "certificate chain (PEM), to speak TLS without a proxy",
		value: into(path, func(c *Config) *string { return &c.HTTP.TLSCertFile })},
	{name: "TLS_KEY_FILE", example: "/etc/englishctl/tls.key",
		help:  "private key (PEM) of TLS_CERT_FILE",
		value: into(path, func(c *Config) *string { return &c.HTTP.TLSKeyFile })},
	{name: "RATE_LIMIT_PER_MINUTE", def: "100", unit: "requests",
		help:  "requests a minute, per user or address, where an endpoint has no limit of its own",
		value: into(intBetween(1, 1_000_000), func(c *Config) *int { return &c.HTTP.RateLimitPerMinute })},
	{name: "RATE_LIMITS", example: "login=60,register=30",
		help:  "requests a minute of single endpoints (of mail: mails an hour to one account), in place of the usual limits",
		value: into(rateLimits, func(c *Config) *map[string]int { return &c.HTTP.RateLimits })},
	{name: "REQUEST_SIGNING_SECRET", secret: true,
		help:  "secret that critical requests must be signed with (RFC 9421), and that commands sign with; not set: none need be",
		value: into(secretOf(16), func(c *Config) *Secret { return &c.HTTP.RequestSigningSecret })},
	{name: "REQUEST_SIGNING_SECRET_PREVIOUS", secret: true,
		help:  "secret that critical requests were signed with before; its signatures are still good",
		value: into(secretOf(16), func(c *Config) *Secret { return &c.HTTP.RequestSigningSecretPrevious })},
	{name: "METRICS_ADDR", example: "127.0.0.1:9090",
		help:  "address of a listener of its own for /metrics and /debug/pprof/; not set: /metrics alone, on the main one, for private addresses",
		value: into(listenAddr, func(c *Config) *string { return &c.HTTP.MetricsAddr })},
	{name: "SHUTDOWN_DELAY", def: "0s", instead: withPostgres("5s"),
		help:  "how long a daemon that is told to stop goes on taking requests while /readyz says no, so that balancers leave it first",
		value: into(durationBetween("0s", "10m"), func(c *Config) *time.Duration { return &c.HTTP.ShutdownDelay })},
	{name: "SHUTDOWN_TIMEOUT", def: "20s",
		help:  "how long requests in flight may take after that",
		value: into(durationBetween("1s", "10m"), func(c *Config) *time.Duration { return &c.HTTP.ShutdownTimeout })},
}

var authSettings = []setting{
	{name: "JWT_SECRET_KEY", secret: true,
		help:  "key that signs our tokens; not set: generated into DATA_DIR, except with PostgreSQL, which requires it",
		value: into(secretOf(32), func(c *Config) *Secret { return &c.Auth.JWTSecretKey })},
	{name: "JWT_SECRET_KEY_PREVIOUS", secret: true,
		help:  "key that has signed our tokens before; what it has signed is still good",
		value: into(secretOf(32), func(c *Config) *Secret { return &c.Auth.JWTSecretKeyPrevious })},
	{name: "JWT_ALGORITHM", def: "HS256",
		help:  "algorithm that signs our tokens",
		value: into(matching("word", `\AHS256\z`, "HS256"), func(c *Config) *string { return &c.Auth.JWTAlgorithm })},
	{name: "JWT_ACCESS_TOKEN_EXPIRE_MINUTES", aliases: []string{"ACCESS_TOKEN_EXPIRE_MINUTES"}, def: "60", unit: "minutes",
		help:  "life of an access token",
		value: into(minutes(1, 525_600), func(c *Config) *time.Duration { return &c.Auth.AccessTokenTTL })},
	{name: "JWT_REFRESH_TOKEN_EXPIRE_DAYS", aliases: []string{"REFRESH_TOKEN_EXPIRE_DAYS"}, def: "7", unit: "days",
		help:  "life of a refresh token",
		value: into(days(1, 3650), func(c *Config) *time.Duration { return &c.Auth.RefreshTokenTTL })},
}

var socialSettings = []setting{
	{name: "GOOGLE_CLIENT_ID", example: "ios.apps.googleusercontent.com,android.apps.googleusercontent.com",
		help:  "client ids of our apps at Google; not set: nobody signs in with Google",
		value: into(list, func(c *Config) *[]string { return &c.Social.GoogleClientIDs })},
	{name: "GOOGLE_ISSUER_URL", def: "https://accounts.google.com",
		help:  "where Google's keys are found; another address names them by OpenID Connect discovery",
		value: into(webURL, func(c *Config) **url.URL { return &c.Social.GoogleIssuerURL })},
	{name: "APPLE_CLIENT_ID", example: "com.example.englishapp",
		help:  "client ids (bundle ids, services ids) of our apps at Apple; not set: nobody signs in with Apple",
		value: into(list, func(c *Config) *[]string { return &c.Social.AppleClientIDs })},
	{name: "APPLE_ISSUER_URL", def: "https://appleid.apple.com",
		help:  "where Apple's keys are found, at /auth/keys",
		value: into(webURL, func(c *Config) **url.URL { return &c.Social.AppleIssuerURL })},
	{name: "FACEBOOK_APP_ID", example: "1234567890",
		help:  "id of our app at Facebook; not set: nobody signs in with Facebook",
		value: into(word, func(c *Config) *string { return &c.Social.FacebookAppID })},
	{name: "FACEBOOK_APP_SECRET", secret: true,
		help:  "secret of our app at Facebook; not set: only tokens of Limited Login are taken",
		value: into(secretOf(1), func(c *Config) *Secret { return &c.Social.FacebookAppSecret })},
	{name: "FACEBOOK_GRAPH_URL", def: "https://graph.facebook.com",
		help:  "where Facebook checks tokens; a version may follow, as in /v21.0",
		value: into(webURL, func(c *Config) **url.URL { return &c.Social.FacebookGraphURL })},
}

var mailSettings = []setting{
	{name: "SMTP_URL", secret: true, example: "smtp://USER:PASSWORD@mail.example.com:587",
		help:  "mail server for password resets and for proving addresses; not set: neither of them works",
		value: into(smtpURL, func(c *Config) *Secret { return &c.Mail.SMTPURL })},
	{name: "MAIL_FROM", example: "English App <no-reply@example.com>",
		help:  "sender of those mails",
		value: into(mailbox, func(c *Config) *string { return &c.Mail.From })},
	{name: "APP_URL", example: "https://app.example.com",
		help:  "the app's own address, for the links in mails: APP_URL/reset-password?token=… and APP_URL/verify-email?token=…",
		value: into(webURL, func(c *Config) **url.URL { return &c.Mail.AppURL })},
}

var storageSettings = []setting{
	{name: "S3_ENDPOINT_URL", aliases: []string{"MINIO_ENDPOINT"}, example: "http://localhost:9000",
		help:  "MinIO or another S3 store; not set: files in DATA_DIR",
		value: into(endpoint, func(c *Config) **url.URL { return &c.Storage.Endpoint })},
	{name: "S3_PUBLIC_URL", example: "https://audio.example.com",
		help:  "address of the same store as phones reach it; not set: S3_ENDPOINT_URL",
		value: into(endpoint, func(c *Config) **url.URL { return &c.Storage.PublicURL })},
	{name: "S3_ACCESS_KEY", aliases: []string{"MINIO_ACCESS_KEY"}, secret: true,
		help:  "access key of the store",
		value: into(secretOf(1), func(c *Config) *Secret { return &c.Storage.AccessKey })},
	{name: "S3_SECRET_KEY", aliases: []string{"MINIO_SECRET_KEY"}, secret: true,
		help:  "secret key of the store",
		value: into(secretOf(1), func(c *Config) *Secret { return &c.Storage.SecretKey })},
	{name: "S3_BUCKET_NAME", aliases: []string{"MINIO_BUCKET_NAME"}, def: "englishapp-audio",
		help:  "bucket for audio, created where missing",
		value: into(bucketName, func(c *Config) *string { return &c.Storage.Bucket })},
	{name: "S3_REGION", def: "us-east-1",
		help:  "region of the bucket; MinIO does not mind",
		value: into(word, func(c *Config) *string { return &c.Storage.Region })},
	{name: "S3_USE_SSL", def: "false",
		help:  "whether an endpoint that is written without http:// or https:// speaks TLS",
		value: into(boolean, func(c *Config) *bool { return &c.Storage.UseSSL })},
	{name: "S3_MANAGE_BUCKET", def: "true",
		help:  "turn the bucket's versioning on at start and set its rules for forgotten uploads and old versions",
		value: into(boolean, func(c *Config) *bool { return &c.Storage.Manage })},
	{name: "REPLACED_RECORDING_DAYS", def: "30", unit: "days",
		help:  "for how long a recording that was replaced, or deleted from a bucket with versioning, can be brought back; 0: not at all",
		value: into(days(0, 3650), func(c *Config) *time.Duration { return &c.Storage.KeepReplaced })},
}

var backupSettings = []setting{
	{name: "BACKUP_S3_ENDPOINT_URL", example: "https://s3.eu-central-1.amazonaws.com",
		help:  "store that backups to s3://BUCKET go to, better not the one that the audio is in; not set: S3_ENDPOINT_URL with its keys",
		value: into(storeURL, func(c *Config) **url.URL { return &c.Backup.Endpoint })},
	{name: "BACKUP_S3_ACCESS_KEY", secret: true,
		help:  "access key of that store",
		value: into(secretOf(1), func(c *Config) *Secret { return &c.Backup.AccessKey })},
	{name: "BACKUP_S3_SECRET_KEY", secret: true,
		help:  "secret key of that store",
		value: into(secretOf(1), func(c *Config) *Secret { return &c.Backup.SecretKey })},
	{name: "BACKUP_S3_REGION", def: "us-east-1",
		help:  "region of that store's bucket; MinIO does not mind",
		value: into(word, func(c *Config) *string { return &c.Backup.Region })},
}

var cacheSettings = []setting{
	{name: "REDIS_URL", aliases: []string{"RATE_LIMIT_REDIS_URL"}, secret: true, example: "redis://localhost:6379/0",
		help:  "Redis for cached values and rate limits; not set: in this process",
		value: into(redisURL, func(c *Config) *Secret { return &c.Cache.RedisURL })},
}

var speechSettings = []setting{
	{name: "SPEECH_PROVIDER", example: "azure",
		help:  "who scores: azure, azure-sdk (Microsoft's SDK, in a program that was built with it), offline or none; not set: azure where its key is set, else offline where a model is found, else none",
		value: into(oneOf(SpeechAzure, SpeechAzureSDK, SpeechOffline, SpeechNone), func(c *Config) *string { return &c.Speech.Provider })},
	{name: "AZURE_SPEECH_KEY", secret: true,
		help:  "key of the Azure Speech resource, which works in its region only",
		value: into(secretOf(1), func(c *Config) *Secret { return &c.Speech.AzureKey })},
	{name: "AZURE_SPEECH_REGION", example: "westeurope",
		help:  "region of the Azure Speech resource",
		value: into(azureRegion, func(c *Config) *string { return &c.Speech.AzureRegion })},
	{name: "AZURE_SPEECH_ENDPOINT", example: "https://NAME.cognitiveservices.azure.com",
		help:  "replaces the address made from the region (sovereign clouds, private endpoints): https://, on this machine also http://; a path, where it has one, is the whole path",
		value: into(webURL, func(c *Config) **url.URL { return &c.Speech.AzureEndpoint })},
	{name: "SPEECH_API_TIMEOUT", def: "10", unit: "seconds",
		help:  "how long one assessment may take, with all attempts",
		value: into(secondsBetween("100ms", "2m"), func(c *Config) *time.Duration { return &c.Speech.Timeout })},
	{name: "SPEECH_API_CALLS", def: "100",
		help:  "how many assessments the provider is asked for at a time: 100 of Azure's standard tier, 1 of its free one",
		value: into(intBetween(1, 1000), func(c *Config) *int { return &c.Speech.Calls })},
	{name: "SPEECH_API_HEDGE", def: "false",
		help:  "whether the provider is asked a second time, beside a call that takes longer than 95 of the last 100 did; the first answer counts. It costs more calls",
		value: into(boolean, func(c *Config) *bool { return &c.Speech.Hedge })},
	{name: "OFFLINE_MODEL_DIR", example: "/usr/share/pocketsphinx/model/en-us",
		help:  "folder with the acoustic model of the offline provider; not set: DATA_DIR/model, then where Debian's pocketsphinx-en-us puts it",
		value: into(path, func(c *Config) *string { return &c.Speech.OfflineModelDir })},
	{name: "AUDIO_DECODER_WASM", example: "/usr/share/englishctl/decoder.wasm",
		help:  "FFmpeg as a WASM module (scripts/build-decoder), for audio that the built-in decoder refuses; not set: that one alone",
		value: into(path, func(c *Config) *string { return &c.Speech.AudioDecoderWASM })},
}

var importSettings = []setting{
	{name: "UPLOAD_SESSION_TTL", def: "24h",
		help:  "how long uploaded audio waits for its CSV",
		value: into(durationBetween("1s", "720h"), func(c *Config) *time.Duration { return &c.Import.UploadSessionTTL })},
}

var adminSettings = []setting{
	{name: "ADMIN_USERNAME", example: "admin",
		help:  "who signs in to the panel (/admin) without an account; set with ADMIN_PASSWORD_HASH, or neither",
		value: into(word, func(c *Config) *string { return &c.Admin.Username })},
	{name: "ADMIN_PASSWORD_HASH", secret: true,
		help:  "hash of that password, made by `englishctl users hash-password`; neither set: only accounts with role admin sign in",
		value: into(passwordHash, func(c *Config) *Secret { return &c.Admin.PasswordHash })},
}

var logSettings = []setting{
	{name: "DEBUG", def: "false",
		help:  "makes debug the default of LOG_LEVEL",
		value: into(boolean, func(c *Config) *bool { return &c.Log.Debug })},
	{name: "LOG_LEVEL", def: "info",
		instead: &instead{def: "debug", when: "DEBUG is true", holds: func(c *Config) bool { return c.Log.Debug }},
		help:    "least level that is logged",
		value:   into(logLevel, func(c *Config) *slog.Level { return &c.Log.Level })},
	{name: "LOG_FORMAT", def: "auto",
		help:  "shape of a log line; auto: text when stderr is a terminal, else json",
		value: into(oneOf("json", "text", "auto"), func(c *Config) *string { return &c.Log.Format })},
}

var tracingSettings = []setting{
	{name: "OTEL_EXPORTER_OTLP_ENDPOINT", example: "http://collector:4318",
		help:  "collector that takes traces by OTLP over HTTP, at /v1/traces; not set: nothing is traced",
		value: into(webURL, func(c *Config) **url.URL { return &c.Tracing.Endpoint })},
	{name: "OTEL_EXPORTER_OTLP_HEADERS", secret: true, example: "api-key=KEY",
		help:  "headers for the collector",
		value: into(otlpHeaders, func(c *Config) *map[string]Secret { return &c.Tracing.Headers })},
	{name: "OTEL_SERVICE_NAME", def: "englishctl",
		help:  "name of this program in traces",
		value: into(word, func(c *Config) *string { return &c.Tracing.Service })},
	{name: "OTEL_TRACES_SAMPLER_ARG", def: "1",
		help:  "share of requests that are traced",
		value: into(ratio, func(c *Config) *float64 { return &c.Tracing.Ratio })},
	{name: "SENTRY_DSN", secret: true, example: "https://KEY@sentry.example.com/1",
		help:  "project in Sentry that learns of panics and of answers of 500 and more; not set: nobody does",
		value: into(sentryDSN, func(c *Config) *Secret { return &c.Tracing.SentryDSN })},
}

var laptopSettings = []setting{
	{name: "ENGLISHCTL_SERVER", example: "https://api.example.com",
		help:  "daemon that commands work with over HTTP; local: this machine's database",
		value: into(server, func(c *Config) *string { return &c.Server })},
}
