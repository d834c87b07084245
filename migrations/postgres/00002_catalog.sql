-- The catalogue: tags and speeches, and the imports that bring them in.

-- +goose Up
-- One row. Every transaction that writes content raises the version, so that every daemon notices.
CREATE TABLE catalog_version (
    id      INTEGER NOT NULL,
    version BIGINT  NOT NULL,
    CONSTRAINT catalog_version_pkey PRIMARY KEY (id),
    CONSTRAINT catalog_version_single_check CHECK (id = 1)
);
INSERT INTO catalog_version (id, version) VALUES (1, 1);

CREATE TABLE tags (
    id         UUID         NOT NULL,
    name       VARCHAR(100) NOT NULL,
    name_key   TEXT COLLATE "C" NOT NULL, -- the name folded by the program: unique ignoring case in every script
    category   VARCHAR(50) COLLATE "C",
    created_at TIMESTAMPTZ  NOT NULL,
    deleted_at TIMESTAMPTZ,           -- old sessions still show the name of a deleted tag
    CONSTRAINT tags_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX idx_tag_name ON tags (name_key) WHERE deleted_at IS NULL;
CREATE INDEX idx_tag_category ON tags (category);

-- The recordings of an import on their way in.
CREATE TABLE upload_sessions (
    id         UUID         NOT NULL,
    author     VARCHAR(255) NOT NULL,
    state      VARCHAR(20)  NOT NULL,
    created_at TIMESTAMPTZ  NOT NULL,
    expires_at TIMESTAMPTZ  NOT NULL,
    CONSTRAINT upload_sessions_pkey PRIMARY KEY (id),
    CONSTRAINT upload_sessions_state_check CHECK (state IN ('open', 'importing', 'used'))
);
CREATE INDEX idx_upload_session_expires ON upload_sessions (expires_at);

CREATE TABLE upload_files (
    id            UUID         NOT NULL,
    session_id    UUID         NOT NULL,
    original_name VARCHAR(255) NOT NULL,
    name          VARCHAR(255) COLLATE "C" NOT NULL,
    object_key    TEXT         NOT NULL,
    size_bytes    BIGINT       NOT NULL,
    sha256        VARCHAR(64)  NOT NULL,
    ext           VARCHAR(8)   NOT NULL,
    uploaded_at   TIMESTAMPTZ  NOT NULL,
    CONSTRAINT upload_files_pkey PRIMARY KEY (id),
    CONSTRAINT upload_files_session_fkey FOREIGN KEY (session_id) REFERENCES upload_sessions (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX idx_upload_file_name ON upload_files (session_id, name);
CREATE UNIQUE INDEX idx_upload_file_key ON upload_files (object_key);

-- One row for each import. It outlives its upload session, hence no foreign key to that.
CREATE TABLE import_batches (
    id              UUID         NOT NULL,
    author          VARCHAR(255) NOT NULL,
    session_id      UUID         NOT NULL,
    file_name       VARCHAR(255) NOT NULL,
    file_sha256     VARCHAR(64)  NOT NULL,
    on_error        VARCHAR(10)  NOT NULL,
    state           VARCHAR(10)  NOT NULL,
    lease_until     TIMESTAMPTZ  NOT NULL, -- until then the importing process counts as alive
    created_count   INTEGER      NOT NULL,
    unchanged_count INTEGER      NOT NULL,
    rejected_count  INTEGER      NOT NULL,
    started_at      TIMESTAMPTZ  NOT NULL,
    finished_at     TIMESTAMPTZ,
    CONSTRAINT import_batches_pkey PRIMARY KEY (id),
    CONSTRAINT import_batches_on_error_check CHECK (on_error IN ('abort', 'skip')),
    CONSTRAINT import_batches_state_check CHECK (state IN ('running', 'done', 'failed', 'undone'))
);
CREATE INDEX idx_import_batch_started ON import_batches (started_at DESC, id DESC);
CREATE INDEX idx_import_batch_running ON import_batches (lease_until) WHERE state = 'running';

CREATE TABLE speeches (
    id           UUID        NOT NULL,
    audio_url    TEXT        NOT NULL, -- an object key of ours, or an absolute URL of somebody else's
    audio_sha256 VARCHAR(64),          -- null where the bytes were never ours
    text         TEXT        NOT NULL,
    level        VARCHAR(2)  NOT NULL,
    type         VARCHAR(10) NOT NULL DEFAULT 'answer',
    batch_id     UUID,
    created_at   TIMESTAMPTZ NOT NULL,
    updated_at   TIMESTAMPTZ NOT NULL,
    deleted_at   TIMESTAMPTZ,          -- a deleted speech shows in the history only
    CONSTRAINT speeches_pkey PRIMARY KEY (id),
    CONSTRAINT speeches_level_check CHECK (level IN ('A1', 'A2', 'B1', 'B2', 'C1')),
    CONSTRAINT speeches_type_check CHECK (type IN ('question', 'answer')),
    CONSTRAINT speeches_batch_fkey FOREIGN KEY (batch_id) REFERENCES import_batches (id)
);
CREATE INDEX idx_speech_level_type ON speeches (level, type);
CREATE INDEX idx_speech_created ON speeches (created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX idx_speech_audio_url ON speeches (audio_url);
CREATE INDEX idx_speech_audio_sha256 ON speeches (audio_sha256) WHERE deleted_at IS NULL;
CREATE INDEX idx_speech_batch ON speeches (batch_id);

-- The words of a text, for searching. 'simple', not the 'english' of the specification: that one drops stop words, and
-- most of a beginner's sentence ("Where do you live?") is stop words. Punctuation becomes blanks first: PostgreSQL's
-- parser would take "and/or" for a file name, "p.m." for a host and "<b>" for nothing. See docs/decisions/search.md.
-- +goose StatementBegin
CREATE FUNCTION speech_words(text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('simple', translate($1,
        $p$!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~‘’“”–—…«»¿¡·•$p$,
        repeat(' ', 45)))
$$;
-- +goose StatementEnd
CREATE INDEX idx_speech_text_fts ON speeches USING gin (speech_words(text));

CREATE TABLE speech_tags (
    speech_id UUID NOT NULL,
    tag_id    UUID NOT NULL,
    CONSTRAINT speech_tags_pkey PRIMARY KEY (speech_id, tag_id),
    CONSTRAINT speech_tags_speech_fkey FOREIGN KEY (speech_id) REFERENCES speeches (id) ON DELETE CASCADE,
    CONSTRAINT speech_tags_tag_fkey FOREIGN KEY (tag_id) REFERENCES tags (id) ON DELETE CASCADE
);
CREATE INDEX idx_speech_tags_tag_id ON speech_tags (tag_id);

-- The rows of an import. Written before a recording is copied, so that nothing can be left behind unnoticed.
CREATE TABLE import_items (
    batch_id   UUID        NOT NULL,
    row_number INTEGER     NOT NULL,
    speech_id  UUID        NOT NULL,
    object_key TEXT        NOT NULL,
    outcome    VARCHAR(10) NOT NULL,
    CONSTRAINT import_items_pkey PRIMARY KEY (batch_id, row_number),
    CONSTRAINT import_items_outcome_check CHECK (outcome IN ('planned', 'created', 'unchanged')),
    CONSTRAINT import_items_batch_fkey FOREIGN KEY (batch_id) REFERENCES import_batches (id) ON DELETE CASCADE
);
CREATE INDEX idx_import_item_key ON import_items (object_key);

-- +goose Down
DROP TABLE import_items;
DROP TABLE speech_tags;
DROP TABLE speeches;
DROP FUNCTION speech_words(text);
DROP TABLE import_batches;
DROP TABLE upload_files;
DROP TABLE upload_sessions;
DROP TABLE tags;
DROP TABLE catalog_version;
