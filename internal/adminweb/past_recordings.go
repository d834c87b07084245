package adminweb

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
)

// past are the recordings that a speech can have again.
type past struct {
	// Missing is set where the store no longer has the recording in use.
	Missing bool
	// Unknown is set where the store cannot be asked now; then there is nothing else.
	Unknown bool
	Earlier []pastRecording
}

type pastRecording struct {
	// At is when it was replaced, or else when it was stored; Was says which: "until" or "stored".
	At  time.Time
	Was string
	// Removed is set for what was deleted or overwritten in the bucket: no link leads to it before it is brought back.
	Removed bool
	// Audio is a signed link; empty where it is removed.
	Audio string
	// Restore is the address of the question whether to bring it back.
	Restore string
}

// storePatience is how long the page of a speech waits for the audio store: all else on it is there without.
const storePatience = 3 * time.Second

// pastOf returns the earlier recordings of a speech. A store that is out does not take the speech's page with it.
func (p *Panel) pastOf(r *http.Request, speech catalog.Speech) (past, error) {
	ctx, cancel := context.WithTimeout(r.Context(), storePatience)
	defer cancel()
	all, err := p.catalog.Recordings(ctx, speech.ID)
	if fault.Is(err, fault.KindUnavailable) || err != nil && ctx.Err() != nil && r.Context().Err() == nil {
		p.logFailure(r.Context(), http.StatusServiceUnavailable, err)
		return past{Unknown: true}, nil
	}
	if err != nil {
		return past{}, err
	}
	var found past
	for _, recording := range all {
		switch recording.State {
		case catalog.RecordingInUse:
			continue
		case catalog.RecordingMissing:
			found.Missing = true
			continue
		}
		earlier := pastRecording{Removed: !recording.Playable(), Restore: restorePath(speech, recording.Version)}
		earlier.Was, earlier.At = age(recording)
		if earlier.Audio, err = p.catalog.RecordingURL(r.Context(), recording); err != nil {
			return past{}, err
		}
		found.Earlier = append(found.Earlier, earlier)
	}
	return found, nil
}

// age tells earlier recordings apart for who reads: until when learners heard one, or else when it was stored.
func age(r catalog.Recording) (was string, at time.Time) {
	if r.ReplacedAt != nil {
		return "until", *r.ReplacedAt
	}
	return "stored", r.StoredAt
}

// audio are the addresses that the page plays.
func (p past) audio() (addresses []string) {
	for _, recording := range p.Earlier {
		addresses = append(addresses, recording.Audio)
	}
	return addresses
}

// restorePath is where one is asked about a recording, and where the answer goes.
func restorePath(s catalog.Speech, version string) string {
	return "/admin/speeches/" + s.ID.String() + "/restore?" + url.Values{"version": {version}}.Encode()
}

func (p *Panel) askRestoreRecording(w http.ResponseWriter, r *http.Request) error {
	speech, err := p.speech(r)
	if err != nil {
		return err
	}
	recording, err := p.earlierRecording(r, speech)
	if err != nil {
		return err
	}
	was, at := age(recording)
	return p.ask(w, r, "speeches", question{
		Title: "Bring this recording back?", Object: speech.Text, Action: restorePath(speech, recording.Version),
		Back: "/admin/speeches/" + speech.ID.String(), Verb: "Bring the recording back",
		Goes:  []string{fmt.Sprintf("The recording that the speech has now: learners hear the earlier one (%s %s UTC) from the next game on.", was, when(at))},
		Stays: []string{"The text, the level, the type and the tags.", "The recording that it has now is an earlier one then, and can be brought back in its turn.", "The audit log says who did it."},
	})
}

// earlierRecording finds the recording that the question is about: the page with the link may be an old one.
func (p *Panel) earlierRecording(r *http.Request, speech catalog.Speech) (catalog.Recording, error) {
	all, err := p.catalog.Recordings(r.Context(), speech.ID)
	if err != nil {
		return catalog.Recording{}, err
	}
	for _, recording := range all {
		earlier := recording.State == catalog.RecordingKept || recording.State == catalog.RecordingRemoved
		if earlier && recording.Version == r.URL.Query().Get("version") {
			return recording, nil
		}
	}
	return catalog.Recording{}, fault.NotFound("the speech has no such earlier recording; its page shows those that it has")
}

func (p *Panel) restoreRecording(w http.ResponseWriter, r *http.Request) error {
	speech, err := p.speech(r)
	if err != nil {
		return err
	}
	if _, err := p.catalog.RestoreRecording(r.Context(), speech.ID, r.URL.Query().Get("version")); err != nil {
		return err
	}
	return done(w, r, "/admin/speeches/"+speech.ID.String(), "restored")
}
