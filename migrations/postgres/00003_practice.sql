-- Practice: played game sessions with their results.

-- +goose Up
CREATE TABLE game_sessions (
    id                      UUID             NOT NULL,
    user_id                 UUID             NOT NULL,
    mode                    VARCHAR(20)      NOT NULL,
    level                   VARCHAR(2)       NOT NULL,
    sentence_type           VARCHAR(10)      NOT NULL,
    selected_tags           JSONB            NOT NULL, -- tag ids, in the order selected
    total_sentences         INTEGER          NOT NULL,
    correct_count           INTEGER          NOT NULL,
    max_streak              INTEGER          NOT NULL,
    avg_pronunciation_score DOUBLE PRECISION,
    duration_seconds        INTEGER          NOT NULL,
    started_at              TIMESTAMPTZ      NOT NULL,
    completed_at            TIMESTAMPTZ      NOT NULL,
    saved_at                TIMESTAMPTZ      NOT NULL,
    CONSTRAINT game_sessions_pkey PRIMARY KEY (id),
    CONSTRAINT game_sessions_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT game_sessions_mode_check CHECK (mode IN ('listen_only', 'listen_and_repeat')),
    CONSTRAINT game_sessions_level_check CHECK (level IN ('A1', 'A2', 'B1', 'B2', 'C1')),
    CONSTRAINT game_sessions_type_check CHECK (sentence_type IN ('question', 'answer'))
);
CREATE INDEX idx_game_session_user_completed ON game_sessions (user_id, completed_at DESC, id DESC);
CREATE INDEX idx_game_session_mode_level ON game_sessions (mode, level);

CREATE TABLE game_results (
    id                  UUID             NOT NULL,
    session_id          UUID             NOT NULL,
    speech_id           UUID             NOT NULL,
    sequence_number     INTEGER          NOT NULL,
    user_response       VARCHAR(10)      NOT NULL,
    pronunciation_score DOUBLE PRECISION,
    recognized_text     TEXT,
    response_time_ms    INTEGER          NOT NULL,
    created_at          TIMESTAMPTZ      NOT NULL,
    CONSTRAINT game_results_pkey PRIMARY KEY (id),
    CONSTRAINT game_results_session_fkey FOREIGN KEY (session_id) REFERENCES game_sessions (id) ON DELETE CASCADE,
    CONSTRAINT game_results_speech_fkey FOREIGN KEY (speech_id) REFERENCES speeches (id),
    CONSTRAINT game_results_response_check CHECK (user_response IN ('correct', 'incorrect', 'skipped'))
);
CREATE UNIQUE INDEX idx_game_result_session_seq ON game_results (session_id, sequence_number);
CREATE INDEX idx_game_result_speech_id ON game_results (speech_id);

-- What an Idempotency-Key was used for. A key counts for 24 hours (decisions.md, "Sessions").
CREATE TABLE idempotency_keys (
    user_id        UUID         NOT NULL,
    key            VARCHAR(255) NOT NULL,
    request_sha256 BYTEA        NOT NULL,
    session_ids    JSONB        NOT NULL,
    created_at     TIMESTAMPTZ  NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (user_id, key),
    CONSTRAINT idempotency_keys_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX idx_idempotency_key_created ON idempotency_keys (created_at);

-- +goose Down
DROP TABLE idempotency_keys;
DROP TABLE game_results;
DROP TABLE game_sessions;
