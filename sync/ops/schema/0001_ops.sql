-- What people decided and what was sent. SQL that DuckDB and PostgreSQL both read.

-- Append-only: the current decision of (kind, subject) is the newest that is in effect and not withdrawn.
CREATE TABLE decisions (
    decision_id BIGINT NOT NULL PRIMARY KEY,
    kind VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    effective_from TIMESTAMPTZ NOT NULL,
    decided_at TIMESTAMPTZ NOT NULL,
    decided_by VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    withdrawn BOOLEAN NOT NULL
);

-- What the controls found. Rows are written only when something changed.
CREATE TABLE discrepancies (
    discrepancy_id VARCHAR NOT NULL PRIMARY KEY,
    control VARCHAR NOT NULL,
    channel VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    cause_id VARCHAR NOT NULL,
    cause VARCHAR NOT NULL,
    blocked_by VARCHAR,
    channel_amount DECIMAL(18,4),
    erp_amount DECIMAL(18,4),
    amount DECIMAL(18,4) NOT NULL,
    currency VARCHAR NOT NULL,
    occurred_at TIMESTAMPTZ NOT NULL,
    deadline TIMESTAMPTZ,
    first_seen TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    resolved_at TIMESTAMPTZ,
    detail VARCHAR NOT NULL
);

-- Append-only: waived or snoozed by a person; 'lifted' ends either.
CREATE TABLE discrepancy_marks (
    mark_id BIGINT NOT NULL PRIMARY KEY,
    discrepancy_id VARCHAR NOT NULL,
    mark VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    until TIMESTAMPTZ,
    marked_at TIMESTAMPTZ NOT NULL,
    marked_by VARCHAR NOT NULL
);

-- What a control could not judge because the mirror does not reach far enough.
CREATE TABLE control_states (
    control VARCHAR NOT NULL PRIMARY KEY,
    checked_at TIMESTAMPTZ NOT NULL,
    open INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    waiting_for VARCHAR
);

CREATE TABLE plans (
    plan_id VARCHAR NOT NULL PRIMARY KEY,
    title VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    created_by VARCHAR NOT NULL
);

-- The outbox. `identity` is what the vendor knows the write by (externalId, message key): one live row an identity.
CREATE TABLE operations (
    operation_id VARCHAR NOT NULL PRIMARY KEY,
    plan_id VARCHAR NOT NULL,
    ordinal INTEGER NOT NULL,
    identity VARCHAR NOT NULL,
    vendor VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    channel VARCHAR NOT NULL,
    discrepancy_id VARCHAR,
    depends_on VARCHAR NOT NULL,
    summary VARCHAR NOT NULL,
    intent VARCHAR NOT NULL,
    intent_hash VARCHAR NOT NULL,
    believed VARCHAR NOT NULL,
    diff VARCHAR NOT NULL,
    amount DECIMAL(18,4),
    currency VARCHAR,
    period VARCHAR,
    state VARCHAR NOT NULL,
    approved_by VARCHAR,
    approved_at TIMESTAMPTZ,
    attempts INTEGER NOT NULL,
    next_attempt_at TIMESTAMPTZ,
    error_kind VARCHAR,
    error VARCHAR,
    target_id VARCHAR,
    drift VARCHAR,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE attempts (
    operation_id VARCHAR NOT NULL,
    attempt INTEGER NOT NULL,
    step VARCHAR NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    outcome VARCHAR NOT NULL,
    error_kind VARCHAR,
    status INTEGER,
    message VARCHAR NOT NULL,
    call_id BIGINT
);

-- Append-only: who did what, when, before and after.
CREATE TABLE audit (
    audit_id BIGINT NOT NULL PRIMARY KEY,
    recorded_at TIMESTAMPTZ NOT NULL,
    who VARCHAR NOT NULL,
    action VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    before VARCHAR,
    after VARCHAR
);

-- The decisions in effect now, one a (kind, subject); `value` is JSON.
CREATE VIEW current_decisions AS
SELECT kind, subject, value, effective_from, decided_at, decided_by, reason FROM (
    SELECT *, row_number() OVER (PARTITION BY kind, subject ORDER BY effective_from DESC, decision_id DESC) AS newest
    FROM decisions WHERE effective_from <= now()
) AS ranked WHERE newest = 1 AND NOT withdrawn;
