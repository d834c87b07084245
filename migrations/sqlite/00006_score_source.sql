-- Whose word a score is: a result whose score the server itself has given names it, and no score counts twice.

-- +goose Up
ALTER TABLE game_results ADD COLUMN score_id TEXT; -- null where the app reported the score
CREATE UNIQUE INDEX idx_game_result_score_id ON game_results (score_id) WHERE score_id IS NOT NULL;

-- +goose Down
DROP INDEX idx_game_result_score_id;
ALTER TABLE game_results DROP COLUMN score_id;
