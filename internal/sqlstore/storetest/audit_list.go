package storetest

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/fault"
	"github.com/englishapp/englishctl/internal/sqlstore"
)

func testAuditList(t *testing.T, db *sqlstore.DB) {
	ctx, ids := t.Context(), orderedIDs(5)
	entry := func(i int, at time.Time, actor, action, object string, changes map[string]audit.Change) audit.Entry {
		e := audit.Entry{
			ID: ids[i], At: at, Origin: audit.Origin{Actor: actor, RequestID: "r-1", Address: "::1"}, Action: action, ObjectID: object, Changes: changes,
		}
		must(t, db.Catalog().InsertAudit(ctx, e))
		return e
	}
	first := entry(0, noon, "cli:ada", "tag.create", "1", map[string]audit.Change{"name": {After: `"quoted" <b>`}})
	second := entry(1, noon, "cli:bob", "tag.update", "1", map[string]audit.Change{"n": {Before: 1.5, After: true}})
	third := entry(2, noon.Add(time.Second), "user:1", "tags.create", "2", nil)
	fourth := entry(3, noon.Add(-time.Hour), "cli:ada", "user.set_role", "3", nil)

	for _, tt := range []struct {
		name  string
		query audit.Query
		want  []audit.Entry
	}{
		{"all, newest first, then by id", audit.Query{}, []audit.Entry{third, second, first, fourth}},
		{"an actor", audit.Query{Actor: "cli:ada"}, []audit.Entry{first, fourth}},
		{"an actor is compared exactly", audit.Query{Actor: "CLI:ADA"}, nil},
		{"one action", audit.Query{Action: "tag.update"}, []audit.Entry{second}},
		{"all actions on an object", audit.Query{Action: "tag"}, []audit.Entry{second, first}},
		{"wildcards of SQL mean nothing", audit.Query{Action: "t%"}, nil},
		{"an object", audit.Query{ObjectID: "2"}, []audit.Entry{third}},
		{"both ends of a time are inclusive", audit.Query{From: noon, To: noon}, []audit.Entry{second, first}},
		{"everything together", audit.Query{Actor: "cli:ada", Action: "tag", ObjectID: "1", From: noon.Add(-time.Minute), To: noon}, []audit.Entry{first}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, total, err := db.Audit().AuditEntries(ctx, tt.query, page(1, 10))
			must(t, err)
			equal(t, "the entries", got, tt.want)
			equal(t, "total", total, len(tt.want))
		})
	}
	t.Run("pages", func(t *testing.T) {
		for number, want := range map[int][]uuid.UUID{1: {ids[2], ids[1], ids[0]}, 2: {ids[3]}, 3: {}} {
			got, total, err := db.Audit().AuditEntries(ctx, audit.Query{}, page(number, 3))
			must(t, err)
			found := []uuid.UUID{}
			for _, e := range got {
				found = append(found, e.ID)
			}
			equal(t, "a page", found, want)
			equal(t, "total", total, 4)
		}
	})
	t.Run("a text that no database stores", func(t *testing.T) {
		_, _, err := db.Audit().AuditEntries(ctx, audit.Query{Actor: "a\x00"}, page(1, 1))
		refused(t, err, fault.KindInvalid, "")
	})
}
