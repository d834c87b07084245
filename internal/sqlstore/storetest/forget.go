package storetest

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/englishapp/englishctl/internal/account"
	"github.com/englishapp/englishctl/internal/audit"
	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

func testForget(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Accounts()
	ann, bob, opaque := newID(), newID(), newID()
	write := func(actor, object string, at time.Time) {
		t.Helper()
		must(t, store.InsertAudit(ctx, audit.Entry{
			ID: newID(), At: at, Action: "user.test", ObjectID: object,
			Origin: audit.Origin{Actor: actor, RequestID: "r", Address: "192.0.2.1"},
		}))
	}
	write("user:"+ann.String(), bob.String(), noon)
	write("user:"+bob.String(), ann.String(), noon.Add(time.Second))
	write("cli:"+ann.String(), "user:"+ann.String(), noon.Add(2*time.Second)) // nobody's id, whatever it looks like
	batch := newBatch()
	batch.Author = "user:" + ann.String()
	must(t, db.Importing().InsertBatch(ctx, batch, nil))
	upload := newUploadSession()
	upload.Author = "user:" + ann.String()
	must(t, db.Importing().InsertUploadSession(ctx, upload))

	must(t, store.Forget(ctx, newID(), newID())) // nobody
	must(t, store.InTx(ctx, func(tx account.Store) error { return tx.Forget(ctx, ann, opaque) }))
	for _, left := range sqltest.Read(t, db).Search(ann.String()) {
		if left != "audit_log.actor" && left != "audit_log.object_id" { // of the third line
			t.Errorf("the id is left in %s", left)
		}
	}
	entries, _, err := db.Audit().AuditEntries(ctx, audit.Query{}, page(1, 10))
	must(t, err)
	type line struct{ actor, object, address string }
	var got []line
	for _, e := range entries {
		got = append(got, line{e.Origin.Actor, e.ObjectID, e.Origin.Address})
	}
	want := []line{
		{"cli:" + ann.String(), "user:" + ann.String(), "192.0.2.1"},
		{"user:" + bob.String(), opaque.String(), "192.0.2.1"},
		{"deleted:" + opaque.String(), bob.String(), ""},
	}
	if len(got) != len(want) {
		t.Fatalf("entries: %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("entry %d is %v, want %v", i, got[i], want[i])
		}
	}
	for what, author := range map[string]func() (string, error){
		"import": func() (string, error) { b, err := db.Importing().Batch(ctx, batch.ID); return b.Author, err },
		"upload": func() (string, error) { u, err := db.Importing().UploadSession(ctx, upload.ID); return u.Author, err },
	} {
		equal(t, "the author of the "+what, must1[string](t)(author()), "deleted:"+opaque.String())
	}
}

func testActors(t *testing.T, db *sqlstore.DB) {
	ctx, store := t.Context(), db.Accounts()
	actors := []string{"user:" + uuid.Nil.String(), "cli:ada", "cli:ada", "system"}
	for i, actor := range actors {
		must(t, store.InsertAudit(ctx, audit.Entry{ID: newID(), At: noon.Add(time.Duration(i) * time.Second), Origin: audit.Origin{Actor: actor}}))
	}
	equal(t, "all", must1[[]string](t)(store.Actors(ctx, noon)), []string{"cli:ada", "system", "user:" + uuid.Nil.String()})
	equal(t, "the later ones", must1[[]string](t)(store.Actors(ctx, noon.Add(2*time.Second))), []string{"cli:ada", "system"})
	equal(t, "the latest", must1[[]string](t)(store.Actors(ctx, noon.Add(time.Hour))), []string{})
}
