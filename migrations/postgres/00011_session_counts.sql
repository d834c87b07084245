-- How many games each learner has of each mode and level: at most ten rows a learner, so that the total of a history is read
-- and not counted. Triggers keep it, whoever writes (docs/decisions/history.md).

-- +goose Up
CREATE TABLE game_session_counts (
    user_id  UUID        NOT NULL,
    mode     VARCHAR(20) NOT NULL,
    level    VARCHAR(2)  NOT NULL,
    sessions INTEGER     NOT NULL,
    CONSTRAINT game_session_counts_pkey PRIMARY KEY (user_id, mode, level),
    CONSTRAINT game_session_counts_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

-- +goose StatementBegin
CREATE FUNCTION count_game_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        -- In one order, so that two saves of one learner wait for each other and never both ways.
        INSERT INTO game_session_counts AS c (user_id, mode, level, sessions)
        SELECT user_id, mode, level, count(*) FROM changed GROUP BY user_id, mode, level ORDER BY user_id, mode, level
        ON CONFLICT (user_id, mode, level) DO UPDATE SET sessions = c.sessions + excluded.sessions;
    ELSE
        -- Where the learner goes, too, there may be no row any more.
        UPDATE game_session_counts AS c
           SET sessions = c.sessions - d.sessions
          FROM (SELECT user_id, mode, level, count(*) AS sessions FROM changed GROUP BY user_id, mode, level) AS d
         WHERE c.user_id = d.user_id AND c.mode = d.mode AND c.level = d.level;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- The triggers come first: they keep others from writing until all that was there is counted.
CREATE TRIGGER game_sessions_saved AFTER INSERT ON game_sessions
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_game_sessions();
CREATE TRIGGER game_sessions_deleted AFTER DELETE ON game_sessions
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_game_sessions();

INSERT INTO game_session_counts (user_id, mode, level, sessions)
SELECT user_id, mode, level, count(*) FROM game_sessions GROUP BY user_id, mode, level;

-- +goose Down
DROP TRIGGER game_sessions_deleted ON game_sessions;
DROP TRIGGER game_sessions_saved ON game_sessions;
DROP FUNCTION count_game_sessions();
DROP TABLE game_session_counts;
