package httpapi

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"sync"

	"github.com/google/uuid"
)

// plain tells of each byte whether it stands in a JSON text as it is.
var plain = func() (is [256]bool) {
	for c := ' '; c <= '~'; c++ {
		is[c] = c != '"' && c != '\\'
	}
	return is
}()

// appendText appends a text as encode would: most are plain, and the others are left to encoding/json.
func appendText(to []byte, text string) ([]byte, error) {
	for i := range len(text) {
		if !plain[text[i]] {
			return appendAny(to, text)
		}
	}
	to = append(to, '"')
	to = append(to, text...)
	return append(to, '"'), nil
}

// appendID appends an id between quotes (RFC 9562, section 4).
func appendID(to []byte, id uuid.UUID) []byte {
	to = append(to, '"')
	for i, part := range [][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			to = append(to, '-')
		}
		to = hex.AppendEncode(to, part)
	}
	return append(to, '"')
}

func appendAny(to []byte, text string) ([]byte, error) {
	encoded, err := encode(text)
	if err != nil {
		return nil, err
	}
	return append(to, encoded[:len(encoded)-1]...), nil // without the line's end
}

// appendJSON appends the same text that encode would make, in a fraction of the time: a draw has ten of them or more.
func (s speechResponse) appendJSON(to []byte) (_ []byte, err error) {
	text := func(name, value string) {
		if err == nil {
			to = append(to, name...)
			to, err = appendText(to, value)
		}
	}
	to = appendID(append(to, `{"id":`...), s.ID)
	text(`,"audio_url":`, s.AudioURL)
	text(`,"text":`, s.Text)
	text(`,"level":`, string(s.Level))
	text(`,"type":`, string(s.Type))
	to = append(to, `,"tags":[`...)
	for i, tag := range s.Tags {
		if i > 0 {
			to = append(to, ',')
		}
		to = appendID(append(to, `{"id":`...), tag.ID)
		text(`,"name":`, tag.Name)
		to = append(to, '}')
	}
	return append(to, "]}"...), err
}

// appendJSON appends the body of the answer.
func (d drawResponse) appendJSON(to []byte) (_ []byte, err error) {
	to = append(to, `{"speeches":[`...)
	for i, s := range d.Speeches {
		if i > 0 {
			to = append(to, ',')
		}
		if to, err = s.appendJSON(to); err != nil {
			return nil, fmt.Errorf("encode a speech: %w", err)
		}
	}
	return append(to, "]}\n"...), nil
}

// bodyBuffers are where answers are encoded that are asked for often: what a draw allocates was mostly its body.
var bodyBuffers = sync.Pool{New: func() any { return new([]byte) }}

// writeDraw encodes the answer and sends it.
func writeDraw(w http.ResponseWriter, d drawResponse) error {
	buffer := bodyBuffers.Get().(*[]byte)
	defer bodyBuffers.Put(buffer)
	body, err := d.appendJSON((*buffer)[:0])
	if err != nil {
		return err
	}
	*buffer = body
	writeEncoded(w, http.StatusOK, "application/json", body)
	return nil
}
