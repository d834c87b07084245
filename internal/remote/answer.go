package remote

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

const (
	// usualAnswer is far above a page of 200 speeches, the largest usual answer.
	usualAnswer = 16 << 20
	// problemAnswer is far above a problem with 100 mistakes.
	problemAnswer = 1 << 20
)

// read turns an answer into what into points to, or into an error.
func (c *client) read(q call, res *http.Response, into any) error {
	switch {
	case res.StatusCode >= 400:
		return c.problem(res)
	case res.StatusCode >= 300:
		return c.redirected(res)
	case into == nil:
		return nil
	case mediaType(res) != "application/json":
		return c.stranger(res)
	}
	most := q.most
	if most == 0 {
		most = usualAnswer
	}
	limited := &io.LimitedReader{R: &watched{Reader: res.Body}, N: most + 1}
	err := json.NewDecoder(limited).Decode(into)
	switch {
	case limited.N <= 0:
		return fmt.Errorf("the server %s answers with more than %d MiB; that is too much", c.server, most>>20)
	case err == nil:
		return nil
	case limited.R.(*watched).broken, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return c.brokenOff(q, err)
	}
	return fmt.Errorf("the server %s answers with something else than expected; is it of another version?", c.server)
}

// watched is a body that remembers whether it could be read to its end: what the decoder says does not tell.
type watched struct {
	io.Reader
	broken bool
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	w.broken = w.broken || err != nil && err != io.EOF // not errors.Is: a wrapped EOF is a body that broke off
	return n, err
}

func mediaType(res *http.Response) string {
	name, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return name
}

// stranger says that what answers is no daemon of ours: a proxy's page, most likely.
func (c *client) stranger(res *http.Response) error {
	return fmt.Errorf("what answers at %s (%d %s) is no englishctl; is the address right?",
		c.server, res.StatusCode, http.StatusText(res.StatusCode))
}

// redirected names the place that the answer points to, so that whoever trusts it can sign in there.
func (c *client) redirected(res *http.Response) error {
	place := "elsewhere"
	if to, err := url.Parse(res.Header.Get("Location")); err == nil && to.Host != "" {
		place = "to " + shown(to.Scheme+"://"+to.Host)
	}
	return fmt.Errorf("the server %s sends on %s, which is not followed; if that is the right address, sign in there", c.server, place)
}

// shown is what somebody else has written, without what could steer a terminal, and not longer than a sentence may be.
func shown(text string) string {
	const most = 2000
	clean := strings.ToValidUTF8(text, "\ufffd")
	clean = strings.Map(printable, clean)
	if runes := []rune(clean); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return clean
}
