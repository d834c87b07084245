-- Which speeches each version of the catalogue has changed, so that a daemon reads those and not all: docs/decisions/random-selection.md.
-- The latest versions only. A version that is not here may have changed everything.

-- +goose Up
CREATE TABLE catalog_changes (
    version  BIGINT NOT NULL,
    mark     UUID   NOT NULL, -- random: tells versions apart that have the same number in two pasts of a database
    speeches UUID[] NOT NULL, -- created, changed or deleted; also those whose tags were
    CONSTRAINT catalog_changes_pkey PRIMARY KEY (version)
);

-- +goose Down
DROP TABLE catalog_changes;
