-- Append-only: what finance closed. `digest` is over the row and the digest of the close before: nothing can be
-- changed or left out unseen. `content` is canonical JSON.
CREATE TABLE closes (
    close_id BIGINT NOT NULL PRIMARY KEY,
    period VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    closed_at TIMESTAMPTZ NOT NULL,
    closed_by VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    as_of TIMESTAMPTZ NOT NULL,
    previous_digest VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    content VARCHAR NOT NULL
);
