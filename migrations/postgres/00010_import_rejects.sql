-- The rows that an import has skipped, with their reasons, to be mended and imported later.

-- +goose Up
CREATE TABLE import_rejects (
    batch_id  UUID         NOT NULL,
    file_name VARCHAR(255) NOT NULL,
    content   BYTEA        NOT NULL,
    CONSTRAINT import_rejects_pkey PRIMARY KEY (batch_id),
    CONSTRAINT import_rejects_batch_fkey FOREIGN KEY (batch_id) REFERENCES import_batches (id) ON DELETE CASCADE
);

-- +goose Down
DROP TABLE import_rejects;
