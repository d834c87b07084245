package httpapi

import (
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/gorilla/mux"

	"github.com/englishapp/englishctl/internal/fault"
)

// play sends a recording, or the part of it that the player asks for, to whoever has a signed link.
func (a *API) play(w http.ResponseWriter, r *http.Request) error {
	if a.media == nil {
		return fault.NotFound("no recordings are kept here").WithCode("unknown_path")
	}
	q := r.URL.Query()
	expires := q.Get("expires")
	recording, info, err := a.media.OpenSigned(r.Context(), mux.Vars(r)["key"], expires, q.Get("signature"))
	if err != nil {
		return err
	}
	defer func() { _ = recording.Close() }() // opened for reading: nothing is lost

	h := w.Header()
	h.Set("Content-Type", info.ContentType)
	h.Set("ETag", info.ETag)
	h.Set("Cache-Control", "private, max-age="+strconv.FormatInt(a.secondsUntil(expires), 10))
	answer := &problemAware{ResponseWriter: w}
	http.ServeContent(answer, r, "", info.ModTime, recording)
	return answer.err
}

// secondsUntil returns how long a link is still good. OpenSigned has checked it, so it is a number in the future.
func (a *API) secondsUntil(expires string) int64 {
	end, err := strconv.ParseInt(expires, 10, 64)
	if err != nil {
		return 0
	}
	return max(0, end-a.now().Unix())
}

// problemAware keeps http.ServeContent from answering a bad range or a failed condition in its own words.
type problemAware struct {
	http.ResponseWriter
	err error
}

func (p *problemAware) WriteHeader(status int) {
	switch {
	case status == http.StatusRequestedRangeNotSatisfiable:
		p.err = &refusal{status, "range_not_satisfiable", "the recording does not have these bytes"}
	case status == http.StatusPreconditionFailed:
		p.err = &refusal{status, "precondition_failed", "the recording is another one now"}
	case status >= http.StatusBadRequest:
		p.err = fmt.Errorf("serve a recording: status %d", status)
	default:
		p.ResponseWriter.WriteHeader(status)
	}
}

func (p *problemAware) Write(body []byte) (int, error) {
	if p.err != nil {
		return io.Discard.Write(body) // ServeContent's own words
	}
	return p.ResponseWriter.Write(body)
}
