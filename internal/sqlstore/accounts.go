package sqlstore

import (
	"context"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
)

// Accounts implements account.Store.
type Accounts struct{ c conn }

var _ account.Store = (*Accounts)(nil)

// InTx implements account.Store. Called on a store that is bound to a transaction, it joins that one.
func (a *Accounts) InTx(ctx context.Context, fn func(tx account.Store) error) error {
	return a.c.inTx(ctx, func(tx conn) error { return fn(&Accounts{tx}) })
}

// InsertAudit implements account.Store.
func (a *Accounts) InsertAudit(ctx context.Context, e audit.Entry) error {
	return a.c.insertAudit(ctx, e)
}

// codeAccountGone is the code of a fault.Unauthorized that says that the user has been deleted meanwhile.
const codeAccountGone = "account_gone"

func errAccountGone(cause error) error {
	return fault.Unauthorized("this account no longer exists").WithCode(codeAccountGone).WithCause(cause)
}
