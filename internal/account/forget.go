package account

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
)

// lookBack is how far back the sweep looks for traces of deleted accounts: longer than any request, and than most pauses of
// a daemon, takes.
const lookBack = 7 * 24 * time.Hour

// DeleteSelf removes the user who asks, with everything that is theirs, at once and for good. It returns fault.Unauthorized
// (code account_gone) where the account is gone already.
func (s *Service) DeleteSelf(ctx context.Context, id uuid.UUID) error {
	if err := s.remove(ctx, id); err != nil {
		return fmt.Errorf("delete the own account: %w", ownAccount(err))
	}
	return nil
}

// DeleteUser removes a user with everything that is theirs, at once and for good. It returns fault.NotFound.
func (s *Service) DeleteUser(ctx context.Context, id uuid.UUID) error {
	if err := s.remove(ctx, id); err != nil {
		return fmt.Errorf("delete user %s: %w", id, err)
	}
	return nil
}

// remove deletes a user in one transaction. What outlives accounts (the audit log, imports) knows them by an opaque id from
// then on, which says that several lines are about one person, and nobody whom (docs/decisions/privacy.md). The line about
// the deletion is no exception.
func (s *Service) remove(ctx context.Context, id uuid.UUID) error {
	entry := s.entry(ctx, "user.delete", id, nil)
	err := s.store.InTx(ctx, func(tx Store) error {
		if err := tx.DeleteUser(ctx, id); err != nil {
			return err
		}
		if err := tx.InsertAudit(ctx, entry); err != nil {
			return err
		}
		return tx.Forget(ctx, id, s.newID())
	})
	if err != nil {
		return err
	}
	s.forgetRole(ctx, id)
	return nil
}

// forgetLatecomers does for deleted accounts what remove has done, once more: a request that was at work during the deletion
// may have written their id after it.
func (s *Service) forgetLatecomers(ctx context.Context) error {
	actors, err := s.store.Actors(ctx, s.moment().Add(-lookBack))
	if err != nil {
		return fmt.Errorf("look for traces of deleted accounts: %w", err)
	}
	for _, actor := range actors {
		id, err := uuid.Parse(strings.TrimPrefix(actor, audit.UserActor))
		if err != nil || !strings.HasPrefix(actor, audit.UserActor) {
			continue // an operator at a terminal, the daemon itself, somebody forgotten
		}
		if _, err := s.store.User(ctx, id); !fault.Is(err, fault.KindNotFound) {
			continue // they exist, or nobody can tell now: the next sweep will
		}
		if err := s.store.Forget(ctx, id, s.newID()); err != nil {
			return fmt.Errorf("forget a deleted account: %w", err)
		}
	}
	return nil
}
