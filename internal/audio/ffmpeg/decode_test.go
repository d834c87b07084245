package ffmpeg

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/testenv"
)

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("../testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// real is the module that scripts/build-decoder has made.
func real(t *testing.T) *Module {
	t.Helper()
	return opened(t, testenv.Required(t, "TEST_DECODER_WASM"), os.Getenv("TEST_DECODER_CACHE"))
}

func ignore(int, int, []int16) error { return nil }

func TestDecode(t *testing.T) {
	m := real(t)
	for _, tt := range []struct {
		file           string
		container      Container
		want           Sound
		rate, channels int
		err            error
	}{
		{"mp3-22050-1.mp3", MP3, Sound{Codec: "mp3", Profile: -99, Length: 417959 * time.Microsecond, Bytes: 1672}, 22050, 1, nil},
		{"aac-44100-2.m4a", MP4, Sound{Codec: "aac", Profile: 1, Length: 350 * time.Millisecond, Bytes: 2296}, 44100, 2, nil},
		{"wav-piped.wav", WAV, Sound{Codec: "pcm_s16le", Profile: -99, Bytes: 5600}, 8000, 1, nil},
		{"full-amr.amr", AMR, Sound{Codec: "amr_nb", Profile: -99, Bytes: 576}, 8000, 1, nil},
		{"refused-video.mp4", MP4, Sound{Profile: -1}, 0, 0, ErrVideo},
		{"refused-flac.mp4", MP4, Sound{Codec: "flac", Profile: -1, Length: 100 * time.Millisecond}, 0, 0, ErrUnknown},
		{"refused-flac.ogg", MP4, Sound{Profile: -1}, 0, 0, ErrBroken}, // in another container than it is told
		{"mp3-bare.mp3", 99, Sound{Profile: -1}, 0, 0, ErrUnknown},
	} {
		t.Run(tt.file, func(t *testing.T) {
			content := fixture(t, tt.file)
			rate, channels := 0, 0
			got, err := m.Decode(t.Context(), tt.container, content, func(r, c int, _ []int16) error { rate, channels = r, c; return nil })
			if !errors.Is(err, tt.err) || got != tt.want || rate != tt.rate || channels != tt.channels {
				t.Errorf("%+v, %d Hz, %d channels, %v; want %+v, %d Hz, %d, %v", got, rate, channels, err, tt.want, tt.rate, tt.channels, tt.err)
			}
			if !slices.Equal(content, fixture(t, tt.file)) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestDecodeStopsWithItsSink(t *testing.T) {
	enough, calls := errors.New("enough"), 0
	_, err := real(t).Decode(t.Context(), WAV, fixture(t, "wav-s16le.wav"), func(int, int, []int16) error { calls++; return enough })
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("%v after %d calls, want the sink's error after the first", err, calls)
	}
}

// Whatever a file makes of the module ends with the call.
func TestTheNextCallWorks(t *testing.T) {
	m := real(t)
	ctx, cancel := context.WithCancel(t.Context())
	leaving := func(int, int, []int16) error { cancel(); return nil }          // in the midst of it
	content := slices.Concat(fixture(t, "wav-piped.wav"), make([]byte, 8<<20)) // to its end
	if _, err := m.Decode(ctx, WAV, content, leaving); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the caller's end", err)
	}
	m.patience = time.Nanosecond
	if _, err := m.Decode(t.Context(), WAV, content, ignore); !errors.Is(err, ErrPatience) {
		t.Errorf("%v, want the end of patience", err)
	}
	m.patience = Patience
	if _, err := m.Decode(t.Context(), WAV, fixture(t, "wav-s16le.wav"), ignore); err != nil {
		t.Errorf("the next call: %v", err)
	}
}

// What modules do that C code with a mistake may do. None of it reaches this process.
func TestMisbehaviourStaysInside(t *testing.T) {
	const crashed = "the decoder crashed: "
	farAway := []byte{i32Const, 0x70} // -16: the end of what 32 bits can address
	for _, tt := range []struct {
		rule string
		body []byte
		want string
	}{
		{"it traps", []byte{unreachable}, crashed + "wasm error: unreachable"},
		{"it never ends", []byte{loop, void, branch, 0, end, unreachable}, ErrPatience.Error()},
		{"it takes all memory", slices.Concat([]byte{loop, void, i32Const, 63, grow, 0, i32Const, minusOne, i32Eq, 0x45, branchIf, 0, end}, answer(7)), ErrMemory.Error()},
		{"its answer is far away", farAway, crashed + "its answer is outside of its memory"},
		{"its status is unknown", answer(60), crashed + "status 60"},
		{"its samples are far away", slices.Concat(farAway, []byte{i32Const, 10, i32Const, 1, i32Const, 1, invoke, hostWriteIndex, drop}, answer(0)), crashed + "samples outside of its memory"},
		{"it has too many samples", slices.Concat([]byte{i32Const, 0, i32Const, minusOne, i32Const, 1, i32Const, 1, invoke, hostWriteIndex, drop}, answer(0)), crashed + "samples outside of its memory"},
		{"it reads to far away", slices.Concat([]byte{i64Const, 0}, farAway, []byte{i32Const, 10, invoke, hostReadIndex, drop}, answer(0)), ""},
		{"it reads before the file", slices.Concat([]byte{i64Const, minusOne, i32Const, 0, i32Const, 10, invoke, hostReadIndex, drop}, answer(0)), ""},
		{"it reads less than nothing", slices.Concat([]byte{i64Const, 0, i32Const, 0, i32Const, minusOne, invoke, hostReadIndex, drop}, answer(0)), ""},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			m := opened(t, saved(t, assemble(entry, tt.body...)), "")
			m.patience = time.Minute // a busy machine
			if tt.want == ErrPatience.Error() {
				m.patience = 50 * time.Millisecond
			}
			for range 2 { // the second is as good as the first
				_, err := m.Decode(t.Context(), MP3, make([]byte, 100), ignore)
				if got := errorText(err); got != tt.want {
					t.Errorf("%q, want %q", got, tt.want)
				}
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A daemon that stops closes the module while requests that were cut off still run.
func TestCloseWaitsForCalls(t *testing.T) {
	m := opened(t, saved(t, assemble(entry, slices.Concat([]byte{i32Const, 0, i32Const, 1, i32Const, 1, i32Const, 1, invoke, hostWriteIndex, drop}, answer(0))...)), "")
	inside, goOn := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := m.Decode(t.Context(), MP3, nil, func(int, int, []int16) error { close(inside); <-goOn; return nil }); err != nil {
			t.Errorf("the call that was running: %v", err)
		}
	})
	<-inside
	closed := make(chan error, 1)
	go func() { closed <- m.Close() }()
	select {
	case err := <-closed:
		t.Fatalf("it did not wait: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	close(goOn)
	group.Wait()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if _, err := m.Decode(t.Context(), MP3, nil, ignore); !errors.Is(err, ErrModule) || !strings.Contains(err.Error(), "closed") {
		t.Errorf("after Close: %v", err)
	}
}
