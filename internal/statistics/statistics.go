// Package statistics counts what there is: sentences, tags, accounts, games; and makes the dashboard's numbers of how much is played and
// how well.
//
// It owns which numbers belong together, how far back "recent" reaches, what makes a sentence hard, and when roll-ups are brought up to
// date (docs/decisions/dashboard.md). What there is now is counted by the services whose things are counted.
package statistics

import (
	"context"
	"time"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/paging"
)

// RecentDays is how far back "recent" reaches.
const RecentDays = 7

// Statistics are the numbers at one moment. They are not of one transaction: who writes meanwhile may show in some of
// them.
type Statistics struct {
	// Speeches is the number of live speeches, and the sum of SpeechesBy.
	Speeches int
	// SpeechesBy has every level and type, easiest level first, questions before answers.
	SpeechesBy []catalog.SpeechCount
	Tags       int
	// Users counts all accounts, Admins those of them whose role is admin.
	Users, Admins int
	// Sessions counts completed games, RecentSessions those of them of the last RecentDays days.
	Sessions, RecentSessions int
}

// content is what is asked of package catalog.
type content interface {
	CountSpeeches(ctx context.Context) ([]catalog.SpeechCount, error)
	AllTags(ctx context.Context) ([]catalog.Tag, error)
}

// accounts is what is asked of package account.
type accounts interface {
	Users(ctx context.Context, f account.UserFilter, p paging.Page) ([]account.User, int, error)
}

// games is what is asked of package practice.
type games interface {
	CountSince(ctx context.Context, since time.Time) (int, error)
}

// Service counts. It is safe for concurrent use.
type Service struct {
	content  content
	accounts accounts
	games    games
	store    Store
	holder   string
	now      func() time.Time
}

// New returns the service. holder is a name that no other process has at the same database; now is the clock.
func New(content content, accounts accounts, games games, store Store, holder string, now func() time.Time) *Service {
	return &Service{content, accounts, games, store, holder, now}
}

// Count returns the numbers as they are now.
func (s *Service) Count(ctx context.Context) (counts Statistics, err error) {
	if counts.SpeechesBy, err = s.content.CountSpeeches(ctx); err != nil {
		return Statistics{}, err
	}
	for _, kind := range counts.SpeechesBy {
		counts.Speeches += kind.Speeches
	}
	tags, err := s.content.AllTags(ctx)
	if err != nil {
		return Statistics{}, err
	}
	counts.Tags = len(tags)
	if counts.Users, err = s.countUsers(ctx, account.UserFilter{}); err != nil {
		return Statistics{}, err
	}
	if counts.Admins, err = s.countUsers(ctx, account.UserFilter{Role: account.Admin}); err != nil {
		return Statistics{}, err
	}
	if counts.Sessions, err = s.games.CountSince(ctx, time.Time{}); err != nil {
		return Statistics{}, err
	}
	counts.RecentSessions, err = s.games.CountSince(ctx, s.now().AddDate(0, 0, -RecentDays))
	if err != nil {
		return Statistics{}, err
	}
	return counts, nil
}

// countUsers takes the number from the smallest page of the list.
func (s *Service) countUsers(ctx context.Context, f account.UserFilter) (int, error) {
	_, total, err := s.accounts.Users(ctx, f, paging.Page{Number: 1, Limit: 1})
	return total, err
}
