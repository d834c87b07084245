package app

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"

	"github.com/englishapp/englishctl/internal/offline"
)

// About says in a few words what a daemon uses, for the terminal.
type About struct {
	Address       string
	Database      string
	Audio         string
	Decoder       string
	Cache         string
	Mail          string
	Pronunciation string
	// Next are sentences that say what to do next.
	Next []string
}

// About describes the daemon without any secret.
func (d *Daemon) About() About {
	about := About{
		Address:       d.address,
		Database:      "SQLite in " + sqlitePath(d.cfg),
		Audio:         "files in " + filepath.Join(d.cfg.DataDir, "audio"),
		Decoder:       "built in: MP3, WAV, M4A with AAC (AUDIO_DECODER_WASM)",
		Cache:         "in this process",
		Mail:          "none: passwords cannot be reset, addresses not be proven (SMTP_URL)",
		Pronunciation: "not scored (\"englishctl model install\", or AZURE_SPEECH_KEY and AZURE_SPEECH_REGION)",
	}
	if d.cfg.Database.Postgres() {
		about.Database = "PostgreSQL at " + place(d.cfg.Database.URL.Reveal())
	}
	if d.cfg.Storage.S3() {
		about.Audio = fmt.Sprintf("bucket %s at %s", d.cfg.Storage.Bucket, d.cfg.Storage.Endpoint)
	}
	if module := d.cfg.Speech.AudioDecoderWASM; module != "" {
		about.Decoder = "built in, and FFmpeg in " + module
	}
	if d.cfg.Cache.RedisURL != "" {
		about.Cache = "Redis at " + place(d.cfg.Cache.RedisURL.Reveal())
	}
	if d.cfg.Mail.Enabled() {
		server := d.cfg.Mail.Server()
		about.Mail = "by " + net.JoinHostPort(server.Host, strconv.Itoa(server.Port))
	}
	if sp := d.cfg.Speech; sp.Azure() {
		about.Pronunciation = "scored by Azure Speech in " + sp.AzureRegion
		if sp.AzureEndpoint != nil {
			about.Pronunciation = "scored by Azure Speech at " + sp.AzureEndpoint.Host
		}
	}
	if dir, err := findModel(d.cfg, offline.DebianDir); d.cfg.Speech.Offline() && dir != "" && err == nil {
		about.Pronunciation = "estimated on this machine (en-US), model in " + dir
	}
	about.Next = append(about.Next,
		"Fill it:     englishctl import FILE.csv --audio DIR",
		"First admin: englishctl users create --email ADDRESS --name NAME --role admin",
		"Settings:    englishctl config show",
	)
	return about
}

// place names host and database of an address, and nothing of its user or password.
func place(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the configured address"
	}
	return u.Host + u.Path
}
