-- The panel: who is signed in to it, and the orders in which it shows lists.

-- +goose Up
-- Only the SHA-256 of the cookie is stored. credential is that of the password hash which was shown: with another one the
-- session is over. user_id is null for the administrator of the settings.
CREATE TABLE panel_sessions (
    token_hash BLOB NOT NULL,
    user_id    TEXT,
    credential BLOB NOT NULL,
    started_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    CONSTRAINT panel_sessions_pkey PRIMARY KEY (token_hash),
    CONSTRAINT panel_sessions_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX idx_panel_session_user ON panel_sessions (user_id);
CREATE INDEX idx_panel_session_expires ON panel_sessions (expires_at);

CREATE INDEX idx_speech_level_created ON speeches (level, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX idx_game_session_completed ON game_sessions (completed_at DESC, id DESC);

-- +goose Down
DROP INDEX idx_game_session_completed;
DROP INDEX idx_speech_level_created;
DROP TABLE panel_sessions;
