-- How many games each learner has of each mode and level: at most ten rows a learner, so that the total of a history is read
-- and not counted. Triggers keep it, whoever writes (docs/decisions/history.md).

-- +goose Up
CREATE TABLE game_session_counts (
    user_id  TEXT    NOT NULL,
    mode     TEXT    NOT NULL,
    level    TEXT    NOT NULL,
    sessions INTEGER NOT NULL CHECK (abs(sessions) <= 2147483647),
    CONSTRAINT game_session_counts_pkey PRIMARY KEY (user_id, mode, level),
    CONSTRAINT game_session_counts_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER game_sessions_saved AFTER INSERT ON game_sessions BEGIN
    INSERT INTO game_session_counts (user_id, mode, level, sessions) VALUES (NEW.user_id, NEW.mode, NEW.level, 1)
    ON CONFLICT (user_id, mode, level) DO UPDATE SET sessions = sessions + 1;
END;
-- +goose StatementEnd

-- Where the learner goes, too, there may be no row any more.
-- +goose StatementBegin
CREATE TRIGGER game_sessions_deleted AFTER DELETE ON game_sessions BEGIN
    UPDATE game_session_counts SET sessions = sessions - 1
     WHERE user_id = OLD.user_id AND mode = OLD.mode AND level = OLD.level;
END;
-- +goose StatementEnd

INSERT INTO game_session_counts (user_id, mode, level, sessions)
SELECT user_id, mode, level, count(*) FROM game_sessions GROUP BY user_id, mode, level;

-- +goose Down
DROP TRIGGER game_sessions_deleted;
DROP TRIGGER game_sessions_saved;
DROP TABLE game_session_counts;
