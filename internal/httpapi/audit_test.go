package httpapi

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/englishapp/englishctl/internal/sqlstore"
	"github.com/englishapp/englishctl/internal/sqlstore/sqltest"
)

// TestAudit: what an admin changes stands in the log, with who and where from; only admins read it, and nobody writes it.
func TestAudit(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, db *sqlstore.DB) {
		h := newHouse(t, db)
		admin := h.admin()
		me := h.json(200, get, "/users/me", admin, nil)["id"].(string)
		tag := h.json(201, post, "/admin/tags", admin, body{"name": "Food", "category": "<b>"})["id"].(string)
		update := h.send(200, request{
			method: put, path: "/admin/tags/" + tag, token: admin, body: `{"category": null}`,
			header: map[string]string{"X-Request-ID": "request-7"},
		})
		if got := update.header.Get("X-Request-ID"); got != "request-7" {
			t.Fatalf("the request id is %q", got)
		}

		list := h.json(200, get, "/admin/audit?action=tag&limit=1&object_id="+tag+"&actor=user:"+me, admin, nil)
		if diff := cmp.Diff(body{"page": 1.0, "limit": 1.0, "total": 2.0, "total_pages": 2.0}, list["pagination"]); diff != "" {
			t.Fatal(diff)
		}
		entry := list["entries"].([]any)[0].(body)
		want := body{
			"id": entry["id"], "at": entry["at"], "actor": "user:" + me, "action": "tag.update", "object_id": tag,
			"changes": body{"category": body{"before": "<b>", "after": ""}}, "request_id": "request-7", "address": entry["address"],
		}
		if diff := cmp.Diff(want, entry); diff != "" || entry["address"] == nil {
			t.Error(diff, entry["address"])
		}
		none := h.json(200, get, "/admin/audit?to_date=2001-01-01", admin, nil)
		if diff := cmp.Diff([]any{}, none["entries"]); diff != "" {
			t.Error(diff)
		}
		for _, method := range []string{post, put, del} {
			h.send(405, request{method: method, path: "/admin/audit", token: admin, body: "{}"})
		}
	})
}
