-- The dashboard: roll-ups of what was played, so that looking at them does not read a million results
-- (docs/decisions/dashboard.md). Saving a game writes none of this.

-- +goose Up
ALTER TABLE game_results ADD COLUMN score_provider TEXT CHECK (length(score_provider) <= 20); -- null where the app reported the score
CREATE INDEX idx_game_session_saved ON game_sessions (saved_at);
CREATE INDEX idx_speech_live ON speeches (level, type) WHERE deleted_at IS NULL;

-- One row. Whoever has the lease brings the roll-ups up to date; a lease that has run out is anybody's.
CREATE TABLE statistics_state (
    id             INTEGER NOT NULL,
    lease_holder   TEXT    NOT NULL CHECK (length(lease_holder) <= 64),
    lease_until    TEXT    NOT NULL,
    marked_at      TEXT    NOT NULL, -- days of games and accounts that came before this are marked
    refreshed_at   TEXT, -- null: never
    ranked_at      TEXT    NOT NULL,
    ranking_ms     INTEGER NOT NULL CHECK (abs(ranking_ms) <= 2147483647), -- how long that took
    ranking_due    INTEGER NOT NULL CHECK (ranking_due IN (0, 1)), -- a day was counted after it
    learners_due   INTEGER NOT NULL CHECK (learners_due IN (0, 1)), -- a day was counted after the learners
    learners_week  INTEGER NOT NULL CHECK (abs(learners_week) <= 2147483647),
    learners_month INTEGER NOT NULL CHECK (abs(learners_month) <= 2147483647),
    CONSTRAINT statistics_state_pkey PRIMARY KEY (id),
    CONSTRAINT statistics_state_single_check CHECK (id = 1)
) STRICT;
INSERT INTO statistics_state (id, lease_holder, lease_until, marked_at, ranked_at, ranking_ms, ranking_due, learners_due, learners_week, learners_month)
VALUES (1, '', '2000-01-01T00:00:00.000000Z', '2000-01-01T00:00:00.000000Z', '2000-01-01T00:00:00.000000Z', 0, 0, 0, 0, 0);

-- A day of UTC, by completed_at and by created_at of accounts. A day without a row has not been counted yet.
CREATE TABLE statistics_days (
    day              TEXT    NOT NULL,
    new_users        INTEGER NOT NULL CHECK (abs(new_users) <= 2147483647),
    learners         INTEGER NOT NULL CHECK (abs(learners) <= 2147483647),
    sessions         INTEGER NOT NULL CHECK (abs(sessions) <= 2147483647),
    duration_seconds INTEGER NOT NULL,
    stale            INTEGER NOT NULL CHECK (stale IN (0, 1)), -- something has changed since it was counted
    CONSTRAINT statistics_days_pkey PRIMARY KEY (day)
) STRICT;

-- Scores of a day by who gave them, in tens: bucket 0 is below 10, 9 is 90 to 100.
CREATE TABLE statistics_scores (
    day       TEXT    NOT NULL,
    source    TEXT    NOT NULL CHECK (length(source) <= 20),
    bucket    INTEGER NOT NULL,
    results   INTEGER NOT NULL CHECK (abs(results) <= 2147483647),
    score_sum REAL    NOT NULL,
    CONSTRAINT statistics_scores_pkey PRIMARY KEY (day, source, bucket),
    CONSTRAINT statistics_scores_bucket_check CHECK (bucket BETWEEN 0 AND 9),
    CONSTRAINT statistics_scores_day_fkey FOREIGN KEY (day) REFERENCES statistics_days (day) ON DELETE CASCADE
) STRICT;

-- The hardest sentences of a period: those with the lowest average score of a source, and those with the most wrong answers.
CREATE TABLE statistics_rankings (
    period_days   INTEGER NOT NULL CHECK (abs(period_days) <= 2147483647),
    measure       TEXT    NOT NULL,
    source        TEXT    NOT NULL CHECK (length(source) <= 20), -- empty for answers
    place         INTEGER NOT NULL CHECK (abs(place) <= 2147483647),
    speech_id     TEXT    NOT NULL,
    attempts      INTEGER NOT NULL CHECK (abs(attempts) <= 2147483647),
    incorrect     INTEGER NOT NULL CHECK (abs(incorrect) <= 2147483647),
    average_score REAL,
    CONSTRAINT statistics_rankings_pkey PRIMARY KEY (period_days, measure, source, place),
    CONSTRAINT statistics_rankings_measure_check CHECK (measure IN ('score', 'incorrect')),
    CONSTRAINT statistics_rankings_speech_fkey FOREIGN KEY (speech_id) REFERENCES speeches (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX idx_statistics_ranking_speech ON statistics_rankings (speech_id);

-- Requests of a day by endpoint, of all daemons together.
CREATE TABLE statistics_requests (
    day           TEXT    NOT NULL,
    method        TEXT    NOT NULL CHECK (length(method) <= 10),
    route         TEXT    NOT NULL CHECK (length(route) <= 255),
    requests      INTEGER NOT NULL,
    client_errors INTEGER NOT NULL,
    server_errors INTEGER NOT NULL,
    CONSTRAINT statistics_requests_pkey PRIMARY KEY (day, method, route)
) STRICT;

-- Days that have lost a game or an account, whoever deleted it. No id is kept of it.
CREATE TABLE statistics_changes (
    id  INTEGER NOT NULL,
    day TEXT    NOT NULL,
    CONSTRAINT statistics_changes_pkey PRIMARY KEY (id)
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER statistics_session_deleted AFTER DELETE ON game_sessions BEGIN
    INSERT INTO statistics_changes (day) VALUES (substr(old.completed_at, 1, 10));
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER statistics_user_deleted AFTER DELETE ON users BEGIN
    INSERT INTO statistics_changes (day) VALUES (substr(old.created_at, 1, 10));
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER statistics_user_deleted;
DROP TRIGGER statistics_session_deleted;
DROP TABLE statistics_changes;
DROP TABLE statistics_requests;
DROP TABLE statistics_rankings;
DROP TABLE statistics_scores;
DROP TABLE statistics_days;
DROP TABLE statistics_state;
DROP INDEX idx_speech_live;
DROP INDEX idx_game_session_saved;
ALTER TABLE game_results DROP COLUMN score_provider;
