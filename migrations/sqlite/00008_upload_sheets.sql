-- Imports in the panel: the file with the sentences of an upload session, between its plan and its import.

-- +goose Up
CREATE TABLE upload_sheets (
    session_id TEXT NOT NULL,
    file_name  TEXT NOT NULL CHECK (length(file_name) <= 255),
    content    BLOB NOT NULL,
    CONSTRAINT upload_sheets_pkey PRIMARY KEY (session_id),
    CONSTRAINT upload_sheets_session_fkey FOREIGN KEY (session_id) REFERENCES upload_sessions (id) ON DELETE CASCADE
) STRICT;

-- +goose Down
DROP TABLE upload_sheets;
