package config

import (
	"net/netip"
	"net/url"

	"github.com/englishapp/englishctl/internal/fault"
)

// checkTogether finds settings that are allowed one by one and contradict each other. Of a setting that is wrong
// by itself it says nothing: that it seems to be missing is the same mistake once more.
func (c *Config) checkTogether(wrong map[string]bool, mistakes *fault.Check) {
	h, s := c.HTTP, c.Storage
	require := func(ok bool, name, message string) { mistakes.Require(ok || wrong[name], name, "%s", message) }

	require(h.TLSCertFile != "" || h.TLSKeyFile == "", "TLS_CERT_FILE", "is not set, but TLS_KEY_FILE is; set both or neither")
	require(h.TLSKeyFile != "" || h.TLSCertFile == "", "TLS_KEY_FILE", "is not set, but TLS_CERT_FILE is; set both or neither")

	require(!s.S3() || s.AccessKey != "", "S3_ACCESS_KEY", "is not set, but S3_ENDPOINT_URL is; the store needs it")
	require(!s.S3() || s.SecretKey != "", "S3_SECRET_KEY", "is not set, but S3_ENDPOINT_URL is; the store needs it")
	require(!s.S3() || !s.UseSSL || s.Endpoint.Scheme != "http", "S3_USE_SSL",
		"is true, but S3_ENDPOINT_URL begins with http://; write https:// there, or leave S3_USE_SSL out")

	b := c.Backup
	require(b.Endpoint == nil || b.AccessKey != "", "BACKUP_S3_ACCESS_KEY", "is not set, but BACKUP_S3_ENDPOINT_URL is; the store needs it")
	require(b.Endpoint == nil || b.SecretKey != "", "BACKUP_S3_SECRET_KEY", "is not set, but BACKUP_S3_ENDPOINT_URL is; the store needs it")

	require(c.Database.Postgres() || c.Database.ReplicaURL == "", "DATABASE_URL",
		"is not set, but DATABASE_REPLICA_URL is; a replica needs a primary")
	replica, err := url.Parse(c.Database.ReplicaURL.Reveal())
	require(err != nil || !severalServers(replica), "DATABASE_REPLICA_URL",
		"names several servers; name one: how far it is behind is measured, and each has come another way")
	m := c.Mail
	require(!m.Enabled() || m.From != "", "MAIL_FROM", "is not set, but SMTP_URL is; mails need a sender")
	require(!m.Enabled() || m.AppURL != nil, "APP_URL", "is not set, but SMTP_URL is; the links in mails begin with it")
	require(c.Speech.AzureEndpoint == nil || c.Speech.AzureEndpoint.Scheme == "https" || loopback(c.Speech.AzureEndpoint.Hostname()), "AZURE_SPEECH_ENDPOINT",
		"begins with http://, so everybody on the way could read the key and hear the learners; write https://")
	require(c.Social.FacebookAppID != "" || c.Social.FacebookAppSecret == "", "FACEBOOK_APP_ID",
		"is not set, but FACEBOOK_APP_SECRET is; the secret alone is of no use")
}

// loopback tells names and addresses of this machine.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// warnings returns what is allowed but hardly meant.
func (c *Config) warnings() []string {
	var found []string
	s := c.Storage
	if !s.S3() && (s.AccessKey != "" || s.SecretKey != "" || s.PublicURL != nil) {
		found = append(found, "S3_ENDPOINT_URL is not set, so the other S3 settings have no effect: audio is kept under DATA_DIR")
	}
	if b := c.Backup; b.Endpoint == nil && (b.AccessKey != "" || b.SecretKey != "") {
		found = append(found, "BACKUP_S3_ENDPOINT_URL is not set, so the other BACKUP_S3 settings have no effect: backups go to the store of the audio")
	}
	if a := c.Auth; a.JWTSecretKeyPrevious != "" && a.JWTSecretKeyPrevious == a.JWTSecretKey {
		found = append(found, "JWT_SECRET_KEY_PREVIOUS is the same as JWT_SECRET_KEY: nothing was rotated")
	}
	if h := c.HTTP; h.RequestSigningSecretPrevious != "" && h.RequestSigningSecretPrevious == h.RequestSigningSecret {
		found = append(found, "REQUEST_SIGNING_SECRET_PREVIOUS is the same as REQUEST_SIGNING_SECRET: nothing was rotated")
	}
	if m := c.Mail; !m.Enabled() && (m.From != "" || m.AppURL != nil) {
		found = append(found, "SMTP_URL is not set, so MAIL_FROM and APP_URL have no effect: no mail is sent")
	}
	for _, network := range c.HTTP.TrustedProxies {
		if network.Bits() == 0 {
			found = append(found, "TRUSTED_PROXIES has "+network.String()+": everybody can claim any address, and the limits by address limit nobody")
		}
	}
	return found
}

// ValidateForServe checks what only the daemon needs, so that `config show` or `migrate` work without it.
//
// The error is like that of Load. It says that with PostgreSQL the key for tokens must be set (several daemons
// may share the database, and each would make a key of its own), that some providers are not there yet, that
// Azure cannot be asked without a key and a region or address, that half of the operator's way into the panel is missing, and that
// a secret of signatures was set as the previous one alone.
func (c *Config) ValidateForServe() error {
	var mistakes fault.Check
	mistakes.Require(!c.Database.Postgres() || c.Auth.JWTSecretKey != "", "JWT_SECRET_KEY",
		"is not set; with a PostgreSQL database there is no default; allowed: %s", secretOf(32).allowed)

	a := c.Admin
	mistakes.Require(a.Username == "" || a.PasswordHash != "", "ADMIN_PASSWORD_HASH",
		"is not set, but ADMIN_USERNAME is, so nobody could sign in with it; set both or neither; allowed: %s", passwordHash.allowed)
	mistakes.Require(a.Username != "" || a.PasswordHash == "", "ADMIN_USERNAME",
		"is not set, but ADMIN_PASSWORD_HASH is, so nobody could sign in with it; set both or neither; allowed: %s", word.allowed)

	h := c.HTTP
	mistakes.Require(h.RequestSigningSecret != "" || h.RequestSigningSecretPrevious == "", "REQUEST_SIGNING_SECRET",
		"is not set, but REQUEST_SIGNING_SECRET_PREVIOUS is; without it no request needs a signature")

	c.checkScoring(&mistakes)
	return failure(&mistakes)
}

// ValidateForScoring checks what scoring alone needs: that its provider is there, and that Azure can be asked. The error is like that of Load.
func (c *Config) ValidateForScoring() error {
	var mistakes fault.Check
	c.checkScoring(&mistakes)
	return failure(&mistakes)
}

func (c *Config) checkScoring(mistakes *fault.Check) {
	sp := c.Speech
	mistakes.Require(sp.Provider != SpeechAzureSDK || azureSDKBuiltIn, "SPEECH_PROVIDER",
		"is %s, but this program was built without Microsoft's SDK (build tag azuresdk); azure asks the same service", sp.Provider)
	named := sp.Provider == SpeechAzure || sp.Provider == SpeechAzureSDK
	mistakes.Require(!named || sp.AzureKey != "", "AZURE_SPEECH_KEY", "is not set, but SPEECH_PROVIDER is %s", sp.Provider)
	uses := named || sp.Provider == SpeechAuto && sp.AzureKey != ""
	mistakes.Require(!uses || sp.AzureRegion != "" || sp.AzureEndpoint != nil, "AZURE_SPEECH_REGION",
		"is not set, and neither is AZURE_SPEECH_ENDPOINT; Azure needs one of them")
}
