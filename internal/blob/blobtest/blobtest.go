// Package blobtest says what every audio store must do, as tests that all of them run.
package blobtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/blob"
	"github.com/englishapp/englishctl/internal/fault"
)

// Store is what all audio stores can do.
type Store interface {
	Put(ctx context.Context, key string, r io.Reader, contentType string) (int64, error)
	Copy(ctx context.Context, from, to string) error
	Open(ctx context.Context, key string) (io.ReadSeekCloser, blob.Info, error)
	Delete(ctx context.Context, keys ...string) error
	List(ctx context.Context, prefix string) iter.Seq2[blob.Object, error]
	SignedURL(ctx context.Context, key string) (string, error)
	KeyOf(link string) (key string, ok bool)
	Ping(ctx context.Context) error
}

// Opener returns an empty store that takes the time for links from now, and whose links a plain HTTP client can
// follow while the test runs.
type Opener func(t testing.TB, now func() time.Time) Store

// Run runs the whole contract.
func Run(t *testing.T, open Opener) {
	t.Run("objects", func(t *testing.T) { runObjects(t, open) })
	t.Run("failures", func(t *testing.T) { runFailures(t, open) })
	t.Run("keys", func(t *testing.T) { runKeys(t, open) })
	t.Run("listing", func(t *testing.T) { runListing(t, open) })
	t.Run("links", func(t *testing.T) { runLinks(t, open) })
}

func runObjects(t *testing.T, open Opener) {
	s := open(t, time.Now)

	sizes := map[string]int{
		"an empty object":        0,
		"one byte":               1,
		"a byte less than 1 MiB": 1<<20 - 1,
		"exactly 1 MiB":          1 << 20,
		"a byte more than 1 MiB": 1<<20 + 1,
		"3 MiB":                  3 << 20,
		"more than S3's smallest part, 5 MiB + 1 byte": 5<<20 + 1,
	}
	for name, size := range sizes {
		t.Run(name+" comes back as it went in", func(t *testing.T) {
			key, want := "audio/sizes/x.mp3", noise(size)
			n, err := s.Put(t.Context(), key, streamOf(want), "audio/mpeg")
			if err != nil || n != int64(size) {
				t.Fatalf("Put = %d, %v; want %d bytes", n, err, size)
			}
			got, info := read(t, s, key)
			if !bytes.Equal(got, want) {
				t.Fatalf("got %d bytes that differ from the %d stored", len(got), size)
			}
			if info.Size != int64(size) || info.ContentType != "audio/mpeg" {
				t.Fatalf("info = %+v, want %d bytes of audio/mpeg", info, size)
			}
		})
	}

	t.Run("the content type of each format is kept", func(t *testing.T) {
		for ext, contentType := range map[string]string{".mp3": "audio/mpeg", ".wav": "audio/wav", ".m4a": "audio/mp4"} {
			put(t, s, "audio/types/x"+ext, "x", contentType)
			if _, info := read(t, s, "audio/types/x"+ext); info.ContentType != contentType {
				t.Errorf("content type of %s = %q, want %q", ext, info.ContentType, contentType)
			}
		}
	})
	t.Run("the time is UTC, whole seconds, and now", func(t *testing.T) {
		before := time.Now().Truncate(time.Second).Add(-time.Second) // file systems' clocks tick coarsely
		put(t, s, "audio/time.mp3", "x", "audio/mpeg")
		_, info := read(t, s, "audio/time.mp3")
		if info.ModTime.Before(before) || info.ModTime.After(time.Now().Add(time.Second)) {
			t.Errorf("ModTime = %v, want about %v", info.ModTime, time.Now())
		}
		if info.ModTime.Location() != time.UTC || info.ModTime.Nanosecond() != 0 {
			t.Errorf("ModTime = %v, want whole seconds of UTC", info.ModTime)
		}
		if got := list(t, s, "audio/time.mp3"); len(got) != 1 || !got[0].ModTime.Equal(info.ModTime) {
			t.Errorf("listed as %+v, want the time %v", got, info.ModTime)
		}
	})
	t.Run("putting again replaces, and changes the ETag", func(t *testing.T) {
		put(t, s, "audio/again.mp3", "first", "audio/mpeg")
		_, before := read(t, s, "audio/again.mp3")
		put(t, s, "audio/again.mp3", "second!", "audio/mpeg")
		got, after := read(t, s, "audio/again.mp3")
		if string(got) != "second!" || before.ETag == after.ETag {
			t.Errorf("got %q with ETag %s (before: %s)", got, after.ETag, before.ETag)
		}
		if len(after.ETag) < 3 || after.ETag[0] != '"' || after.ETag[len(after.ETag)-1] != '"' {
			t.Errorf("ETag = %s, want it quoted", after.ETag)
		}
	})
	t.Run("seeking reads from the middle", func(t *testing.T) {
		put(t, s, "audio/seek.mp3", "0123456789", "audio/mpeg")
		r, _, err := s.Open(t.Context(), "audio/seek.mp3")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if _, err := r.Seek(4, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); string(got) != "456789" || err != nil {
			t.Fatalf("after Seek(4) read %q, %v", got, err)
		}
	})
	t.Run("a missing object is not found", func(t *testing.T) {
		_, _, err := s.Open(t.Context(), "audio/missing.mp3")
		wantKind(t, err, fault.KindNotFound)
	})
	t.Run("a folder is not an object", func(t *testing.T) {
		put(t, s, "audio/folder/x.mp3", "x", "audio/mpeg")
		_, _, err := s.Open(t.Context(), "audio/folder")
		wantKind(t, err, fault.KindNotFound)
		if err := s.Delete(t.Context(), "audio/folder"); err != nil {
			t.Errorf("deleting it: %v, want nothing to happen", err)
		}
		read(t, s, "audio/folder/x.mp3")
	})
	t.Run("a store that works answers a ping", func(t *testing.T) {
		if err := s.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := list(t, s, "audio/ping"); len(got) != 0 {
			t.Fatalf("the ping left %v", got)
		}
	})
	runCopies(t, s)
	runDeletes(t, s)
	runRaces(t, s)
}

func runCopies(t *testing.T, s Store) {
	t.Run("a copy has the bytes and the type, and outlives its source", func(t *testing.T) {
		put(t, s, "audio/uploads/1/a.mp3", "sound", "audio/mpeg")
		if err := s.Copy(t.Context(), "audio/uploads/1/a.mp3", "audio/A1/a.mp3"); err != nil {
			t.Fatal(err)
		}
		put(t, s, "audio/uploads/1/a.mp3", "other", "audio/mpeg")
		if err := s.Delete(t.Context(), "audio/uploads/1/a.mp3"); err != nil {
			t.Fatal(err)
		}
		if got, info := read(t, s, "audio/A1/a.mp3"); string(got) != "sound" || info.ContentType != "audio/mpeg" {
			t.Fatalf("copy = %q, %+v", got, info)
		}
	})
	t.Run("a copy replaces", func(t *testing.T) {
		put(t, s, "audio/from.mp3", "new", "audio/mpeg")
		put(t, s, "audio/to.mp3", "old and longer", "audio/mpeg")
		if err := s.Copy(t.Context(), "audio/from.mp3", "audio/to.mp3"); err != nil {
			t.Fatal(err)
		}
		if got, _ := read(t, s, "audio/to.mp3"); string(got) != "new" {
			t.Fatalf("copy = %q, want new", got)
		}
	})
	t.Run("a copy onto itself changes nothing", func(t *testing.T) {
		put(t, s, "audio/self.mp3", "same", "audio/mpeg")
		if err := s.Copy(t.Context(), "audio/self.mp3", "audio/self.mp3"); err != nil {
			t.Fatal(err)
		}
		if got, _ := read(t, s, "audio/self.mp3"); string(got) != "same" {
			t.Fatalf("now it is %q", got)
		}
	})
	t.Run("a missing source is not found, and the target is kept", func(t *testing.T) {
		put(t, s, "audio/kept.mp3", "kept", "audio/mpeg")
		wantKind(t, s.Copy(t.Context(), "audio/missing.mp3", "audio/kept.mp3"), fault.KindNotFound)
		wantKind(t, s.Copy(t.Context(), "audio/missing.mp3", "audio/missing.mp3"), fault.KindNotFound)
		if got, _ := read(t, s, "audio/kept.mp3"); string(got) != "kept" {
			t.Fatalf("now it is %q", got)
		}
	})
}

func runDeletes(t *testing.T, s Store) {
	t.Run("deleting what does not exist is fine", func(t *testing.T) {
		put(t, s, "audio/del/a.mp3", "x", "audio/mpeg")
		for range 2 {
			if err := s.Delete(t.Context(), "audio/del/a.mp3"); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Delete(t.Context(), "audio/del/b.mp3", "audio/nowhere/c.mp3", "audio/del/a.mp3/d.mp3"); err != nil {
			t.Fatal(err)
		}
		if err := s.Delete(t.Context()); err != nil {
			t.Fatalf("deleting nothing: %v", err)
		}
	})
	t.Run("a call with a bad key deletes nothing", func(t *testing.T) {
		put(t, s, "audio/del/good.mp3", "x", "audio/mpeg")
		wantKind(t, s.Delete(t.Context(), "audio/del/good.mp3", "audio/../x"), fault.KindInvalid)
		read(t, s, "audio/del/good.mp3")
	})
}

func runRaces(t *testing.T, s Store) {
	t.Run("of many puts of one key one wins as a whole", func(t *testing.T) {
		const writers = 16
		var all sync.WaitGroup
		errs := make([]error, writers)
		for i := range writers {
			all.Go(func() {
				content := bytes.Repeat([]byte{byte('a' + i)}, 70_000+i)
				_, errs[i] = s.Put(t.Context(), "audio/race.mp3", bytes.NewReader(content), "audio/mpeg")
			})
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		got, _ := read(t, s, "audio/race.mp3")
		if i := len(got) - 70_000; i < 0 || i >= writers || !bytes.Equal(got, bytes.Repeat(got[:1], len(got))) || got[0] != byte('a'+i) {
			t.Fatalf("got a mixture of %d bytes", len(got))
		}
	})
	t.Run("a put succeeds while the last other object of its folder is deleted", func(t *testing.T) {
		for range 50 {
			put(t, s, "audio/busy/old.mp3", "x", "audio/mpeg")
			var both sync.WaitGroup
			var putErr, deleteErr error
			both.Go(func() { _, putErr = s.Put(t.Context(), "audio/busy/new.mp3", strings.NewReader("y"), "audio/mpeg") })
			both.Go(func() { deleteErr = s.Delete(t.Context(), "audio/busy/old.mp3") })
			both.Wait()
			if err := errors.Join(putErr, deleteErr); err != nil {
				t.Fatal(err)
			}
			read(t, s, "audio/busy/new.mp3")
			if err := s.Delete(t.Context(), "audio/busy/new.mp3"); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// noise returns n bytes that no store can take for others.
func noise(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// streamOf hides everything but Read, as a request body does: the size is not known in advance.
func streamOf(content []byte) io.Reader { return struct{ io.Reader }{bytes.NewReader(content)} }

func put(t testing.TB, s Store, key, content, contentType string) {
	t.Helper()
	if _, err := s.Put(t.Context(), key, strings.NewReader(content), contentType); err != nil {
		t.Fatalf("Put(%q): %v", key, err)
	}
}

func read(t testing.TB, s Store, key string) ([]byte, blob.Info) {
	t.Helper()
	r, info, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatalf("Open(%q): %v", key, err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("read %q: %v", key, err)
	}
	return content, info
}

// list returns the objects below prefix, by key.
func list(t testing.TB, s Store, prefix string) []blob.Object {
	t.Helper()
	var all []blob.Object
	for o, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatalf("List(%q): %v", prefix, err)
		}
		all = append(all, o)
	}
	slices.SortFunc(all, func(a, b blob.Object) int { return strings.Compare(a.Key, b.Key) })
	return all
}

// wantKeys checks which keys, and with them which sizes, are listed below prefix.
func wantKeys(t testing.TB, s Store, prefix string, want ...string) {
	t.Helper()
	got := map[string]int{}
	for _, o := range list(t, s, prefix) {
		got[o.Key]++
	}
	keys := map[string]int{}
	for _, key := range want {
		keys[key] = 1
	}
	if !maps.Equal(got, keys) {
		t.Fatalf("List(%q), each key with how often it came (-want +got):\n%s", prefix, cmp.Diff(keys, got))
	}
}

func wantKind(t testing.TB, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("error = %v, want one of kind %s", err, kind)
	}
}
