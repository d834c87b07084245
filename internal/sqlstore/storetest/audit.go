package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/catalog"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

func testAudit(t *testing.T, db *sqlstore.DB) {
	ctx := t.Context()
	entry := func() audit.Entry {
		return audit.Entry{
			ID: newID(), At: noon, Origin: audit.Origin{Actor: "user:1", RequestID: "r-1", Address: "::1"},
			Action: "tag.update", ObjectID: "o'1",
			Changes: map[string]audit.Change{"name": {Before: `a"\'`, After: nil}},
		}
	}
	e := entry()
	must(t, db.Accounts().InsertAudit(ctx, e))
	must(t, db.Catalog().InsertAudit(ctx, audit.Entry{ID: newID(), At: noon, Action: "x.y"}))

	var row struct {
		Actor     string `db:"actor"`
		Action    string `db:"action"`
		ObjectID  string `db:"object_id"`
		RequestID string `db:"request_id"`
		Address   string `db:"address"`
		Changes   string `db:"changes"`
	}
	const columns = `SELECT actor, action, object_id, request_id, address, CAST(changes AS text) AS changes FROM audit_log`
	must(t, db.Raw().GetContext(ctx, &row, columns+` WHERE action = 'tag.update'`))
	equal(t, "origin", audit.Origin{Actor: row.Actor, RequestID: row.RequestID, Address: row.Address}, e.Origin)
	equal(t, "object", row.ObjectID, e.ObjectID)
	var changes map[string]audit.Change
	must(t, json.Unmarshal([]byte(row.Changes), &changes))
	equal(t, "changes", changes, e.Changes)

	must(t, db.Raw().GetContext(ctx, &row, columns+` WHERE action = 'x.y'`))
	equal(t, "no changes", row.Changes, "{}")

	t.Run("an entry goes with its transaction", func(t *testing.T) {
		broken := errors.New("broken")
		before := sqltest.Count(t, db, "audit_log")
		for name, inTx := range map[string]func(context.Context) error{
			"accounts": func(ctx context.Context) error {
				return db.Accounts().InTx(ctx, func(tx account.Store) error { return errors.Join(tx.InsertAudit(ctx, entry()), broken) })
			},
			"catalogue": func(ctx context.Context) error {
				return db.Catalog().InTx(ctx, func(tx catalog.Store) error { return errors.Join(tx.InsertAudit(ctx, entry()), broken) })
			},
		} {
			equal(t, name, errors.Is(inTx(ctx), broken), true)
		}
		equal(t, "entries", sqltest.Count(t, db, "audit_log"), before)
	})
}
