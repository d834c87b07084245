-- Practice: played game sessions with their results.

-- +goose Up
CREATE TABLE game_sessions (
    id                      TEXT    NOT NULL,
    user_id                 TEXT    NOT NULL,
    mode                    TEXT    NOT NULL,
    level                   TEXT    NOT NULL,
    sentence_type           TEXT    NOT NULL,
    selected_tags           TEXT    NOT NULL, -- tag ids, in the order selected
    total_sentences         INTEGER NOT NULL CHECK (abs(total_sentences) <= 2147483647),
    correct_count           INTEGER NOT NULL CHECK (abs(correct_count) <= 2147483647),
    max_streak              INTEGER NOT NULL CHECK (abs(max_streak) <= 2147483647),
    avg_pronunciation_score REAL,
    duration_seconds        INTEGER NOT NULL CHECK (abs(duration_seconds) <= 2147483647),
    started_at              TEXT    NOT NULL,
    completed_at            TEXT    NOT NULL,
    saved_at                TEXT    NOT NULL,
    CONSTRAINT game_sessions_pkey PRIMARY KEY (id),
    CONSTRAINT game_sessions_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT game_sessions_mode_check CHECK (mode IN ('listen_only', 'listen_and_repeat')),
    CONSTRAINT game_sessions_level_check CHECK (level IN ('A1', 'A2', 'B1', 'B2', 'C1')),
    CONSTRAINT game_sessions_type_check CHECK (sentence_type IN ('question', 'answer'))
) STRICT;
CREATE INDEX idx_game_session_user_completed ON game_sessions (user_id, completed_at DESC, id DESC);
CREATE INDEX idx_game_session_mode_level ON game_sessions (mode, level);

CREATE TABLE game_results (
    id                  TEXT    NOT NULL,
    session_id          TEXT    NOT NULL,
    speech_id           TEXT    NOT NULL,
    sequence_number     INTEGER NOT NULL CHECK (abs(sequence_number) <= 2147483647),
    user_response       TEXT    NOT NULL,
    pronunciation_score REAL,
    recognized_text     TEXT,
    response_time_ms    INTEGER NOT NULL CHECK (abs(response_time_ms) <= 2147483647),
    created_at          TEXT    NOT NULL,
    CONSTRAINT game_results_pkey PRIMARY KEY (id),
    CONSTRAINT game_results_session_fkey FOREIGN KEY (session_id) REFERENCES game_sessions (id) ON DELETE CASCADE,
    CONSTRAINT game_results_speech_fkey FOREIGN KEY (speech_id) REFERENCES speeches (id),
    CONSTRAINT game_results_response_check CHECK (user_response IN ('correct', 'incorrect', 'skipped'))
) STRICT;
CREATE UNIQUE INDEX idx_game_result_session_seq ON game_results (session_id, sequence_number);
CREATE INDEX idx_game_result_speech_id ON game_results (speech_id);

-- What an Idempotency-Key was used for. A key counts for 24 hours (decisions.md, "Sessions").
CREATE TABLE idempotency_keys (
    user_id        TEXT NOT NULL,
    key            TEXT NOT NULL CHECK (length(key) <= 255),
    request_sha256 BLOB NOT NULL,
    session_ids    TEXT NOT NULL,
    created_at     TEXT NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (user_id, key),
    CONSTRAINT idempotency_keys_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX idx_idempotency_key_created ON idempotency_keys (created_at);

-- +goose Down
DROP TABLE idempotency_keys;
DROP TABLE game_results;
DROP TABLE game_sessions;
