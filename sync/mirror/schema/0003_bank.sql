-- Bookings on the company's own bank accounts.

-- Current state. One booking of a bank statement; `amount` is signed (+ arrives), in `currency`.
CREATE TABLE bank_lines (
    account VARCHAR NOT NULL,
    line_id VARCHAR NOT NULL,
    booked_on DATE NOT NULL,
    value_on DATE,
    amount DECIMAL(18,4) NOT NULL,
    currency VARCHAR NOT NULL,
    counterparty VARCHAR,
    text VARCHAR NOT NULL,
    reference VARCHAR,
    document_hash VARCHAR NOT NULL,
    document_name VARCHAR NOT NULL,
    file_line INTEGER,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of bank_lines that was seen.
CREATE TABLE bank_lines_versions (
    account VARCHAR NOT NULL,
    line_id VARCHAR NOT NULL,
    booked_on DATE NOT NULL,
    value_on DATE,
    amount DECIMAL(18,4) NOT NULL,
    currency VARCHAR NOT NULL,
    counterparty VARCHAR,
    text VARCHAR NOT NULL,
    reference VARCHAR,
    document_hash VARCHAR NOT NULL,
    document_name VARCHAR NOT NULL,
    file_line INTEGER,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);
