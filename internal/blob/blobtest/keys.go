package blobtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/englishapp/englishctl/internal/fault"
)

// oddKeys are unusual but good: every character that has a meaning in URLs, XML, shells or file systems.
var oddKeys = []string{
	"audio/uploads/1/My Recording (final).mp3",
	"audio/uploads/1/ leading and trailing ",
	"audio/uploads/1/caf\u00e9.mp3",  // NFC
	"audio/uploads/1/cafe\u0301.mp3", // NFD: another name
	"audio/uploads/1/日本語 🎧.m4a",
	"audio/uploads/1/100%.mp3",
	"audio/uploads/1/%2e%2e%2fx.mp3",
	"audio/uploads/1/a%20b.mp3",
	"audio/uploads/1/what?.mp3",
	"audio/uploads/1/a?expires=1&signature=x.mp3",
	"audio/uploads/1/no#1.mp3",
	"audio/uploads/1/a+b.mp3",
	"audio/uploads/1/a b.mp3",
	"audio/uploads/1/a&b=c;d,e@f$g!h'i*j~k.mp3",
	"audio/uploads/1/<b>\"quoted\"</b>.mp3",
	"audio/uploads/1/a:b|c^d`e{f}[g].mp3",
	"audio/uploads/1/UPPER.MP3",
	"audio/uploads/1/upper.mp3",
	"audio/uploads/1/trailing dot.",
	"audio/uploads/1/two..dots.mp3",
	"audio/uploads/1/" + strings.Repeat("é", 127) + "x",
	"audio/" + strings.Repeat("deep/", 101) + "x",
	"top-level.mp3",
}

var badKeys = map[string]string{
	"empty":                            "",
	"absolute":                         "/audio/x.mp3",
	"a folder":                         "audio/",
	"an empty name":                    "audio//x.mp3",
	"parent":                           "..",
	"parent at the start":              "../x.mp3",
	"parent in the middle":             "audio/../../etc/passwd",
	"parent at the end":                "audio/..",
	"here":                             "audio/./x.mp3",
	"hidden, where stores keep theirs": ".tmp/x.mp3",
	"hidden at the end":                "audio/.x.mp3",
	"backslash":                        `audio\..\x.mp3`,
	"NUL":                              "audio/x\x00.mp3",
	"newline":                          "audio/x\n.mp3",
	"delete":                           "audio/x\x7f.mp3",
	"C1 control":                       "audio/x\u0085.mp3",
	"a character XML has not":          "audio/x\uffff.mp3",
	"not UTF-8":                        "audio/\xff.mp3",
	"half a surrogate pair":            "audio/\xed\xa0\x80.mp3",
	"513 bytes":                        strings.Repeat("abcdefg/", 64) + "x",
	"a name of 256 bytes":              "audio/" + strings.Repeat("x", 256),
}

func runKeys(t *testing.T, open Opener) {
	s := open(t, time.Now)

	t.Run("unusual names are kept apart", func(t *testing.T) {
		for i, key := range oddKeys {
			put(t, s, key, fmt.Sprint(i), "audio/mpeg")
		}
		wantKeys(t, s, "", oddKeys...)
		for i, key := range oddKeys {
			if got, _ := read(t, s, key); string(got) != fmt.Sprint(i) {
				t.Errorf("%q holds what was put as %q", key, oddKeys[i])
			}
		}
	})
	t.Run("unusual names can be copied and deleted", func(t *testing.T) {
		for i, key := range oddKeys {
			target := fmt.Sprintf("audio/copies/%d", i)
			if err := s.Copy(t.Context(), key, target); err != nil {
				t.Fatalf("Copy from %q: %v", key, err)
			}
			if got, _ := read(t, s, target); string(got) != fmt.Sprint(i) {
				t.Errorf("the copy of %q is %q", key, got)
			}
			if err := s.Copy(t.Context(), target, key); err != nil {
				t.Fatalf("Copy to %q: %v", key, err)
			}
		}
		half := len(oddKeys) / 2
		for _, key := range oddKeys[:half] {
			if err := s.Delete(t.Context(), key); err != nil {
				t.Fatalf("Delete(%q): %v", key, err)
			}
		}
		if err := s.Delete(t.Context(), oddKeys[half:]...); err != nil {
			t.Fatal(err)
		}
		for i := range oddKeys {
			if err := s.Delete(t.Context(), fmt.Sprintf("audio/copies/%d", i)); err != nil {
				t.Fatal(err)
			}
		}
		wantKeys(t, s, "")
	})
	for name, key := range badKeys {
		t.Run("a bad key is refused: "+name, func(t *testing.T) {
			put(t, s, "audio/good.mp3", "x", "audio/mpeg")
			_, err := s.Put(t.Context(), key, strings.NewReader("x"), "audio/mpeg")
			wantKind(t, err, fault.KindInvalid)
			_, _, err = s.Open(t.Context(), key)
			wantKind(t, err, fault.KindInvalid)
			_, err = s.SignedURL(t.Context(), key)
			wantKind(t, err, fault.KindInvalid)
			wantKind(t, s.Copy(t.Context(), "audio/good.mp3", key), fault.KindInvalid)
			wantKind(t, s.Copy(t.Context(), key, "audio/good.mp3"), fault.KindInvalid)
			wantKind(t, s.Delete(t.Context(), key), fault.KindInvalid)
			wantKeys(t, s, "", "audio/good.mp3")
		})
	}
	// Callers' layouts keep such keys apart (see package blob), and stores differ in whether they notice. None may
	// harm the object that was there first.
	for name, pair := range map[string][2]string{
		"below": {"audio/good.mp3", "audio/good.mp3/below.mp3"},
		"above": {"audio/up/x.mp3", "audio/up"},
	} {
		t.Run("a key "+name+" an object's key does not harm it", func(t *testing.T) {
			first, second := pair[0], pair[1]
			put(t, s, first, "there first", "audio/mpeg")
			if _, err := s.Put(t.Context(), second, strings.NewReader("y"), "audio/mpeg"); err != nil {
				wantKind(t, err, fault.KindConflict)
			}
			if err := s.Delete(t.Context(), second); err != nil {
				t.Fatal(err)
			}
			if got, _ := read(t, s, first); string(got) != "there first" {
				t.Errorf("the object that was there is now %q", got)
			}
			wantKeys(t, s, first, first)
		})
	}
}
