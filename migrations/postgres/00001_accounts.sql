-- Accounts: users, the identities they sign in with, and the tokens that end with them.
--
-- COLLATE "C" marks the texts that the program sorts or compares: byte by byte, and lower() changes ASCII letters
-- only. So the order of a list depends neither on the server's locale nor on which of the two databases keeps it.

-- +goose Up
CREATE TABLE users (
    id               UUID         NOT NULL,
    email            VARCHAR(255) COLLATE "C" NOT NULL, -- in lower case: addresses are compared ignoring case
    email_verified   BOOLEAN      NOT NULL,
    name             VARCHAR(255) COLLATE "C" NOT NULL,
    avatar_url       TEXT,
    auth_provider    VARCHAR(50)  NOT NULL, -- how the account was created
    auth_provider_id VARCHAR(255),
    password_hash    TEXT,                  -- null: signs in through a provider only
    role             VARCHAR(20)  NOT NULL,
    created_at       TIMESTAMPTZ  NOT NULL,
    updated_at       TIMESTAMPTZ  NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_auth_provider_check CHECK (auth_provider IN ('email', 'google', 'apple', 'facebook')),
    CONSTRAINT users_role_check CHECK (role IN ('learner', 'admin'))
);
CREATE UNIQUE INDEX idx_user_email ON users (email);
CREATE INDEX idx_user_auth_provider ON users (auth_provider, auth_provider_id);
CREATE INDEX idx_user_created ON users (created_at DESC, id DESC);

-- One row for each provider account that signs in as the user.
CREATE TABLE user_identities (
    auth_provider    VARCHAR(50)  NOT NULL,
    auth_provider_id VARCHAR(255) NOT NULL,
    user_id          UUID         NOT NULL,
    linked_at        TIMESTAMPTZ  NOT NULL,
    CONSTRAINT user_identities_pkey PRIMARY KEY (auth_provider, auth_provider_id),
    CONSTRAINT user_identities_provider_check CHECK (auth_provider IN ('google', 'apple', 'facebook')),
    CONSTRAINT user_identities_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX idx_user_identity_user ON user_identities (user_id);

-- Refresh tokens that still work. The token itself is never stored, only the SHA-256 of its id.
CREATE TABLE refresh_tokens (
    token_hash BYTEA       NOT NULL,
    user_id    UUID        NOT NULL,
    issued_at  TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (token_hash),
    CONSTRAINT refresh_tokens_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX idx_refresh_token_user ON refresh_tokens (user_id);
CREATE INDEX idx_refresh_token_expires ON refresh_tokens (expires_at);

-- Single-use links sent by e-mail: to prove an address, to set a new password.
CREATE TABLE email_tokens (
    token_hash BYTEA        NOT NULL,
    user_id    UUID         NOT NULL,
    purpose    VARCHAR(20)  NOT NULL,
    email      VARCHAR(255) NOT NULL,
    expires_at TIMESTAMPTZ  NOT NULL,
    CONSTRAINT email_tokens_pkey PRIMARY KEY (token_hash),
    CONSTRAINT email_tokens_purpose_check CHECK (purpose IN ('verify', 'reset')),
    CONSTRAINT email_tokens_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX idx_email_token_user ON email_tokens (user_id);
CREATE INDEX idx_email_token_expires ON email_tokens (expires_at);

-- Who changed what, and when. Without foreign keys on purpose: the log outlives what it speaks of.
CREATE TABLE audit_log (
    id         UUID         NOT NULL,
    at         TIMESTAMPTZ  NOT NULL,
    actor      VARCHAR(255) NOT NULL,
    action     VARCHAR(50)  NOT NULL,
    object_id  VARCHAR(255) NOT NULL,
    changes    JSONB        NOT NULL,
    request_id VARCHAR(128) NOT NULL,
    address    VARCHAR(64)  NOT NULL,
    CONSTRAINT audit_log_pkey PRIMARY KEY (id)
);
CREATE INDEX idx_audit_at ON audit_log (at DESC, id DESC);
CREATE INDEX idx_audit_object ON audit_log (object_id, at DESC);

-- +goose Down
DROP TABLE audit_log;
DROP TABLE email_tokens;
DROP TABLE refresh_tokens;
DROP TABLE user_identities;
DROP TABLE users;
