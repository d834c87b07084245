-- Accounts: users, the identities they sign in with, and the tokens that end with them.
--
-- SQLite knows neither UUIDs nor times nor JSON: all three are TEXT. Times are UTC in one fixed form,
-- "2006-01-02T15:04:05.000000Z", so that comparing texts compares times. The lengths and ranges that the PostgreSQL
-- twin has from its types are CHECKs here, so that both databases refuse the same values.

-- +goose Up
CREATE TABLE users (
    id               TEXT    NOT NULL,
    email            TEXT    NOT NULL CHECK (length(email) <= 255), -- in lower case: addresses are compared ignoring case
    email_verified   INTEGER NOT NULL CHECK (email_verified IN (0, 1)),
    name             TEXT    NOT NULL CHECK (length(name) <= 255),
    avatar_url       TEXT,
    auth_provider    TEXT    NOT NULL, -- how the account was created
    auth_provider_id TEXT CHECK (length(auth_provider_id) <= 255),
    password_hash    TEXT, -- null: signs in through a provider only
    role             TEXT    NOT NULL,
    created_at       TEXT    NOT NULL,
    updated_at       TEXT    NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_auth_provider_check CHECK (auth_provider IN ('email', 'google', 'apple', 'facebook')),
    CONSTRAINT users_role_check CHECK (role IN ('learner', 'admin'))
) STRICT;
CREATE UNIQUE INDEX idx_user_email ON users (email);
CREATE INDEX idx_user_auth_provider ON users (auth_provider, auth_provider_id);
CREATE INDEX idx_user_created ON users (created_at DESC, id DESC);

-- One row for each provider account that signs in as the user.
CREATE TABLE user_identities (
    auth_provider    TEXT NOT NULL,
    auth_provider_id TEXT NOT NULL CHECK (length(auth_provider_id) <= 255),
    user_id          TEXT NOT NULL,
    linked_at        TEXT NOT NULL,
    CONSTRAINT user_identities_pkey PRIMARY KEY (auth_provider, auth_provider_id),
    CONSTRAINT user_identities_provider_check CHECK (auth_provider IN ('google', 'apple', 'facebook')),
    CONSTRAINT user_identities_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX idx_user_identity_user ON user_identities (user_id);

-- Refresh tokens that still work. The token itself is never stored, only the SHA-256 of its id.
CREATE TABLE refresh_tokens (
    token_hash BLOB NOT NULL,
    user_id    TEXT NOT NULL,
    issued_at  TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (token_hash),
    CONSTRAINT refresh_tokens_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX idx_refresh_token_user ON refresh_tokens (user_id);
CREATE INDEX idx_refresh_token_expires ON refresh_tokens (expires_at);

-- Single-use links sent by e-mail: to prove an address, to set a new password.
CREATE TABLE email_tokens (
    token_hash BLOB NOT NULL,
    user_id    TEXT NOT NULL,
    purpose    TEXT NOT NULL,
    email      TEXT NOT NULL CHECK (length(email) <= 255),
    expires_at TEXT NOT NULL,
    CONSTRAINT email_tokens_pkey PRIMARY KEY (token_hash),
    CONSTRAINT email_tokens_purpose_check CHECK (purpose IN ('verify', 'reset')),
    CONSTRAINT email_tokens_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX idx_email_token_user ON email_tokens (user_id);
CREATE INDEX idx_email_token_expires ON email_tokens (expires_at);

-- Who changed what, and when. Without foreign keys on purpose: the log outlives what it speaks of.
CREATE TABLE audit_log (
    id         TEXT NOT NULL,
    at         TEXT NOT NULL,
    actor      TEXT NOT NULL CHECK (length(actor) <= 255),
    action     TEXT NOT NULL CHECK (length(action) <= 50),
    object_id  TEXT NOT NULL CHECK (length(object_id) <= 255),
    changes    TEXT NOT NULL,
    request_id TEXT NOT NULL CHECK (length(request_id) <= 128),
    address    TEXT NOT NULL CHECK (length(address) <= 64),
    CONSTRAINT audit_log_pkey PRIMARY KEY (id)
) STRICT;
CREATE INDEX idx_audit_at ON audit_log (at DESC, id DESC);
CREATE INDEX idx_audit_object ON audit_log (object_id, at DESC);

-- +goose Down
DROP TABLE audit_log;
DROP TABLE email_tokens;
DROP TABLE refresh_tokens;
DROP TABLE user_identities;
DROP TABLE users;
