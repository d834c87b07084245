package sqltest

import (
	"testing"

	"github.com/englishapp/englishctl/internal/sqlstore"
)

// Ids of rows that Fill writes.
const (
	FilledUser   = "0197a000-0000-7000-8000-000000000001"
	FilledSpeech = "0197a000-0000-7000-8000-0000000000a1"
	// FilledKey is the recording of FilledSpeech and of the deleted speech; its bytes are FilledAudio.
	FilledKey = "audio/A1/0197a000-0000-7000-8000-0000000000a1.mp3"
	// FilledOther is a recording whose digest no row has.
	FilledOther = "audio/B2/other \"quoted\".wav"
	FilledAudio = "the bytes of a recording\x00\xff"
)

// hardText has what quoting, COPY and JSON like to stumble over.
const hardText = "a \"quote\", 'another', a\ttab,\na line, \\N \\. \\\\ {}, <b>&amp;, é ñ 日本語 😀 \u2028 \u00a0 %s ?"

// hardJSON is in the order and with the blanks that neither database gives it.
const hardJSON = `{ "zebra": [1, -2.50, 12345678901234567890, true, null, "\u00e9\n<&>"], "ab": {"b": {}, "a": []}, "b": "x" }`

// Fill writes rows with hard values into every table that belongs into a backup, and into those that do not.
func Fill(tb testing.TB, db *sqlstore.DB) {
	tb.Helper()
	const at, first, last = "2026-03-04T12:00:00.123456Z", "0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"
	id := func(last string) string { return "0197a000-0000-7000-8000-0000000000" + last }
	for _, row := range []struct {
		sql  string
		args []any
	}{
		{`INSERT INTO tags VALUES (?, ?, ?, ?, ?, ?)`, []any{id("b1"), "Ünï <&>", "ünï <&>", nil, at, nil}},
		{`INSERT INTO tags VALUES (?, ?, ?, ?, ?, ?)`, []any{id("b2"), "gone", "gone", "", first, last}},
		{`INSERT INTO import_batches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, []any{
			id("c1"), "cli:ann", id("c2"), hardText, "", "skip", "done", at, 2147483647, 0, -1, at, nil,
		}},
		{`INSERT INTO import_rejects VALUES (?, ?, ?)`, []any{id("c1"), hardText, []byte("row\x00\xff")}},
		{`INSERT INTO speeches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, []any{
			FilledSpeech, FilledKey, nil, hardText, "A1", "question", id("c1"), at, at, nil,
		}},
		{`INSERT INTO speeches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, []any{
			id("a2"), FilledKey, nil, "", "B1", "answer", nil, at, at, at,
		}},
		{`INSERT INTO speeches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, []any{
			id("a3"), "https://example.com/audio/x.mp3", nil, "elsewhere", "C1", "answer", nil, at, at, nil,
		}},
		{`INSERT INTO speeches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, []any{
			id("a4"), FilledOther, nil, "other", "B2", "answer", nil, at, at, nil,
		}},
		{`INSERT INTO past_recordings VALUES (?, ?, ?, ?)`, []any{FilledSpeech, FilledOther, nil, at}},
		{`INSERT INTO speech_tags VALUES (?, ?)`, []any{FilledSpeech, id("b1")}},
		{`INSERT INTO speech_tags VALUES (?, ?)`, []any{id("a2"), id("b1")}},
		{`INSERT INTO import_items VALUES (?, ?, ?, ?, ?)`, []any{id("c1"), 1, FilledSpeech, FilledKey, "created"}},
		{`INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, []any{
			FilledUser, "ann@example.com", true, "Ann", nil, "email", nil, "$argon2id$v=19$x", "admin", at, at,
		}},
		{`INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, []any{
			id("02"), "bob@example.com", false, "Bob", "https://x/y", "google", "1", nil, "learner", at, last,
		}},
		// The order of these depends on the collation.
		{`INSERT INTO user_identities VALUES (?, ?, ?, ?)`, []any{"google", "b", FilledUser, at}},
		{`INSERT INTO user_identities VALUES (?, ?, ?, ?)`, []any{"google", "B", FilledUser, at}},
		{`INSERT INTO user_identities VALUES (?, ?, ?, ?)`, []any{"google", "a-c", FilledUser, at}},
		{`INSERT INTO user_identities VALUES (?, ?, ?, ?)`, []any{"google", "ab", FilledUser, at}},
		{`INSERT INTO game_sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, []any{
			id("d1"), FilledUser, "listen_and_repeat", "A1", "question", `["` + id("b1") + `", "x"]`, 2, 1, 1, 0.1, 30, at, at, at,
		}},
		{`INSERT INTO game_sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, []any{
			id("d2"), id("02"), "listen_only", "B2", "answer", `[]`, 0, 0, 0, nil, 0, at, at, at,
		}},
		{`INSERT INTO game_results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, []any{
			id("e1"), id("d1"), FilledSpeech, 1, "correct", 99.99999999999999, hardText, 2147483647, at, id("f1"), "azure",
		}},
		{`INSERT INTO game_results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, []any{
			id("e2"), id("d1"), id("a2"), 2, "skipped", 1e-300, nil, 0, at, nil, nil,
		}},
		{`INSERT INTO idempotency_keys VALUES (?, ?, ?, ?, ?)`, []any{FilledUser, "Key", []byte{0, 1, '\\', 'x', 0xff}, `["` + id("d1") + `"]`, at}},
		{`INSERT INTO idempotency_keys VALUES (?, ?, ?, ?, ?)`, []any{FilledUser, "_key", []byte{}, `[]`, at}},
		{`INSERT INTO audit_log VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, []any{id("f2"), at, "cli:ann", "x", hardText[:80], hardJSON, "", "::1"}},
		{`INSERT INTO refresh_tokens VALUES (?, ?, ?, ?)`, []any{[]byte("\x00hash"), FilledUser, at, last}},
		// What stays where it is.
		{`INSERT INTO upload_sessions VALUES (?, ?, ?, ?, ?, ?, ?)`, []any{id("91"), "cli:ann", "open", at, last, "", nil}},
		{`INSERT INTO upload_sheets VALUES (?, ?, ?)`, []any{id("91"), "x.csv", []byte("x")}},
		{`INSERT INTO upload_files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, []any{
			id("92"), id("91"), "a.mp3", "a.mp3", "audio/uploads/x/a.mp3", 1, "", ".mp3", at, nil,
		}},
		{`INSERT INTO email_tokens VALUES (?, ?, ?, ?, ?)`, []any{[]byte("mail"), FilledUser, "reset", "ann@example.com", last}},
		{`INSERT INTO panel_sessions VALUES (?, ?, ?, ?, ?)`, []any{[]byte("panel"), FilledUser, []byte("c"), at, last}},
	} {
		if _, err := db.Raw().ExecContext(tb.Context(), db.Raw().Rebind(row.sql), row.args...); err != nil {
			tb.Fatalf("%s: %v", row.sql, err)
		}
	}
}
