package cli

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/blob"
	"github.com/englishapp/englishctl/internal/importing"
)

// fate is what happens to a run of a command at one of its steps. A step is what changes the database or the audio
// store: a commit, a statement outside of transactions, an object stored or deleted. Between two of them nothing is
// different for anybody else.
type fate string

const (
	diesBefore   fate = "dies before"           // the step is not taken, and none after it
	diesAfter    fate = "dies after"            // it is taken, but nobody hears of it, and it is the last
	stumbles     fate = "stumbles at"           // it is not taken, and all others are
	misses       fate = "misses the answer to"  // it is taken, but seems to have failed; all others go well
	losesData    fate = "loses the database at" // as misses, and from there on the database does not answer
	losesObjects fate = "loses the store at"    // the same with the audio store
)

var errDead = errors.New("it does not answer")

// life counts the steps of a run, and ends at one of them. Where it has ended nothing has an effect any more, also not
// what tidies up: so it is with a process that was killed.
type life struct {
	fate fate
	last int // counted from 1; 0 is never
	// onStep is told before each step, and onTalk of all that the run says.
	onStep, onTalk func(string)

	mu    sync.Mutex
	taken int
	past  bool   // the step has come
	at    string // which it was
}

func (l *life) step(what string, take func() error) error {
	n, err := l.begin(what)
	if err != nil {
		return err
	}
	return l.end(n, take())
}

// begin returns the step's number, or an error if it is not to be taken.
func (l *life) begin(what string) (n int, err error) {
	if l.onStep != nil {
		l.onStep(what)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken++
	switch {
	case l.cutOff(what):
		return l.taken, errDead
	case l.taken != l.last:
		return l.taken, nil
	}
	l.at = what
	if l.fate == diesBefore || l.fate == stumbles {
		l.past = true
		return l.taken, errDead
	}
	return l.taken, nil
}

// end returns what is heard of a step that was taken.
func (l *life) end(n int, err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n == l.last && l.last > 0 {
		l.past = true
		return errDead
	}
	if l.past && (l.fate == diesBefore || l.fate == diesAfter) {
		return errDead
	}
	return err
}

// cutOff reports whether a step can no longer be taken.
func (l *life) cutOff(what string) bool {
	ofStore := what == "Put" || what == "Copy" || what == "Delete"
	switch l.fate {
	case diesBefore, diesAfter:
		return l.past
	case losesData:
		return l.past && !ofStore
	case losesObjects:
		return l.past && ofStore
	}
	return false
}

// Write hears what the run says.
func (l *life) Write(text []byte) (int, error) {
	if l.onTalk != nil {
		l.onTalk(string(text))
	}
	return len(text), nil
}

// try is step for what reports whether it did something.
func (l *life) try(what string, take func() (bool, error)) (did bool, err error) {
	err = l.step(what, func() (err error) {
		did, err = take()
		return err
	})
	return did, err
}

// mortalStore is a database as a run of a command has it. What is not here is only called in transactions, or reads.
type mortalStore struct {
	importing.Store
	life *life
}

func (s *mortalStore) InTx(ctx context.Context, fn func(tx importing.Store) error) error {
	commit := 0
	err := s.Store.InTx(ctx, func(tx importing.Store) error {
		err := fn(tx)
		if err == nil {
			commit, err = s.life.begin("commit")
		}
		return err
	})
	if commit == 0 { // it has not come so far
		return err
	}
	return s.life.end(commit, err)
}

func (s *mortalStore) InsertUploadSession(ctx context.Context, u importing.UploadSession) error {
	return s.life.step("InsertUploadSession", func() error { return s.Store.InsertUploadSession(ctx, u) })
}

func (s *mortalStore) MoveUploadSession(ctx context.Context, id uuid.UUID, from, to importing.SessionState) (bool, error) {
	return s.life.try("MoveUploadSession", func() (bool, error) { return s.Store.MoveUploadSession(ctx, id, from, to) })
}

func (s *mortalStore) LeaseUploadSession(ctx context.Context, id uuid.UUID, until, ifBefore time.Time) (bool, error) {
	return s.life.try("LeaseUploadSession", func() (bool, error) { return s.Store.LeaseUploadSession(ctx, id, until, ifBefore) })
}

func (s *mortalStore) RenewLease(ctx context.Context, id uuid.UUID, until time.Time) (bool, error) {
	return s.life.try("RenewLease", func() (bool, error) { return s.Store.RenewLease(ctx, id, until) })
}

func (s *mortalStore) DeleteUploadSession(ctx context.Context, id uuid.UUID) error {
	return s.life.step("DeleteUploadSession", func() error { return s.Store.DeleteUploadSession(ctx, id) })
}

func (s *mortalStore) DeleteUploadFiles(ctx context.Context, ids []uuid.UUID) (n int, err error) {
	err = s.life.step("DeleteUploadFiles", func() (err error) {
		n, err = s.Store.DeleteUploadFiles(ctx, ids)
		return err
	})
	return n, err
}

// audioStore is what both audio stores can do.
type audioStore interface {
	Put(ctx context.Context, key string, r io.Reader, contentType string) (int64, error)
	Copy(ctx context.Context, from, to string) error
	Open(ctx context.Context, key string) (io.ReadSeekCloser, blob.Info, error)
	Delete(ctx context.Context, keys ...string) error
	List(ctx context.Context, prefix string) iter.Seq2[blob.Object, error]
}

// mortalObjects is an audio store as a run of a command has it. It counts what it stores.
type mortalObjects struct {
	audioStore
	life *life

	mu   sync.Mutex
	puts int
}

func (o *mortalObjects) Put(ctx context.Context, key string, r io.Reader, contentType string) (size int64, err error) {
	err = o.life.step("Put", func() (err error) {
		o.mu.Lock()
		o.puts++
		o.mu.Unlock()
		size, err = o.audioStore.Put(ctx, key, r, contentType)
		return err
	})
	return size, err
}

func (o *mortalObjects) Copy(ctx context.Context, from, to string) error {
	return o.life.step("Copy", func() error { return o.audioStore.Copy(ctx, from, to) })
}

func (o *mortalObjects) Delete(ctx context.Context, keys ...string) error {
	return o.life.step("Delete", func() error { return o.audioStore.Delete(ctx, keys...) })
}

func (o *mortalObjects) List(ctx context.Context, prefix string) iter.Seq2[importing.Object, error] {
	return func(yield func(importing.Object, error) bool) {
		for object, err := range o.audioStore.List(ctx, prefix) {
			if !yield(importing.Object(object), err) {
				return
			}
		}
	}
}
