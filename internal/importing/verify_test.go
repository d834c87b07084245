package importing_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/importing"
)

func TestWholeM4AFilesAreVerified(t *testing.T) {
	var seen []string
	w := newWorld(t)
	service := importing.New(w.store, w.objects, w, importing.Config{
		SessionTTL: time.Hour, Sniff: sniff,
		Verify: func(_ context.Context, content []byte) error {
			seen = append(seen, string(content))
			if bytes.Contains(content, []byte("video")) {
				return errors.New("it holds a video track")
			}
			return nil
		},
	}, importing.WithClock(w.now))
	upload := func(content string) error {
		files := []importing.IncomingFile{{Name: "a.m4a", Content: strings.NewReader(content)}}
		_, err := service.Upload(t.Context(), nil, func() (importing.IncomingFile, error) {
			if len(files) == 0 {
				return importing.IncomingFile{}, io.EOF
			}
			file := files[0]
			files = files[1:]
			return file, nil
		})
		return err
	}

	if err := upload("m4a:sound"); err != nil {
		t.Errorf("sound: %v", err)
	}
	if err := upload("mp3:video"); err != nil {
		t.Errorf("what is no M4A needs no second look: %v", err)
	}
	err := upload("m4a:video")
	if f, ok := fault.As(err); !ok || f.Code != "unsupported_audio" || !strings.Contains(f.Fields[0].Message, "'a.m4a' cannot be used: it holds a video track") {
		t.Errorf("video: %v, want unsupported_audio that says why", err)
	}
	if err := upload("m4a:" + strings.Repeat("x", importing.MaxFileBytes)); !fault.Is(err, fault.KindTooLarge) {
		t.Errorf("a huge file: %v, want too large", err)
	}
	if got, want := strings.Join(seen, " "), "m4a:sound m4a:video"; got != want {
		t.Errorf("verified %q, want %q", got, want)
	}
}
