package blobtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/englishapp/englishctl/internal/blob"
	"github.com/englishapp/englishctl/internal/fault"
)

// manyObjects is more than one page of an S3 listing and one request of bulk deletion, which both end at 1,000.
const manyObjects = 1_150

func runListing(t *testing.T, open Opener) {
	t.Run("an empty store lists nothing", func(t *testing.T) { wantKeys(t, open(t, time.Now), "") })
	t.Run("a prefix may end anywhere", func(t *testing.T) { runPrefixes(t, open(t, time.Now)) })
	t.Run("many objects", func(t *testing.T) { runMany(t, open(t, time.Now)) })
}

func runPrefixes(t *testing.T, s Store) {
	keys := []string{"audio/A1/x.mp3", "audio/A1/y.mp3", "audio/A10/x.mp3", "audio/A1.mp3", "audio/B1/deep/er/x.mp3", "video/x.mp3"}
	for _, key := range keys {
		put(t, s, key, key, "audio/mpeg")
	}
	wantKeys(t, s, "", keys...)
	wantKeys(t, s, "audio/", keys[:5]...)
	wantKeys(t, s, "audio", keys[:5]...)
	wantKeys(t, s, "audio/A1", keys[:4]...)
	wantKeys(t, s, "audio/A1/", keys[:2]...)
	wantKeys(t, s, "audio/A1/x", keys[0])
	wantKeys(t, s, "audio/A1/x.mp3", keys[0])
	wantKeys(t, s, "audio/A1/x.mp3/")
	wantKeys(t, s, "audio/B", keys[4])
	wantKeys(t, s, "audio/B1/deep/er/x.mp3", keys[4])
	wantKeys(t, s, "audio/C")
	wantKeys(t, s, "nothing/here/")
	for _, bad := range []string{"..", "../", "/", "audio//", "audio/../", ".tmp", "a\\b", "a\x00", "\xff"} {
		for o, err := range s.List(t.Context(), bad) {
			if !fault.Is(err, fault.KindInvalid) {
				t.Errorf("List(%q) gave %+v, %v; want invalid", bad, o, err)
			}
		}
	}
	sizes := list(t, s, "audio/A1/")
	if sizes[0].Size != int64(len(keys[0])) {
		t.Errorf("listed %+v, want %d bytes", sizes[0], len(keys[0]))
	}
}

func runMany(t *testing.T, s Store) {
	var keys []string
	var g errgroup.Group
	g.SetLimit(16)
	for i := range manyObjects {
		key := fmt.Sprintf("audio/many/%04d.mp3", i)
		keys = append(keys, key)
		g.Go(func() error {
			_, err := s.Put(t.Context(), key, strings.NewReader(key), "audio/mpeg")
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	wantKeys(t, s, "audio/many/", keys...)

	t.Run("the loop may be left at any time", func(t *testing.T) {
		var got []blob.Object
		for o, err := range s.List(t.Context(), "") {
			if err != nil {
				t.Fatal(err)
			}
			if got = append(got, o); len(got) == 3 {
				break
			}
		}
		if len(got) != 3 {
			t.Fatalf("got %d objects before leaving, want 3", len(got))
		}
	})
	t.Run("the loop may delete what it is given", func(t *testing.T) {
		for o, err := range s.List(t.Context(), "audio/many/00") {
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Delete(t.Context(), o.Key); err != nil {
				t.Fatal(err)
			}
		}
		wantKeys(t, s, "audio/many/", keys[100:]...)
	})
	t.Run("many are deleted at once", func(t *testing.T) {
		if err := s.Delete(t.Context(), keys...); err != nil {
			t.Fatal(err)
		}
		wantKeys(t, s, "")
	})
}
