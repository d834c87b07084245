package sqlstore

import "github.com/englishapp/englishctl/internal/backup"

// saved are the tables that belong into a backup, with all their columns, each after those that it refers to. A test
// compares them with the schema: whoever adds a table or a column decides here.
var saved = []backup.Table{
	table("tags", "id", "id uuid, name text, name_key text, category text, created_at time, deleted_at time"),
	table("import_batches", "id", `id uuid, author text, session_id uuid, file_name text, file_sha256 text, on_error text,
		state text, lease_until time, created_count int, unchanged_count int, rejected_count int, started_at time,
		finished_at time`),
	table("import_rejects", "batch_id", "batch_id uuid, file_name text, content bytes"),
	table("speeches", "id", `id uuid, audio_url text, audio_sha256 text, text text, level text, type text, batch_id uuid,
		created_at time, updated_at time, deleted_at time`),
	table("past_recordings", "speech_id audio_url", "speech_id uuid, audio_url text, audio_sha256 text, replaced_at time"),
	table("speech_tags", "speech_id tag_id", "speech_id uuid, tag_id uuid"),
	table("import_items", "batch_id row_number", "batch_id uuid, row_number int, speech_id uuid, object_key text, outcome text"),
	table("users", "id", `id uuid, email text, email_verified bool, name text, avatar_url text, auth_provider text,
		auth_provider_id text, password_hash text, role text, created_at time, updated_at time`),
	table("user_identities", "auth_provider auth_provider_id", "auth_provider text, auth_provider_id text, user_id uuid, linked_at time"),
	table("game_sessions", "id", `id uuid, user_id uuid, mode text, level text, sentence_type text, selected_tags json,
		total_sentences int, correct_count int, max_streak int, avg_pronunciation_score float, duration_seconds int,
		started_at time, completed_at time, saved_at time`),
	table("game_results", "id", `id uuid, session_id uuid, speech_id uuid, sequence_number int, user_response text,
		pronunciation_score float, recognized_text text, response_time_ms int, created_at time, score_id uuid,
		score_provider text`),
	table("idempotency_keys", "user_id key", "user_id uuid, key text, request_sha256 bytes, session_ids json, created_at time"),
	table("audit_log", "id", `id uuid, at time, actor text, action text, object_id text, changes json, request_id text,
		address text`),
	perishable(table("refresh_tokens", "token_hash", "token_hash bytes, user_id uuid, issued_at time, expires_at time")),
}

// notSaved are the other tables, each before those that it refers to. Their rows are worth nothing elsewhere or later: what
// is being uploaded lies in the store of this place only, links in mails and the panel's cookies are short-lived proofs that
// an old copy must not bring back to life, and the catalogue's version counts what happens here.
var notSaved = []string{"upload_sheets", "upload_files", "upload_sessions", "email_tokens", "panel_sessions"}

// rolledUp are the tables of statistics, each before those that it refers to. They are counted anew from the games, wherever these are
// restored, and make no database a filled one: a daemon counts days on which nothing was played. Requests are those of this place. Games of each learner are counted by triggers as they are restored.
var rolledUp = []string{"game_session_counts", "statistics_scores", "statistics_days", "statistics_rankings", "statistics_requests", "statistics_changes"}

func perishable(t backup.Table) backup.Table {
	t.Perishable = true
	return t
}
