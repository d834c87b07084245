package account

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/bcrypt"
)

// The hash of "password" with the salt "somesalt", 64 MiB, two passes and one lane, from the reference implementation's
// own tests (P-H-C/phc-winner-argon2, src/test.c).
const referenceHash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"

func TestPasswordsAreHashedAsDecided(t *testing.T) {
	p := newPasswords()
	hash, err := p.hash(t.Context(), goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	if want := "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(hash, want) {
		t.Errorf("hash = %s, want it to begin with %s", hash, want)
	}
	if p.outdated(hash) {
		t.Error("a new hash counts as outdated")
	}
	for password, want := range map[string]bool{goodPassword: true, goodPassword + "4": false, "": false} {
		if ok, err := p.matches(t.Context(), hash, password); err != nil || ok != want {
			t.Errorf("matches(%q) = %t, %v; want %t", password, ok, err, want)
		}
	}
	again, err := p.hash(t.Context(), goodPassword)
	if err != nil || again == hash {
		t.Errorf("the same password hashes to the same text (%v): the salt is not random", err)
	}
}

func TestHashesOfOthersAreRead(t *testing.T) {
	old, err := bcrypt.GenerateFromPassword([]byte("password"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	p := newPasswords()
	for _, hash := range []string{referenceHash, string(old)} {
		if ok, err := p.matches(t.Context(), hash, "password"); err != nil || !ok {
			t.Errorf("%s: matches = %t, %v; want true", hash, ok, err)
		}
		if ok, err := p.matches(t.Context(), hash, "Password"); err != nil || ok {
			t.Errorf("%s: matches another password = %t, %v; want false", hash, ok, err)
		}
		if !p.outdated(hash) {
			t.Errorf("%s does not count as outdated", hash)
		}
	}
}

func TestBrokenHashesAreErrors(t *testing.T) {
	const salt, key = "c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	tests := []struct{ name, hash string }{
		{"plain text", goodPassword},
		{"a part is missing", "$argon2id$v=19$m=65536,t=2,p=1$" + salt},
		{"another algorithm", "$argon2i$v=19$m=65536,t=2,p=1$" + salt + "$" + key},
		{"another version", "$argon2id$v=16$m=65536,t=2,p=1$" + salt + "$" + key},
		{"cost is no number", "$argon2id$v=19$m=x,t=2,p=1$" + salt + "$" + key},
		{"words after the cost", "$argon2id$v=19$m=65536,t=2,p=1,x=1$" + salt + "$" + key},
		{"no pass", "$argon2id$v=19$m=65536,t=0,p=1$" + salt + "$" + key},
		{"65 passes", "$argon2id$v=19$m=65536,t=65,p=1$" + salt + "$" + key},
		{"no lane", "$argon2id$v=19$m=65536,t=2,p=0$" + salt + "$" + key},
		{"more than 1 GiB", "$argon2id$v=19$m=1048577,t=2,p=1$" + salt + "$" + key},
		{"salt is not base64", "$argon2id$v=19$m=65536,t=2,p=1$!$" + key},
		{"key is not base64", "$argon2id$v=19$m=65536,t=2,p=1$" + salt + "$!"},
		{"key is padded", "$argon2id$v=19$m=65536,t=2,p=1$" + salt + "$" + key + "="},
		{"no key", "$argon2id$v=19$m=65536,t=2,p=1$" + salt + "$"},
		{"a key of 15 bytes", "$argon2id$v=19$m=65536,t=2,p=1$" + salt + "$AAAAAAAAAAAAAAAAAAAA"},
		{"bcrypt cut short", "$2a$10$abc"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newHouse(t).passwords
			ok, err := p.matches(t.Context(), tt.hash, "password")
			if ok || err == nil {
				t.Fatalf("matches = %t, %v; want an error", ok, err)
			}
			if strings.Contains(err.Error(), tt.hash) {
				t.Fatalf("the error shows the hash: %v", err)
			}
		})
	}
}

func TestTheCostliestHashIsRead(t *testing.T) {
	const hash = "$argon2id$v=19$m=1048576,t=64,p=255$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA" // a key of 16 bytes
	if ok, err := newHouse(t).passwords.matches(t.Context(), hash, "password"); ok || err != nil {
		t.Fatalf("matches = %t, %v; want false without an error", ok, err)
	}
}

func TestOutdatedHashes(t *testing.T) {
	const salt16, key32 = "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	tests := []struct {
		name, hash string
		want       bool
	}{
		{"the current cost", "$argon2id$v=19$m=19456,t=2,p=1$" + salt16 + "$" + key32, false},
		{"less memory", "$argon2id$v=19$m=19455,t=2,p=1$" + salt16 + "$" + key32, true},
		{"more memory", "$argon2id$v=19$m=65536,t=2,p=1$" + salt16 + "$" + key32, true},
		{"fewer passes", "$argon2id$v=19$m=19456,t=1,p=1$" + salt16 + "$" + key32, true},
		{"more lanes", "$argon2id$v=19$m=19456,t=2,p=2$" + salt16 + "$" + key32, true},
		{"a shorter salt", "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAA$" + key32, true},
		{"a shorter key", "$argon2id$v=19$m=19456,t=2,p=1$" + salt16 + "$" + salt16, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := newPasswords().outdated(tt.hash); got != tt.want {
				t.Fatalf("outdated = %t, want %t", got, tt.want)
			}
		})
	}
}

func TestAnEmptyHashCostsAsMuchAsACurrentOne(t *testing.T) {
	h := newHouse(t)
	ok, err := h.passwords.matches(t.Context(), "", goodPassword)
	if ok || err != nil {
		t.Fatalf("matches = %t, %v; want false", ok, err)
	}
	if diff := cmp.Diff([]argonCost{currentCost}, h.work, cmp.AllowUnexported(argonCost{})); diff != "" {
		t.Fatalf("work (-want +got):\n%s", diff)
	}
}

func TestAnEmptyHashMatchesNotEvenItsOwnKey(t *testing.T) {
	p := newPasswords()
	p.derive = func(_, _ []byte, _, _ uint32, _ uint8, size uint32) []byte { return make([]byte, size) }
	if ok, err := p.matches(t.Context(), "", "x"); ok || err != nil {
		t.Fatalf("matches = %t, %v; want false", ok, err)
	}
}

func TestHashingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newHouse(t).passwords
		for range cap(p.turns) {
			p.turns <- struct{}{} // everybody is busy
		}
		ctx, cancel := context.WithCancel(t.Context())
		errs := make(chan error, 3)
		go func() { _, err := p.hash(ctx, goodPassword); errs <- err }()
		go func() { _, err := p.matches(ctx, "", goodPassword); errs <- err }()
		go func() { _, err := p.matches(ctx, "$2a$04$", goodPassword); errs <- err }()
		synctest.Wait()
		if len(errs) != 0 {
			t.Fatalf("somebody did not wait for a turn: %v", <-errs)
		}
		cancel()
		for range 3 {
			if err := <-errs; !errors.Is(err, context.Canceled) {
				t.Errorf("error = %v, want the context's", err)
			}
		}

		<-p.turns // one is done
		if _, err := p.hash(t.Context(), goodPassword); err != nil {
			t.Fatalf("with a turn free: %v", err)
		}
		if len(p.turns) != cap(p.turns)-1 {
			t.Fatalf("%d turns are taken after hashing, want %d: they are given back", len(p.turns), cap(p.turns)-1)
		}
		if _, err := p.hash(ctx, goodPassword); !errors.Is(err, context.Canceled) {
			t.Fatalf("a caller who has hung up still gets a turn: %v", err)
		}
	})
}
