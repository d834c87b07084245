package app

import (
	"context"
	"crypto/tls"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/audio/ffmpeg"
	"github.com/englishapp/englishctl/internal/config"
	"github.com/englishapp/englishctl/internal/doctor"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/offline"
	"github.com/englishapp/englishctl/internal/pronunciation"
)

// speech asks who scores pronunciation whether they would.
func (v *visit) speech(ctx context.Context) []doctor.Finding {
	sp := v.cfg.Speech
	switch {
	case sp.Azure():
		return v.azure(ctx)
	case sp.Offline():
		return v.offline()
	case sp.Provider == config.SpeechNone:
		return doctor.Fine("nobody scores pronunciation, as SPEECH_PROVIDER says")
	}
	return doctor.Broken("nobody scores pronunciation: a setting is missing", "set both", "AZURE_SPEECH_KEY", "AZURE_SPEECH_REGION")
}

// askedSound is as long as a recording must be at least, and silent.
const askedSound = pronunciation.SampleRate * 3 / 10

// azure has a silent recording scored, in the way that the daemon has: it shows whether the key, the region and the network are right, and
// costs less than half a second of scoring.
func (v *visit) azure(ctx context.Context) []doctor.Finding {
	at := "Azure Speech in " + v.cfg.Speech.AzureRegion
	if v.cfg.Speech.AzureEndpoint != nil {
		at = "Azure Speech at " + v.cfg.Speech.AzureEndpoint.Host
	}
	assessor, err := newAzure(v.cfg.Speech)
	if err != nil {
		return doctor.Broken(err.Error(), "see docs/pronunciation.md", "AZURE_SPEECH_ENDPOINT")
	}
	_, err = assessor.Assess(ctx, pronunciation.Utterance{Samples: make([]int16, askedSound), Text: "Hello.", Language: "en-US"})
	if err == nil || fault.Is(err, fault.KindUnsuitable) { // it has listened, and has heard nothing
		return doctor.Fine(at + " takes the key, and listens")
	}
	said := at + ": " + err.Error()
	f, _ := errors.AsType[*pronunciation.Failure](err)
	dns, _ := errors.AsType[*net.DNSError](err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case dns != nil && dns.IsNotFound && v.cfg.Speech.AzureEndpoint != nil:
		return doctor.Broken(said, "set the address as the resource's page at Azure has it", "AZURE_SPEECH_ENDPOINT")
	case dns != nil && dns.IsNotFound:
		return doctor.Broken(said, "set the region as Azure spells it, such as westeurope", "AZURE_SPEECH_REGION")
	case untrusted:
		return doctor.Broken(said, "see whether this machine's clock is right, and whose certificate it is; one that a proxy or you have signed is trusted "+
			"where SSL_CERT_FILE names the authority", "AZURE_SPEECH_ENDPOINT")
	case errors.Is(err, http.ErrSchemeMismatch):
		return doctor.Broken(said, "set the address of what speaks TLS", "AZURE_SPEECH_ENDPOINT")
	case f != nil && f.Reason == pronunciation.Refused:
		return doctor.Broken(said, "copy key and region from one resource (Keys and Endpoint): a key works in its own region only", "AZURE_SPEECH_KEY", "AZURE_SPEECH_REGION")
	case f != nil && f.Reason == pronunciation.Throttled:
		return doctor.Unknown(said, "ask for no more at a time than the resource's tier allows", "SPEECH_API_CALLS")
	}
	return doctor.Broken(said, "see whether this machine may reach it, by HTTPS_PROXY where it needs one", "AZURE_SPEECH_REGION", "AZURE_SPEECH_ENDPOINT")
}

func (v *visit) offline() []doctor.Finding {
	dir, err := findModel(v.cfg, offline.DebianDir)
	switch {
	case err != nil:
		return doctor.Broken(err.Error(), "install the model, or name its folder", "OFFLINE_MODEL_DIR")
	case dir == "":
		return doctor.Unknown("nobody scores pronunciation", `"englishctl model install", or set the key and region of Azure Speech`, "AZURE_SPEECH_KEY", "AZURE_SPEECH_REGION")
	}
	if _, err := offline.Open(dir); err != nil {
		return doctor.Broken(err.Error(), "install the model again", "OFFLINE_MODEL_DIR")
	}
	return doctor.Fine("scored on this machine (en-US), by the model in " + dir)
}

// decoder compiles the module without keeping what comes of it.
func (v *visit) decoder(context.Context) []doctor.Finding {
	file := v.cfg.Speech.AudioDecoderWASM
	module, err := ffmpeg.Open(file, "")
	if err == nil {
		err = errors.Join(module.Ready(), module.Close())
	}
	if err != nil {
		return doctor.Broken(err.Error(), "build it again (scripts/build-decoder), or leave the setting out", "AUDIO_DECODER_WASM")
	}
	return doctor.Fine("FFmpeg in " + file + " compiles")
}

// social looks at the ids, and fetches the providers' keys as the first sign-in would.
func (v *visit) social(ctx context.Context) []doctor.Finding {
	s := v.cfg.Social
	shape := doctor.Social{FacebookID: s.FacebookAppID, FacebookSecret: s.FacebookAppSecret.Reveal()}
	if public(s.GoogleIssuerURL, "accounts.google.com") { // a stand-in's ids are its own affair
		shape.Google = s.GoogleClientIDs
	}
	if public(s.AppleIssuerURL, "appleid.apple.com") {
		shape.Apple = s.AppleClientIDs
	}
	if !public(s.FacebookGraphURL, "graph.facebook.com") {
		shape.FacebookID, shape.FacebookSecret = "", ""
	}
	found := shape.Findings()
	asked := providers(s).Reach(ctx)
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		if err := asked[name]; err != nil {
			found = append(found, doctor.Broken(name.Title()+"'s keys cannot be fetched: "+err.Error(),
				"let this machine reach it by HTTPS, by HTTPS_PROXY where it needs one", issuerSettings[name])...)
			continue
		}
		found = append(found, doctor.Fine(name.Title()+"'s keys can be fetched")...)
	}
	return found
}

var issuerSettings = map[account.Provider]string{
	account.Google: "GOOGLE_ISSUER_URL", account.Apple: "APPLE_ISSUER_URL", account.Facebook: "FACEBOOK_GRAPH_URL",
}

func public(issuer *url.URL, host string) bool { return issuer != nil && issuer.Host == host }

// secrets looks for secrets that others know, and for files that show them.
func (v *visit) secrets(context.Context) []doctor.Finding {
	cfg := v.cfg
	var secrets []doctor.Secret
	add := func(setting string, value config.Secret, key bool) {
		if value != "" {
			secrets = append(secrets, doctor.Secret{Setting: setting, Value: value.Reveal(), Key: key})
		}
	}
	add("JWT_SECRET_KEY", cfg.Auth.JWTSecretKey, true)
	add("JWT_SECRET_KEY_PREVIOUS", cfg.Auth.JWTSecretKeyPrevious, true)
	add("REQUEST_SIGNING_SECRET", cfg.HTTP.RequestSigningSecret, true)
	add("REQUEST_SIGNING_SECRET_PREVIOUS", cfg.HTTP.RequestSigningSecretPrevious, true)
	add("S3_SECRET_KEY", cfg.Storage.SecretKey, false)
	add("DATABASE_URL", passwordIn(cfg.Database.URL), false)
	add("DATABASE_REPLICA_URL", passwordIn(cfg.Database.ReplicaURL), false)
	add("REDIS_URL", passwordIn(cfg.Cache.RedisURL), false)
	return doctor.Secrets(secrets, v.files())
}

func passwordIn(address config.Secret) config.Secret {
	u, err := url.Parse(address.Reveal())
	if err != nil {
		return ""
	}
	password, _ := u.User.Password()
	return config.Secret(password)
}

// usualPasswords are tried at the operator's hash: those with which such panels are delivered.
var usualPasswords = []string{"admin", "password", "changeme"}

// openFiles looks at how many clients can be connected at a time. The daemon's own limit may be another one: its unit or container sets it.
func (v *visit) openFiles(context.Context) []doctor.Finding {
	files := v.limit()
	return doctor.OpenFiles{Limit: files, Clients: clientsOf(files)}.Findings()
}

// panel looks at who may sign in to it without an account.
func (v *visit) panel(ctx context.Context) []doctor.Finding {
	name, hash := v.cfg.Admin.Username, v.cfg.Admin.PasswordHash.Reveal()
	if hash == "" {
		if v.report.FirstSet("ADMIN_USERNAME") != "" {
			return doctor.Unknown("ADMIN_USERNAME is set, but nobody can sign in by it", "set the hash of the password, too", "ADMIN_PASSWORD_HASH")
		}
		return doctor.Fine("accounts with role admin alone sign in to the panel")
	}
	for _, password := range append(usualPasswords, name) {
		fits, err := account.PasswordFits(ctx, hash, password)
		if err != nil {
			return doctor.Broken("the hash of the operator's password is of no use: "+err.Error(), "make a new one", "ADMIN_PASSWORD_HASH")
		}
		if fits {
			return doctor.Broken("the operator's password is a usual one: others try it first", "choose another, and set its hash", "ADMIN_PASSWORD_HASH")
		}
	}
	return doctor.Fine(name + " and accounts with role admin sign in to the panel")
}
