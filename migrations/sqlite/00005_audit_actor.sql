-- Deleting an account replaces it in the audit log by an opaque id: as the actor, too, which had no index.

-- +goose Up
CREATE INDEX idx_audit_actor ON audit_log (actor, at DESC);

-- +goose Down
DROP INDEX idx_audit_actor;
