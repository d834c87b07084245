-- The dashboard: roll-ups of what was played, so that looking at them does not read a million results
-- (docs/decisions/dashboard.md). Saving a game writes none of this.

-- +goose Up
ALTER TABLE game_results ADD COLUMN score_provider VARCHAR(20); -- null where the app reported the score
CREATE INDEX idx_game_session_saved ON game_sessions (saved_at);
CREATE INDEX idx_speech_live ON speeches (level, type) WHERE deleted_at IS NULL;

-- One row. Whoever has the lease brings the roll-ups up to date; a lease that has run out is anybody's.
CREATE TABLE statistics_state (
    id             INTEGER     NOT NULL,
    lease_holder   VARCHAR(64) NOT NULL,
    lease_until    TIMESTAMPTZ NOT NULL,
    marked_at      TIMESTAMPTZ NOT NULL, -- days of games and accounts that came before this are marked
    refreshed_at   TIMESTAMPTZ, -- null: never
    ranked_at      TIMESTAMPTZ NOT NULL,
    ranking_ms     INTEGER     NOT NULL, -- how long that took
    ranking_due    BOOLEAN     NOT NULL, -- a day was counted after it
    learners_due   BOOLEAN     NOT NULL, -- a day was counted after the learners
    learners_week  INTEGER     NOT NULL,
    learners_month INTEGER     NOT NULL,
    CONSTRAINT statistics_state_pkey PRIMARY KEY (id),
    CONSTRAINT statistics_state_single_check CHECK (id = 1)
);
INSERT INTO statistics_state (id, lease_holder, lease_until, marked_at, ranked_at, ranking_ms, ranking_due, learners_due, learners_week, learners_month)
VALUES (1, '', '2000-01-01T00:00:00Z', '2000-01-01T00:00:00Z', '2000-01-01T00:00:00Z', 0, FALSE, FALSE, 0, 0);

-- A day of UTC, by completed_at and by created_at of accounts. A day without a row has not been counted yet.
CREATE TABLE statistics_days (
    day              DATE    NOT NULL,
    new_users        INTEGER NOT NULL,
    learners         INTEGER NOT NULL,
    sessions         INTEGER NOT NULL,
    duration_seconds BIGINT  NOT NULL,
    stale            BOOLEAN NOT NULL, -- something has changed since it was counted
    CONSTRAINT statistics_days_pkey PRIMARY KEY (day)
);

-- Scores of a day by who gave them, in tens: bucket 0 is below 10, 9 is 90 to 100.
CREATE TABLE statistics_scores (
    day       DATE             NOT NULL,
    source    VARCHAR(20)      NOT NULL,
    bucket    INTEGER          NOT NULL,
    results   INTEGER          NOT NULL,
    score_sum DOUBLE PRECISION NOT NULL,
    CONSTRAINT statistics_scores_pkey PRIMARY KEY (day, source, bucket),
    CONSTRAINT statistics_scores_bucket_check CHECK (bucket BETWEEN 0 AND 9),
    CONSTRAINT statistics_scores_day_fkey FOREIGN KEY (day) REFERENCES statistics_days (day) ON DELETE CASCADE
);

-- The hardest sentences of a period: those with the lowest average score of a source, and those with the most wrong answers.
CREATE TABLE statistics_rankings (
    period_days   INTEGER     NOT NULL,
    measure       VARCHAR(10) NOT NULL,
    source        VARCHAR(20) NOT NULL, -- empty for answers
    place         INTEGER     NOT NULL,
    speech_id     UUID        NOT NULL,
    attempts      INTEGER     NOT NULL,
    incorrect     INTEGER     NOT NULL,
    average_score DOUBLE PRECISION,
    CONSTRAINT statistics_rankings_pkey PRIMARY KEY (period_days, measure, source, place),
    CONSTRAINT statistics_rankings_measure_check CHECK (measure IN ('score', 'incorrect')),
    CONSTRAINT statistics_rankings_speech_fkey FOREIGN KEY (speech_id) REFERENCES speeches (id) ON DELETE CASCADE
);
CREATE INDEX idx_statistics_ranking_speech ON statistics_rankings (speech_id);

-- Requests of a day by endpoint, of all daemons together.
CREATE TABLE statistics_requests (
    day           DATE         NOT NULL,
    method        VARCHAR(10)  NOT NULL,
    route         VARCHAR(255) NOT NULL,
    requests      BIGINT       NOT NULL,
    client_errors BIGINT       NOT NULL,
    server_errors BIGINT       NOT NULL,
    CONSTRAINT statistics_requests_pkey PRIMARY KEY (day, method, route)
);

-- Days that have lost a game or an account, whoever deleted it. No id is kept of it.
CREATE TABLE statistics_changes (
    id  BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
    day DATE NOT NULL,
    CONSTRAINT statistics_changes_pkey PRIMARY KEY (id)
);

-- +goose StatementBegin
CREATE FUNCTION statistics_session_deleted() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO statistics_changes (day) VALUES ((old.completed_at AT TIME ZONE 'UTC')::date);
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER statistics_session_deleted AFTER DELETE ON game_sessions FOR EACH ROW EXECUTE FUNCTION statistics_session_deleted();

-- +goose StatementBegin
CREATE FUNCTION statistics_user_deleted() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO statistics_changes (day) VALUES ((old.created_at AT TIME ZONE 'UTC')::date);
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER statistics_user_deleted AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION statistics_user_deleted();

-- +goose Down
DROP TRIGGER statistics_user_deleted ON users;
DROP TRIGGER statistics_session_deleted ON game_sessions;
DROP FUNCTION statistics_user_deleted();
DROP FUNCTION statistics_session_deleted();
DROP TABLE statistics_changes;
DROP TABLE statistics_requests;
DROP TABLE statistics_rankings;
DROP TABLE statistics_scores;
DROP TABLE statistics_days;
DROP TABLE statistics_state;
DROP INDEX idx_speech_live;
DROP INDEX idx_game_session_saved;
ALTER TABLE game_results DROP COLUMN score_provider;
