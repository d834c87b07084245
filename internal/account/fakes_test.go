package account

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/paging"
)

var errDown = errors.New("the database is down")

// fakeStore keeps accounts in memory: unique addresses, transactions that roll back and wait for each other.
type fakeStore struct {
	mu *sync.Mutex // nil inside a transaction
	*tables
	// fails names the method that fails with errDown.
	fails string
	// before runs ahead of the next transaction, as if somebody else were faster.
	before func()
	// meanwhile runs, in a transaction, ahead of the method that it names, on what the transaction sees, as if somebody
	// else were faster.
	meanwhile map[string]func(*tables)
}

type tables struct {
	users  map[uuid.UUID]User
	linked []LinkedIdentity
	tokens map[string]RefreshToken
	links  map[string]EmailToken
	panel  map[string]PanelSession
	audit  []audit.Entry
}

func newFakeStore() *fakeStore {
	return &fakeStore{
		mu:     new(sync.Mutex),
		tables: &tables{users: map[uuid.UUID]User{}, tokens: map[string]RefreshToken{}, links: map[string]EmailToken{}, panel: map[string]PanelSession{}},
	}
}

// enter locks the store outside of transactions and says whether the method is the one to fail.
func (f *fakeStore) enter(method string) (leave func(), err error) {
	if f.fails == method {
		err = errDown
	}
	if f.mu == nil {
		if faster := f.meanwhile[method]; faster != nil {
			faster(f.tables)
		}
		return func() {}, err
	}
	f.mu.Lock()
	return f.mu.Unlock, err
}

func (f *fakeStore) InTx(_ context.Context, fn func(tx Store) error) error {
	if before := f.before; before != nil {
		f.before = nil
		before()
	}
	leave, err := f.enter("InTx")
	defer leave()
	if err != nil {
		return err
	}
	copied := &tables{
		users: maps.Clone(f.users), linked: slices.Clone(f.linked), tokens: maps.Clone(f.tokens),
		links: maps.Clone(f.links), panel: maps.Clone(f.panel), audit: slices.Clone(f.audit),
	}
	if err := fn(&fakeStore{tables: copied, fails: f.fails, meanwhile: f.meanwhile}); err != nil {
		return fmt.Errorf("transaction: %w", err)
	}
	*f.tables = *copied
	return nil
}

func (f *fakeStore) User(_ context.Context, id uuid.UUID) (User, error) {
	leave, err := f.enter("User")
	defer leave()
	u, ok := f.users[id]
	if err == nil && !ok {
		err = fault.NotFound("no user has the id %s", id)
	}
	return u, err
}

func (f *fakeStore) LockUser(ctx context.Context, id uuid.UUID) (User, error) {
	if f.mu != nil {
		return User{}, errors.New("a lock outside of a transaction")
	}
	return f.User(ctx, id)
}

func (f *fakeStore) UserByEmail(_ context.Context, email string) (User, error) {
	leave, err := f.enter("UserByEmail")
	defer leave()
	for _, u := range f.users {
		if u.Email == email {
			return u, err
		}
	}
	return User{}, cmp.Or(err, error(fault.NotFound("no user has the address")))
}

func (f *fakeStore) Users(_ context.Context, filter UserFilter, p paging.Page) ([]User, int, error) {
	leave, err := f.enter("Users")
	defer leave()
	var found []User
	for _, u := range f.users {
		if (filter.Role == "" || u.Role == filter.Role) && (filter.Email == "" || u.Email == filter.Email) && strings.Contains(u.Email+"\n"+u.Name, filter.Search) {
			found = append(found, u)
		}
	}
	slices.SortFunc(found, func(a, b User) int { return bytes.Compare(b.ID[:], a.ID[:]) })
	first := min(int(p.Offset()), len(found))
	return found[first:min(first+p.Limit, len(found))], len(found), err
}

func (f *fakeStore) InsertUser(_ context.Context, u User) error {
	leave, err := f.enter("InsertUser")
	defer leave()
	for _, other := range f.users {
		if other.Email == u.Email {
			return fault.Conflict("the e-mail address is taken").WithCode("email_taken")
		}
	}
	f.users[u.ID] = u
	return err
}

func (f *fakeStore) UpdateUser(_ context.Context, u User) error {
	leave, err := f.enter("UpdateUser")
	defer leave()
	if _, ok := f.users[u.ID]; !ok {
		return fault.NotFound("no user has the id %s", u.ID)
	}
	f.users[u.ID] = u
	return err
}

func (f *fakeStore) DeleteUser(_ context.Context, id uuid.UUID) error {
	leave, err := f.enter("DeleteUser")
	defer leave()
	if _, ok := f.users[id]; !ok {
		return fault.NotFound("no user has the id %s", id)
	}
	delete(f.users, id)
	f.linked = slices.DeleteFunc(slices.Clone(f.linked), func(l LinkedIdentity) bool { return l.UserID == id })
	maps.DeleteFunc(f.tokens, func(_ string, t RefreshToken) bool { return t.UserID == id })
	maps.DeleteFunc(f.links, func(_ string, t EmailToken) bool { return t.UserID == id })
	maps.DeleteFunc(f.panel, func(_ string, s PanelSession) bool { return s.UserID != nil && *s.UserID == id })
	return err
}

func (f *fakeStore) IdentityUser(_ context.Context, provider Provider, subject string) (uuid.UUID, error) {
	leave, err := f.enter("IdentityUser")
	defer leave()
	for _, l := range f.linked {
		if l.Provider == provider && l.Subject == subject {
			return l.UserID, err
		}
	}
	return uuid.Nil, cmp.Or(err, error(fault.NotFound("no such identity")))
}

func (f *fakeStore) Identities(_ context.Context, user uuid.UUID) ([]LinkedIdentity, error) {
	leave, err := f.enter("Identities")
	defer leave()
	return slices.DeleteFunc(slices.Clone(f.linked), func(l LinkedIdentity) bool { return l.UserID != user }), err
}

func (f *fakeStore) InsertIdentity(_ context.Context, l LinkedIdentity) error {
	leave, err := f.enter("InsertIdentity")
	defer leave()
	if slices.ContainsFunc(f.linked, func(o LinkedIdentity) bool { return o.Provider == l.Provider && o.Subject == l.Subject }) {
		return fault.Conflict("the identity is taken")
	}
	f.linked = append(f.linked, l)
	return err
}

func (f *fakeStore) DeleteIdentities(_ context.Context, user uuid.UUID) (int, error) {
	leave, err := f.enter("DeleteIdentities")
	defer leave()
	had := len(f.linked)
	f.linked = slices.DeleteFunc(slices.Clone(f.linked), func(l LinkedIdentity) bool { return l.UserID == user })
	return had - len(f.linked), err
}

func (f *fakeStore) InsertRefreshToken(_ context.Context, t RefreshToken) error {
	leave, err := f.enter("InsertRefreshToken")
	defer leave()
	if _, ok := f.users[t.UserID]; !ok {
		return fault.Unauthorized("the user no longer exists")
	}
	f.tokens[string(t.Hash)] = t
	return err
}

func (f *fakeStore) RefreshToken(_ context.Context, hash []byte) (RefreshToken, error) {
	leave, err := f.enter("RefreshToken")
	defer leave()
	t, ok := f.tokens[string(hash)]
	if err == nil && !ok {
		err = fault.NotFound("no such refresh token")
	}
	return t, err
}

func (f *fakeStore) DeleteRefreshToken(_ context.Context, hash []byte) error {
	leave, err := f.enter("DeleteRefreshToken")
	defer leave()
	delete(f.tokens, string(hash))
	return err
}

func (f *fakeStore) DeleteRefreshTokens(_ context.Context, user uuid.UUID) (int, error) {
	return f.deleteTokens("DeleteRefreshTokens", func(t RefreshToken) bool { return t.UserID == user })
}

func (f *fakeStore) DeleteExpiredRefreshTokens(_ context.Context, before time.Time) (int, error) {
	return f.deleteTokens("DeleteExpiredRefreshTokens", func(t RefreshToken) bool { return t.ExpiresAt.Before(before) })
}

func (f *fakeStore) deleteTokens(method string, which func(RefreshToken) bool) (int, error) {
	leave, err := f.enter(method)
	defer leave()
	had := len(f.tokens)
	maps.DeleteFunc(f.tokens, func(_ string, t RefreshToken) bool { return which(t) })
	return had - len(f.tokens), err
}

func (f *fakeStore) InsertPanelSession(_ context.Context, s PanelSession) error {
	leave, err := f.enter("InsertPanelSession")
	defer leave()
	f.panel[string(s.Hash)] = s
	return err
}

func (f *fakeStore) PanelSession(_ context.Context, hash []byte) (PanelSession, error) {
	leave, err := f.enter("PanelSession")
	defer leave()
	s, ok := f.panel[string(hash)]
	if err == nil && !ok {
		err = fault.NotFound("no such session of the panel")
	}
	return s, err
}

func (f *fakeStore) ExtendPanelSession(_ context.Context, hash []byte, until time.Time) error {
	leave, err := f.enter("ExtendPanelSession")
	defer leave()
	if s, ok := f.panel[string(hash)]; ok {
		s.ExpiresAt = until
		f.panel[string(hash)] = s
	}
	return err
}

func (f *fakeStore) DeletePanelSession(_ context.Context, hash []byte) error {
	leave, err := f.enter("DeletePanelSession")
	defer leave()
	delete(f.panel, string(hash))
	return err
}

func (f *fakeStore) DeletePanelSessions(_ context.Context, user uuid.UUID) error {
	_, err := f.deletePanel("DeletePanelSessions", func(s PanelSession) bool { return s.UserID != nil && *s.UserID == user })
	return err
}

func (f *fakeStore) DeleteExpiredPanelSessions(_ context.Context, before time.Time) (int, error) {
	return f.deletePanel("DeleteExpiredPanelSessions", func(s PanelSession) bool { return s.ExpiresAt.Before(before) })
}

func (f *fakeStore) deletePanel(method string, which func(PanelSession) bool) (int, error) {
	leave, err := f.enter(method)
	defer leave()
	had := len(f.panel)
	maps.DeleteFunc(f.panel, func(_ string, s PanelSession) bool { return which(s) })
	return had - len(f.panel), err
}

func (f *fakeStore) InsertEmailToken(_ context.Context, t EmailToken) error {
	leave, err := f.enter("InsertEmailToken")
	defer leave()
	f.links[string(t.Hash)] = t
	return err
}

func (f *fakeStore) EmailToken(_ context.Context, hash []byte) (EmailToken, error) {
	leave, err := f.enter("EmailToken")
	defer leave()
	t, ok := f.links[string(hash)]
	if err == nil && !ok {
		err = fault.NotFound("no such link")
	}
	return t, err
}

func (f *fakeStore) DeleteEmailTokens(_ context.Context, user uuid.UUID, p Purpose) error {
	leave, err := f.enter("DeleteEmailTokens")
	defer leave()
	maps.DeleteFunc(f.links, func(_ string, t EmailToken) bool { return t.UserID == user && t.Purpose == p })
	return err
}

func (f *fakeStore) DeleteExpiredEmailTokens(_ context.Context, before time.Time) (int, error) {
	leave, err := f.enter("DeleteExpiredEmailTokens")
	defer leave()
	had := len(f.links)
	maps.DeleteFunc(f.links, func(_ string, t EmailToken) bool { return t.ExpiresAt.Before(before) })
	return had - len(f.links), err
}

func (f *fakeStore) Forget(_ context.Context, user, as uuid.UUID) error {
	leave, err := f.enter("Forget")
	defer leave()
	for i, e := range f.audit {
		if e.Origin.Actor == audit.UserActor+user.String() {
			f.audit[i].Origin.Actor, f.audit[i].Origin.Address = audit.DeletedActor+as.String(), ""
		}
		if e.ObjectID == user.String() {
			f.audit[i].ObjectID = as.String()
		}
	}
	return err
}

func (f *fakeStore) Actors(_ context.Context, since time.Time) ([]string, error) {
	leave, err := f.enter("Actors")
	defer leave()
	var actors []string
	for _, e := range f.audit {
		if !e.At.Before(since) {
			actors = append(actors, e.Origin.Actor)
		}
	}
	return actors, err
}

func (f *fakeStore) InsertAudit(_ context.Context, e audit.Entry) error {
	leave, err := f.enter("InsertAudit")
	defer leave()
	f.audit = append(f.audit, e)
	return err
}

// fakeCache is a cache whose time is the test's.
type fakeCache struct {
	now    func() time.Time
	values map[string]cached
	err    error
	// hungUp is set where a Delete came with a context that had ended.
	hungUp bool
}

type cached struct {
	value []byte
	until time.Time
}

func (c *fakeCache) Get(_ context.Context, key string) ([]byte, bool, error) {
	v, ok := c.values[key]
	return v.value, ok && c.now().Before(v.until), c.err
}

func (c *fakeCache) Set(_ context.Context, key string, value []byte, ttl time.Duration) error {
	c.values[key] = cached{value, c.now().Add(ttl)}
	return c.err
}

func (c *fakeCache) Delete(ctx context.Context, keys ...string) error {
	for _, key := range keys {
		delete(c.values, key)
	}
	c.hungUp = c.hungUp || ctx.Err() != nil
	return c.err
}

// fakeProviders knows some tokens.
type fakeProviders struct {
	mu     sync.Mutex
	people map[string]Identity
	// nonce is what the last call came with.
	nonce string
}

func (f *fakeProviders) Identify(_ context.Context, provider Provider, token, nonce string) (Identity, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.nonce = nonce
	who, known := f.people[token]
	if !known || who.Provider != provider {
		return Identity{}, fault.Unauthorized("not a token").WithCode("provider_token_invalid")
	}
	return who, nil
}
