package sqlstore_test

import (
	"testing"

	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

func TestSmoke(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		if err := db.CheckSchema(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Log(db.Status(t.Context()))
		t.Log(db.Catalog().Snapshot(t.Context()))
	})
}
