package practice

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/fault"
)

const (
	// claimTTL is how long an idempotency key stands for its first request (decisions.md, "Sessions").
	claimTTL = 24 * time.Hour
	// maxKeyBytes is the length of the longest idempotency key.
	maxKeyBytes = 255
	// maxNamedSpeeches is how many unknown speeches an error names before it only counts the rest.
	maxNamedSpeeches = 100
)

// Save stores a played session with its results and returns its id. idempotencyKey may be empty: then the request
// counts as a new one. Otherwise the same key of the same player within 24 hours returns the first answer and stores nothing,
// provided that the content is the same.
//
// It returns fault.Invalid, naming every field that breaks a rule, fault.NotFound (code speech_not_found), naming the
// speeches that never existed, and fault.Conflict (code idempotency_key_reused, or score_id_used for a score that an earlier
// session has). Nothing is stored in these cases.
//
// Where a result quotes a score that the server has given, that score is stored, and the session's average is that of its results;
// otherwise it is what the draft says.
func (s *Service) Save(ctx context.Context, player uuid.UUID, d Draft, idempotencyKey string) (uuid.UUID, error) {
	var c fault.Check
	d.check(&c)
	ids, err := s.save(ctx, player, []Draft{d}, claimFor{idempotencyKey, single}, &c)
	if err != nil {
		return uuid.Nil, err
	}
	return ids[0], nil
}

// SaveBatch stores 1 to 50 sessions, all or none, and returns their ids in the same order. The key and the errors are those
// of Save; fields are named "sessions[i].…".
func (s *Service) SaveBatch(ctx context.Context, player uuid.UUID, drafts []Draft, idempotencyKey string) ([]uuid.UUID, error) {
	if !between(len(drafts), 1, maxBatch) {
		return nil, fault.Invalid("sessions", "%d sessions are not allowed: between 1 and %d", len(drafts), maxBatch)
	}
	var c fault.Check
	for i, d := range drafts {
		var found fault.Check
		d.check(&found)
		c.Merge(fmt.Sprintf("sessions[%d].", i), found.Fields())
	}
	return s.save(ctx, player, drafts, claimFor{idempotencyKey, batch}, &c)
}

// claimFor is an idempotency key with the kind of request that it came with.
type claimFor struct{ key, kind string }

const (
	single = "session"
	batch  = "batch"
)

// field names what is wrong in draft i of the request.
func (f claimFor) field(i int, name string) string {
	if f.kind == single {
		return name
	}
	return fmt.Sprintf("sessions[%d].%s", i, name)
}

// save stores the drafts that c has found nothing wrong with.
func (s *Service) save(ctx context.Context, player uuid.UUID, drafts []Draft, want claimFor, c *fault.Check) ([]uuid.UUID, error) {
	checkKey(c, want.key)
	if err := c.Err(); err != nil {
		return nil, err
	}
	quotes, err := s.quoted(ctx, player, drafts, want)
	if err != nil {
		return nil, err
	}
	now := s.moment()
	sessions := make([]Session, len(drafts))
	ids := make([]uuid.UUID, len(drafts))
	for i, d := range drafts {
		ids[i] = s.newID()
		sessions[i] = Session{ID: ids[i], UserID: player, Draft: d.normalized(), SavedAt: now}
	}
	claim, err := want.claim(player, sessions, now)
	if err != nil {
		return nil, err
	}
	for i := range sessions { // after the claim: what the server gives is no part of what was sent
		s.nameResults(sessions[i].Results)
		quotes.apply(&sessions[i])
	}
	outcome, err := s.store.InsertSessions(ctx, sessions, claim)
	switch {
	case err != nil:
		return nil, fmt.Errorf("save game sessions: %w", err)
	case outcome.Earlier != nil:
		return outcome.Earlier.answer(claim)
	case len(outcome.Missing) > 0:
		return nil, missingSpeeches(outcome.Missing)
	case len(outcome.Used) > 0:
		return nil, quotes.usedScores(outcome.Used)
	}
	return ids, nil
}

// normalized returns the draft as it is stored: times in UTC and microseconds, results by sequence number, lists never nil.
// It shares no list with the original.
func (d Draft) normalized() Draft {
	d.StartedAt, d.CompletedAt = stored(d.StartedAt), stored(d.CompletedAt)
	d.SelectedTags = append([]uuid.UUID{}, d.SelectedTags...)
	d.Results = slices.SortedFunc(slices.Values(d.Results), func(a, b Result) int {
		return cmp.Compare(a.SequenceNumber, b.SequenceNumber)
	})
	return d
}

// nameResults gives ids to results that the service owns.
func (s *Service) nameResults(results []Result) {
	for i := range results {
		results[i].ID = s.newID()
	}
}

// claim returns the claim to the key for these sessions, or nil where there is no key.
func (f claimFor) claim(player uuid.UUID, sessions []Session, now time.Time) (*Claim, error) {
	if f.key == "" {
		return nil, nil
	}
	content := make([]Draft, len(sessions))
	for i := range sessions {
		content[i] = sessions[i].Draft
	}
	text, err := json.Marshal(content) // fields in a fixed order; the scores were checked to be numbers
	if err != nil {
		return nil, fmt.Errorf("digest the request: %w", err)
	}
	return &Claim{
		Key:         f.key,
		UserID:      player,
		Request:     sha256.Sum256(append([]byte(f.kind+"\n"), text...)),
		At:          now,
		StaleBefore: now.Add(-claimTTL),
	}, nil
}

// answer returns what the first request with the key was answered, if this one has the same content.
func (e *Earlier) answer(claim *Claim) ([]uuid.UUID, error) {
	if e.Request != claim.Request {
		return nil, fault.Conflict("the idempotency key was used for a request with other content").
			WithCode("idempotency_key_reused")
	}
	return e.SessionIDs, nil
}

func missingSpeeches(ids []uuid.UUID) error {
	named := make([]string, 0, maxNamedSpeeches)
	for _, id := range ids[:min(len(ids), maxNamedSpeeches)] {
		named = append(named, id.String())
	}
	list := strings.Join(named, ", ")
	if rest := len(ids) - len(named); rest > 0 {
		list += fmt.Sprintf(" and %d more", rest)
	}
	return fault.NotFound("no speech has the id %s", list).WithCode("speech_not_found")
}
