// Package catalogtest holds a catalogue store in memory for the tests of services. It keeps the promises that
// catalog.Store makes; sqlstore is tested against real databases instead.
package catalogtest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
)

// Store is a catalog.Store. Transactions run one after the other, and roll back when they fail.
type Store struct {
	db   *db
	inTx bool
	// undo is what else a transaction that fails takes back.
	undo []func()
}

type db struct {
	mu sync.Mutex
	state
	// fail is asked before each operation, and with "Commit" and "Committed" before and after a commit.
	fail func(op string) error
}

type state struct {
	version  int64
	speeches map[uuid.UUID]catalog.Speech
	tags     map[uuid.UUID]tagRow
	audit    []audit.Entry
	past     []catalog.PastRecording
}

type tagRow struct {
	catalog.Tag
	deleted bool
}

func (s state) clone() state {
	s.speeches, s.tags, s.audit = maps.Clone(s.speeches), maps.Clone(s.tags), slices.Clone(s.audit)
	s.past = slices.Clone(s.past)
	return s
}

// NewStore returns an empty store.
func NewStore() *Store {
	return &Store{db: &db{
		state: state{version: 1, speeches: map[uuid.UUID]catalog.Speech{}, tags: map[uuid.UUID]tagRow{}},
		fail:  func(string) error { return nil },
	}}
}

// Fail makes the store ask fail before each operation, by its method's name, and fail where it returns an error.
// "Commit" is asked at the end of a transaction, which an error undoes; "Committed" after it, where an error stands
// for an answer that got lost. fail is called while the store is locked.
func (s *Store) Fail(fail func(op string) error) {
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	s.db.fail = fail
}

// Enter begins an operation: it locks the store, unless a transaction has, and asks whether to fail. leave is never nil.
func (s *Store) Enter(ctx context.Context, op string) (leave func(), err error) {
	leave = func() {}
	if !s.inTx {
		s.db.mu.Lock()
		leave = s.db.mu.Unlock
	}
	if err := ctx.Err(); err != nil {
		return leave, err
	}
	return leave, s.db.fail(op)
}

// InTx implements catalog.Store.
func (s *Store) InTx(ctx context.Context, fn func(tx catalog.Store) error) error {
	return s.Transaction(ctx, func(tx *Store) error { return fn(tx) })
}

// Transaction is InTx with the store's own type.
func (s *Store) Transaction(ctx context.Context, fn func(tx *Store) error) error {
	if s.inTx {
		panic("catalogtest: a transaction within a transaction")
	}
	leave, err := s.Enter(ctx, "InTx")
	defer leave()
	if err != nil {
		return err
	}
	before := s.db.clone()
	tx := &Store{db: s.db, inTx: true}
	err = fn(tx)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = s.db.fail("Commit")
	}
	if err != nil {
		s.db.state = before
		for _, undo := range tx.undo {
			undo()
		}
		return err
	}
	return s.db.fail("Committed")
}

// OnRollback makes a transaction call undo where it fails: for tables that another store keeps beside these.
func (s *Store) OnRollback(undo func()) { s.undo = append(s.undo, undo) }

// Audit returns what was recorded.
func (s *Store) Audit() []audit.Entry {
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	return slices.Clone(s.db.audit)
}

// Version implements catalog.Store.
func (s *Store) Version(ctx context.Context) (catalog.Version, error) {
	leave, err := s.Enter(ctx, "Version")
	defer leave()
	return catalog.Version{Number: s.db.version}, err
}

// BumpVersion implements catalog.Store.
func (s *Store) BumpVersion(ctx context.Context) error {
	leave, err := s.Enter(ctx, "BumpVersion")
	defer leave()
	if err == nil {
		s.db.version++
	}
	return err
}

// Snapshot implements catalog.Store.
func (s *Store) Snapshot(ctx context.Context, into catalog.Collector) error {
	leave, err := s.Enter(ctx, "Snapshot")
	defer leave()
	if err != nil {
		return err
	}
	into.Begin(catalog.Version{Number: s.db.version}, s.sortedTags())
	for _, speech := range s.db.speeches {
		if speech.DeletedAt == nil {
			into.Speech(catalog.SpeechRow{
				ID: speech.ID, Level: speech.Level, Type: speech.Type, Audio: []byte(speech.Audio), Text: []byte(speech.Text),
			})
		}
	}
	for _, speech := range s.db.speeches {
		for _, tag := range tagIDs(speech) {
			into.Tagged(speech.ID, tag)
		}
	}
	return nil
}

// Changes implements catalog.Store. This store never knows what has changed.
func (s *Store) Changes(context.Context, catalog.Version, int, catalog.Collector) (known bool, err error) {
	return false, nil
}

func tagIDs(s catalog.Speech) []uuid.UUID {
	var ids []uuid.UUID
	for _, tag := range s.Tags {
		ids = append(ids, tag.ID)
	}
	return ids
}

// read returns a speech as a reader sees it: with the names that its tags have now, in their order.
func (s *Store) read(speech catalog.Speech) catalog.Speech {
	var refs []catalog.TagRef
	for _, id := range tagIDs(speech) {
		refs = append(refs, catalog.TagRef{ID: id, Name: s.db.tags[id].Name})
	}
	slices.SortFunc(refs, func(a, b catalog.TagRef) int { return strings.Compare(a.Name, b.Name) })
	speech.Tags = refs
	return speech
}

// Speech implements catalog.Store.
func (s *Store) Speech(ctx context.Context, id uuid.UUID) (catalog.Speech, error) {
	leave, err := s.Enter(ctx, "Speech")
	defer leave()
	if err != nil {
		return catalog.Speech{}, err
	}
	speech, ok := s.db.speeches[id]
	if !ok || speech.DeletedAt != nil {
		return catalog.Speech{}, fault.NotFound("no speech has the id %s", id)
	}
	return s.read(speech), nil
}

// SpeechesByID implements catalog.Store.
func (s *Store) SpeechesByID(ctx context.Context, ids []uuid.UUID) ([]catalog.Speech, error) {
	return s.where(ctx, "SpeechesByID", func(sp catalog.Speech) bool { return sp.DeletedAt == nil && slices.Contains(ids, sp.ID) })
}

// SpeechesEver implements catalog.Store.
func (s *Store) SpeechesEver(ctx context.Context, ids []uuid.UUID) ([]catalog.Speech, error) {
	return s.where(ctx, "SpeechesEver", func(sp catalog.Speech) bool { return slices.Contains(ids, sp.ID) })
}

// LiveSpeechesLike is what importing asks of the same tables.
func (s *Store) LiveSpeechesLike(ctx context.Context, digests, texts []string) ([]catalog.Speech, error) {
	found, err := s.where(ctx, "LiveSpeechesLike", func(sp catalog.Speech) bool {
		return sp.DeletedAt == nil && sp.AudioSHA256 != "" && slices.Contains(digests, sp.AudioSHA256)
	})
	slices.SortFunc(found, func(a, b catalog.Speech) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), slices.Compare(a.ID[:], b.ID[:]))
	})
	met := map[string]bool{}
	return slices.DeleteFunc(found, func(sp catalog.Speech) bool {
		older := met[sp.AudioSHA256]
		met[sp.AudioSHA256] = true
		return older && !slices.Contains(texts, sp.Text)
	}), err
}

// where returns matching speeches in the random order of a map.
func (s *Store) where(ctx context.Context, op string, match func(catalog.Speech) bool) ([]catalog.Speech, error) {
	leave, err := s.Enter(ctx, op)
	defer leave()
	if err != nil {
		return nil, err
	}
	var found []catalog.Speech
	for _, speech := range s.db.speeches {
		if match(speech) {
			found = append(found, s.read(speech))
		}
	}
	return found, nil
}

// Speeches implements catalog.Store.
func (s *Store) Speeches(ctx context.Context, f catalog.SpeechFilter, p paging.Page) ([]catalog.Speech, int, error) {
	found, err := s.where(ctx, "Speeches", func(sp catalog.Speech) bool {
		return sp.DeletedAt == nil &&
			(f.Level == "" || sp.Level == f.Level) &&
			(f.Type == "" || sp.Type == f.Type) &&
			(f.TagID == nil || slices.Contains(tagIDs(sp), *f.TagID)) &&
			!slices.ContainsFunc(f.Words, func(w string) bool {
				return !strings.Contains(" "+strings.ToLower(sp.Text), " "+w)
			})
	})
	if err != nil {
		return nil, 0, err
	}
	slices.SortFunc(found, func(a, b catalog.Speech) int {
		if c := b.CreatedAt.Compare(a.CreatedAt); c != 0 {
			return c
		}
		return slices.Compare(b.ID[:], a.ID[:])
	})
	from := min(p.Offset(), int64(len(found)))
	to := min(from+int64(p.Limit), int64(len(found)))
	return found[from:to], len(found), nil
}

// CountSpeeches implements catalog.Store.
func (s *Store) CountSpeeches(ctx context.Context) ([]catalog.SpeechCount, error) {
	live, err := s.where(ctx, "CountSpeeches", func(sp catalog.Speech) bool { return sp.DeletedAt == nil })
	numbers := map[catalog.SpeechCount]int{}
	for _, sp := range live {
		numbers[catalog.SpeechCount{Level: sp.Level, Type: sp.Type}]++
	}
	var counts []catalog.SpeechCount
	for kind, n := range numbers {
		kind.Speeches = n
		counts = append(counts, kind)
	}
	return counts, err
}

// InsertSpeeches implements catalog.Store.
func (s *Store) InsertSpeeches(ctx context.Context, speeches []catalog.Speech) error {
	leave, err := s.Enter(ctx, "InsertSpeeches")
	defer leave()
	if err != nil {
		return err
	}
	for _, speech := range speeches {
		if _, taken := s.db.speeches[speech.ID]; taken {
			panic("catalogtest: two speeches with one id")
		}
		s.db.speeches[speech.ID] = speech
	}
	return nil
}

// UpdateSpeech implements catalog.Store.
func (s *Store) UpdateSpeech(ctx context.Context, speech catalog.Speech) error {
	leave, err := s.Enter(ctx, "UpdateSpeech")
	defer leave()
	if err != nil {
		return err
	}
	old, ok := s.db.speeches[speech.ID]
	if !ok || old.DeletedAt != nil {
		return fault.NotFound("no speech has the id %s", speech.ID)
	}
	speech.CreatedAt, speech.BatchID = old.CreatedAt, old.BatchID
	s.db.speeches[speech.ID] = speech
	return nil
}

// KeepRecording implements catalog.Store.
func (s *Store) KeepRecording(ctx context.Context, p catalog.PastRecording) error {
	leave, err := s.Enter(ctx, "KeepRecording")
	defer leave()
	if err == nil {
		s.dropPast(p.Speech, p.Key)
		s.db.past = append(s.db.past, p)
	}
	return err
}

// PastRecordings implements catalog.Store.
func (s *Store) PastRecordings(ctx context.Context, speech uuid.UUID) (past []catalog.PastRecording, err error) {
	leave, err := s.Enter(ctx, "PastRecordings")
	defer leave()
	for _, p := range slices.Backward(s.db.past) {
		if p.Speech == speech && err == nil {
			past = append(past, p)
		}
	}
	return past, err
}

// DropPastRecording implements catalog.Store.
func (s *Store) DropPastRecording(ctx context.Context, speech uuid.UUID, key string) error {
	leave, err := s.Enter(ctx, "DropPastRecording")
	defer leave()
	if err == nil {
		s.dropPast(speech, key)
	}
	return err
}

func (s *Store) dropPast(speech uuid.UUID, key string) {
	s.db.past = slices.DeleteFunc(s.db.past, func(p catalog.PastRecording) bool { return p.Speech == speech && p.Key == key })
}

// DropPastRecordings implements catalog.Store.
func (s *Store) DropPastRecordings(ctx context.Context, before time.Time) (int, error) {
	leave, err := s.Enter(ctx, "DropPastRecordings")
	defer leave()
	if err != nil {
		return 0, err
	}
	had := len(s.db.past)
	s.db.past = slices.DeleteFunc(s.db.past, func(p catalog.PastRecording) bool { return p.ReplacedAt.Before(before) })
	return had - len(s.db.past), nil
}

// DeleteSpeech implements catalog.Store.
func (s *Store) DeleteSpeech(ctx context.Context, id uuid.UUID, at time.Time) error {
	leave, err := s.Enter(ctx, "DeleteSpeech")
	defer leave()
	if err != nil {
		return err
	}
	speech, ok := s.db.speeches[id]
	if !ok || speech.DeletedAt != nil {
		return fault.NotFound("no speech has the id %s", id)
	}
	speech.DeletedAt, speech.Tags = &at, nil
	s.db.speeches[id] = speech
	return nil
}

// AddTags links tags, by speech, as importing does it.
func (s *Store) AddTags(ctx context.Context, links map[uuid.UUID][]uuid.UUID) (int, error) {
	leave, err := s.Enter(ctx, "AddTags")
	defer leave()
	if err != nil {
		return 0, err
	}
	added := 0
	for id, tags := range links {
		speech, ok := s.db.speeches[id]
		if !ok {
			panic("catalogtest: a tag link to a speech that does not exist")
		}
		speech.Tags = slices.Clone(speech.Tags)
		for _, tag := range tags {
			if !slices.Contains(tagIDs(speech), tag) {
				speech.Tags = append(speech.Tags, catalog.TagRef{ID: tag})
				added++
			}
		}
		s.db.speeches[id] = speech
	}
	return added, nil
}

// EachSpeech calls fn for every speech, deleted ones included, as the operation op.
func (s *Store) EachSpeech(ctx context.Context, op string, fn func(catalog.Speech)) error {
	_, err := s.where(ctx, op, func(sp catalog.Speech) bool { fn(sp); return false })
	return err
}

// AudioInUse reports whether a speech, deleted ones included, has the audio. Call it between Enter and leave.
func (s *Store) AudioInUse(audio string) bool {
	for _, speech := range s.db.speeches {
		if speech.Audio == audio {
			return true
		}
	}
	return false
}

// InsertAudit implements catalog.Store.
func (s *Store) InsertAudit(ctx context.Context, e audit.Entry) error {
	leave, err := s.Enter(ctx, "InsertAudit")
	defer leave()
	if err == nil {
		s.db.audit = append(s.db.audit, e)
	}
	return err
}
