-- An import that broke off goes on where it stopped: its upload session is its journal.

-- +goose Up
-- Of the file that is to be imported from the session, where that is known.
ALTER TABLE upload_sessions ADD COLUMN file_sha256 TEXT NOT NULL DEFAULT '' CHECK (length(file_sha256) <= 64);
-- Until then a run of that import counts as alive.
ALTER TABLE upload_sessions ADD COLUMN lease_until TEXT;
CREATE INDEX idx_upload_session_file ON upload_sessions (file_sha256) WHERE file_sha256 <> '';

-- What the recording sounds like, as the program has measured it: a JSON object; null where it was not decoded.
ALTER TABLE upload_files ADD COLUMN sound TEXT;

-- +goose Down
ALTER TABLE upload_files DROP COLUMN sound;
DROP INDEX idx_upload_session_file;
ALTER TABLE upload_sessions DROP COLUMN lease_until;
ALTER TABLE upload_sessions DROP COLUMN file_sha256;
