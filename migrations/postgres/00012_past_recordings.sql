-- A replaced recording can be brought back for a while: which recordings a speech had before.

-- +goose Up
CREATE TABLE past_recordings (
    speech_id    UUID        NOT NULL,
    audio_url    TEXT COLLATE "C" NOT NULL, -- an object key of ours
    audio_sha256 VARCHAR(64),               -- null where it was not known
    replaced_at  TIMESTAMPTZ NOT NULL,
    CONSTRAINT past_recordings_pkey PRIMARY KEY (speech_id, audio_url),
    CONSTRAINT past_recordings_speech_fkey FOREIGN KEY (speech_id) REFERENCES speeches (id) ON DELETE CASCADE
);
CREATE INDEX idx_past_recording_key ON past_recordings (audio_url);
CREATE INDEX idx_past_recording_replaced ON past_recordings (replaced_at);

-- +goose Down
DROP TABLE past_recordings;
