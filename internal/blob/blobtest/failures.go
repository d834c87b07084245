package blobtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
)

var errSender = errors.New("the sender hung up")

// failing gives n bytes and then err.
func failing(n int, err error) io.Reader {
	return io.MultiReader(bytes.NewReader(noise(n)), iotest.ErrReader(err))
}

func runFailures(t *testing.T, open Opener) {
	s := open(t, time.Now)

	causes := map[string]error{
		"a sender that hangs up":                 errSender,
		"a body that is cut off":                 io.ErrUnexpectedEOF, // what net/http says then
		"a fault of ours, as when it is too big": fault.TooLarge("more than 10 MiB"),
	}
	for name, cause := range causes {
		for _, after := range []int{0, 10, 1 << 20, 1<<20 + 10, 6 << 20} {
			t.Run(fmt.Sprintf("%s after %d bytes leaves nothing and keeps the old", name, after), func(t *testing.T) {
				put(t, s, "audio/fail/old.mp3", "old", "audio/mpeg")
				for _, key := range []string{"audio/fail/new.mp3", "audio/fail/old.mp3"} {
					if _, err := s.Put(t.Context(), key, failing(after, cause), "audio/mpeg"); !errors.Is(err, cause) {
						t.Fatalf("Put(%q) = %v, want the reader's own error %v", key, err, cause)
					}
				}
				wantKeys(t, s, "audio/fail/", "audio/fail/old.mp3")
				if got, _ := read(t, s, "audio/fail/old.mp3"); string(got) != "old" {
					t.Fatalf("the old object is now %d other bytes", len(got))
				}
			})
		}
	}
	t.Run("a put whose context ends while reading leaves nothing", func(t *testing.T) {
		for _, after := range []int{10, 3 << 20} {
			ctx, cancel := context.WithCancel(t.Context())
			r := io.MultiReader(bytes.NewReader(noise(after)), cancelling{cancel}, bytes.NewReader(noise(after)))
			if _, err := s.Put(ctx, "audio/cancelled.mp3", r, "audio/mpeg"); !errors.Is(err, context.Canceled) {
				t.Fatalf("Put = %v, want context.Canceled", err)
			}
			wantKeys(t, s, "audio/cancelled")
		}
	})
	t.Run("nothing happens in a context that has ended", func(t *testing.T) {
		put(t, s, "audio/still/here.mp3", "x", "audio/mpeg")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		calls := map[string]func() error{
			"Put": func() error {
				_, err := s.Put(ctx, "audio/still/new.mp3", strings.NewReader("x"), "audio/mpeg")
				return err
			},
			"Copy":       func() error { return s.Copy(ctx, "audio/still/here.mp3", "audio/still/copy.mp3") },
			"Delete":     func() error { return s.Delete(ctx, "audio/still/here.mp3") },
			"Delete two": func() error { return s.Delete(ctx, "audio/still/here.mp3", "audio/still/there.mp3") },
			"Open":       func() error { _, _, err := s.Open(ctx, "audio/still/here.mp3"); return err },
			"List": func() error {
				for _, err := range s.List(ctx, "audio/still/") {
					return err
				}
				return nil
			},
			"Ping": func() error { return s.Ping(ctx) },
		}
		for name, call := range calls {
			if err := call(); !errors.Is(err, context.Canceled) || fault.Is(err, fault.KindUnavailable) {
				t.Errorf("%s = %v, want context.Canceled, and nobody else blamed", name, err)
			}
		}
		wantKeys(t, s, "audio/still/", "audio/still/here.mp3")
	})
}

// cancelling ends a context when it is read.
type cancelling struct{ cancel context.CancelFunc }

func (c cancelling) Read([]byte) (int, error) {
	c.cancel()
	return 0, io.EOF
}
