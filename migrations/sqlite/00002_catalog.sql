-- The catalogue: tags and speeches, and the imports that bring them in.

-- +goose Up
-- One row. Every transaction that writes content raises the version, so that every daemon notices.
CREATE TABLE catalog_version (
    id      INTEGER NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT catalog_version_pkey PRIMARY KEY (id),
    CONSTRAINT catalog_version_single_check CHECK (id = 1)
) STRICT;
INSERT INTO catalog_version (id, version) VALUES (1, 1);

CREATE TABLE tags (
    id         TEXT NOT NULL,
    name       TEXT NOT NULL CHECK (length(name) <= 100),
    name_key   TEXT NOT NULL, -- the name folded by the program: unique ignoring case in every script
    category   TEXT CHECK (length(category) <= 50),
    created_at TEXT NOT NULL,
    deleted_at TEXT, -- old sessions still show the name of a deleted tag
    CONSTRAINT tags_pkey PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX idx_tag_name ON tags (name_key) WHERE deleted_at IS NULL;
CREATE INDEX idx_tag_category ON tags (category);

-- The recordings of an import on their way in.
CREATE TABLE upload_sessions (
    id         TEXT NOT NULL,
    author     TEXT NOT NULL CHECK (length(author) <= 255),
    state      TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    CONSTRAINT upload_sessions_pkey PRIMARY KEY (id),
    CONSTRAINT upload_sessions_state_check CHECK (state IN ('open', 'importing', 'used'))
) STRICT;
CREATE INDEX idx_upload_session_expires ON upload_sessions (expires_at);

CREATE TABLE upload_files (
    id            TEXT    NOT NULL,
    session_id    TEXT    NOT NULL,
    original_name TEXT    NOT NULL CHECK (length(original_name) <= 255),
    name          TEXT    NOT NULL CHECK (length(name) <= 255),
    object_key    TEXT    NOT NULL,
    size_bytes    INTEGER NOT NULL,
    sha256        TEXT    NOT NULL CHECK (length(sha256) <= 64),
    ext           TEXT    NOT NULL CHECK (length(ext) <= 8),
    uploaded_at   TEXT    NOT NULL,
    CONSTRAINT upload_files_pkey PRIMARY KEY (id),
    CONSTRAINT upload_files_session_fkey FOREIGN KEY (session_id) REFERENCES upload_sessions (id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX idx_upload_file_name ON upload_files (session_id, name);
CREATE UNIQUE INDEX idx_upload_file_key ON upload_files (object_key);

-- One row for each import. It outlives its upload session, hence no foreign key to that.
CREATE TABLE import_batches (
    id              TEXT    NOT NULL,
    author          TEXT    NOT NULL CHECK (length(author) <= 255),
    session_id      TEXT    NOT NULL,
    file_name       TEXT    NOT NULL CHECK (length(file_name) <= 255),
    file_sha256     TEXT    NOT NULL CHECK (length(file_sha256) <= 64),
    on_error        TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    lease_until     TEXT    NOT NULL, -- until then the importing process counts as alive
    created_count   INTEGER NOT NULL CHECK (abs(created_count) <= 2147483647),
    unchanged_count INTEGER NOT NULL CHECK (abs(unchanged_count) <= 2147483647),
    rejected_count  INTEGER NOT NULL CHECK (abs(rejected_count) <= 2147483647),
    started_at      TEXT    NOT NULL,
    finished_at     TEXT,
    CONSTRAINT import_batches_pkey PRIMARY KEY (id),
    CONSTRAINT import_batches_on_error_check CHECK (on_error IN ('abort', 'skip')),
    CONSTRAINT import_batches_state_check CHECK (state IN ('running', 'done', 'failed', 'undone'))
) STRICT;
CREATE INDEX idx_import_batch_started ON import_batches (started_at DESC, id DESC);
CREATE INDEX idx_import_batch_running ON import_batches (lease_until) WHERE state = 'running';

CREATE TABLE speeches (
    id           TEXT NOT NULL,
    audio_url    TEXT NOT NULL, -- an object key of ours, or an absolute URL of somebody else's
    audio_sha256 TEXT CHECK (length(audio_sha256) <= 64), -- null where the bytes were never ours
    text         TEXT NOT NULL,
    level        TEXT NOT NULL,
    type         TEXT NOT NULL DEFAULT 'answer',
    batch_id     TEXT,
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    deleted_at   TEXT, -- a deleted speech shows in the history only
    CONSTRAINT speeches_pkey PRIMARY KEY (id),
    CONSTRAINT speeches_level_check CHECK (level IN ('A1', 'A2', 'B1', 'B2', 'C1')),
    CONSTRAINT speeches_type_check CHECK (type IN ('question', 'answer')),
    CONSTRAINT speeches_batch_fkey FOREIGN KEY (batch_id) REFERENCES import_batches (id)
) STRICT;
CREATE INDEX idx_speech_level_type ON speeches (level, type);
CREATE INDEX idx_speech_created ON speeches (created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX idx_speech_audio_url ON speeches (audio_url);
CREATE INDEX idx_speech_audio_sha256 ON speeches (audio_sha256) WHERE deleted_at IS NULL;
CREATE INDEX idx_speech_batch ON speeches (batch_id);

-- The words of the texts of live speeches, for searching: letters and digits, ignoring case, accents kept, without
-- stop words or stems. An index entry needs an integer that stays the same for ever, which a table without an INTEGER
-- PRIMARY KEY does not have (VACUUM may renumber its rows), hence speech_search_docs.
CREATE TABLE speech_search_docs (
    doc       INTEGER PRIMARY KEY,
    speech_id TEXT    NOT NULL UNIQUE REFERENCES speeches (id) ON DELETE CASCADE
) STRICT;
CREATE VIRTUAL TABLE speech_search USING fts5 (
    text, content = '', tokenize = 'unicode61 remove_diacritics 0'
);

-- +goose StatementBegin
CREATE TRIGGER speech_search_insert AFTER INSERT ON speeches BEGIN
    INSERT INTO speech_search_docs (speech_id) VALUES (new.id);
    INSERT INTO speech_search (rowid, text)
    SELECT doc, new.text FROM speech_search_docs WHERE speech_id = new.id AND new.deleted_at IS NULL;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER speech_search_update AFTER UPDATE OF text, deleted_at ON speeches
WHEN old.text <> new.text OR (old.deleted_at IS NULL) <> (new.deleted_at IS NULL) BEGIN
    INSERT INTO speech_search (speech_search, rowid, text)
    SELECT 'delete', doc, old.text FROM speech_search_docs WHERE speech_id = old.id AND old.deleted_at IS NULL;
    INSERT INTO speech_search (rowid, text)
    SELECT doc, new.text FROM speech_search_docs WHERE speech_id = new.id AND new.deleted_at IS NULL;
END;
-- +goose StatementEnd
-- Before, not after: the row of speech_search_docs must still be there.
-- +goose StatementBegin
CREATE TRIGGER speech_search_delete BEFORE DELETE ON speeches WHEN old.deleted_at IS NULL BEGIN
    INSERT INTO speech_search (speech_search, rowid, text)
    SELECT 'delete', doc, old.text FROM speech_search_docs WHERE speech_id = old.id;
END;
-- +goose StatementEnd

CREATE TABLE speech_tags (
    speech_id TEXT NOT NULL,
    tag_id    TEXT NOT NULL,
    CONSTRAINT speech_tags_pkey PRIMARY KEY (speech_id, tag_id),
    CONSTRAINT speech_tags_speech_fkey FOREIGN KEY (speech_id) REFERENCES speeches (id) ON DELETE CASCADE,
    CONSTRAINT speech_tags_tag_fkey FOREIGN KEY (tag_id) REFERENCES tags (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX idx_speech_tags_tag_id ON speech_tags (tag_id);

-- The rows of an import. Written before a recording is copied, so that nothing can be left behind unnoticed.
CREATE TABLE import_items (
    batch_id   TEXT    NOT NULL,
    row_number INTEGER NOT NULL CHECK (abs(row_number) <= 2147483647),
    speech_id  TEXT    NOT NULL,
    object_key TEXT    NOT NULL,
    outcome    TEXT    NOT NULL,
    CONSTRAINT import_items_pkey PRIMARY KEY (batch_id, row_number),
    CONSTRAINT import_items_outcome_check CHECK (outcome IN ('planned', 'created', 'unchanged')),
    CONSTRAINT import_items_batch_fkey FOREIGN KEY (batch_id) REFERENCES import_batches (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX idx_import_item_key ON import_items (object_key);

-- +goose Down
DROP TABLE import_items;
DROP TABLE speech_tags;
DROP TABLE speech_search;
DROP TABLE speech_search_docs;
DROP TABLE speeches;
DROP TABLE import_batches;
DROP TABLE upload_files;
DROP TABLE upload_sessions;
DROP TABLE tags;
DROP TABLE catalog_version;
