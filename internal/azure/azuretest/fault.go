package azuretest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Fault is one way in which a request goes wrong. The zero value is none.
type Fault struct {
	Status     int    // answers with this status and Body
	Body       string // empty for a status: what Azure is known to send with it
	RetryAfter string // the header of that answer

	Recognition string // the RecognitionStatus, with status 200

	Hang  bool          // answers nothing until the caller hangs up
	Reset bool          // cuts the connection instead of answering
	Half  bool          // cuts the connection in the middle of the answer
	After time.Duration // does it, or answers rightly, after this time
}

// ParseFault reads a fault as a word: "503", "429/2" with a Retry-After of 2 s, "NoMatch" and the other recognition states, "empty",
// "hang", "reset", "half", "slow/3s", or "ok" for none.
func ParseFault(text string) (Fault, error) {
	word, extra, _ := strings.Cut(text, "/")
	switch word {
	case "ok":
		return Fault{}, nil
	case "empty":
		return Fault{Status: http.StatusOK, Body: "{}"}, nil
	case "hang":
		return Fault{Hang: true}, nil
	case "reset":
		return Fault{Reset: true}, nil
	case "half":
		return Fault{Half: true}, nil
	case "slow":
		after, err := time.ParseDuration(extra)
		return Fault{After: after}, err
	case "NoMatch", "InitialSilenceTimeout", "BabbleTimeout", "Error":
		return Fault{Recognition: word}, nil
	}
	status, err := strconv.Atoi(word)
	if err != nil || status < 200 || status > 599 {
		return Fault{}, fmt.Errorf("'%s' is no fault; allowed: a status such as 503 or 429/2, NoMatch, InitialSilenceTimeout, BabbleTimeout, Error, "+
			"empty, hang, reset, half, slow/3s or ok", text)
	}
	return Fault{Status: status, RetryAfter: extra}, nil
}

// refuse is an answer with the body that was seen with its status.
func refuse(status int, message string) *Fault {
	if status == http.StatusBadRequest {
		return &Fault{Status: status, Body: mustJSON(map[string]any{"Message": message})}
	}
	return &Fault{Status: status, Body: mustJSON(map[string]any{"error": map[string]any{"code": strconv.Itoa(status), "message": message}})}
}

// happens carries the fault out and reports whether there was one.
func (f Fault) happens(w http.ResponseWriter, r *http.Request, good []byte) bool {
	if f.After > 0 && !wait(r, f.After) {
		return true
	}
	switch {
	case f.Hang:
		<-r.Context().Done()
	case f.Reset:
		panic(http.ErrAbortHandler)
	case f.Half:
		w.Header().Set("Content-Length", strconv.Itoa(len(good)))
		_, _ = w.Write(good[:len(good)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case f.Recognition != "":
		answerJSON(w, []byte(mustJSON(map[string]any{"RecognitionStatus": f.Recognition, "Offset": 2_300_000, "Duration": 0})))
	case f.Status != 0:
		f.write(w)
	default:
		return false
	}
	return true
}

func (f Fault) write(w http.ResponseWriter) {
	body := f.Body
	if body == "" {
		body = refuse(f.Status, "The fake was told to answer this").Body
	}
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(f.Status)
	_, _ = w.Write([]byte(body))
}

func answerJSON(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(body)
}

// wait reports whether the time has passed before the caller hung up.
func wait(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

func mustJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps of texts and numbers always encode
	}
	return string(text)
}
