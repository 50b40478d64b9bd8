-- The mirror: what the vendors said, current and every version, and how completely it was pulled.
-- Portable subset (DuckDB and DuckLake): no keys, indexes, sequences or enums. One writer a stream (see leases).
-- Times are UTC. Money is DECIMAL(18,4) beside its currency. `*_key` columns are the BIGINT join keys of the ids.

-- A response body as received, zstd-compressed, stored once per content.
CREATE TABLE pages (
    page_id BIGINT NOT NULL,
    sha256 VARCHAR NOT NULL,
    content_type VARCHAR NOT NULL,
    size BIGINT NOT NULL,
    body BLOB NOT NULL,
    first_seen TIMESTAMPTZ NOT NULL
);

-- Every HTTP attempt, redacted.
CREATE TABLE calls (
    call_id BIGINT NOT NULL,
    vendor VARCHAR NOT NULL,
    account VARCHAR NOT NULL,
    operation VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    status INTEGER,
    started_at TIMESTAMPTZ NOT NULL,
    elapsed_ms INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    request_id VARCHAR,
    error_kind VARCHAR,
    sent_bytes BIGINT NOT NULL,
    received_bytes BIGINT NOT NULL
);

-- One pull, reconcile or push run.
CREATE TABLE runs (
    run_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    state VARCHAR NOT NULL,
    note VARCHAR NOT NULL
);

-- The windows of vendor time that a stream has read to the end.
CREATE TABLE coverage (
    stream VARCHAR NOT NULL,
    window_start TIMESTAMPTZ NOT NULL,
    window_end TIMESTAMPTZ NOT NULL,
    run_id VARCHAR NOT NULL,
    completed_at TIMESTAMPTZ NOT NULL,
    pages INTEGER NOT NULL,
    documents INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    quarantined INTEGER NOT NULL
);

-- Where a stream goes on; committed with the rows that it has read.
CREATE TABLE stream_cursors (
    stream VARCHAR NOT NULL,
    position VARCHAR NOT NULL,
    saved_at TIMESTAMPTZ NOT NULL,
    run_id VARCHAR NOT NULL
);

-- Documents that could not be read: counted and shown, never dropped.
CREATE TABLE quarantine (
    stream VARCHAR NOT NULL,
    document_key VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    run_id VARCHAR NOT NULL,
    cleared_at TIMESTAMPTZ
);

-- Current state. One marketplace order. `channel` is `amazon.US`, `amazon.DE`, `walmart.US` …
CREATE TABLE orders (
    channel VARCHAR NOT NULL,
    order_id VARCHAR NOT NULL,
    alternate_id VARCHAR,
    ordered_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    status VARCHAR NOT NULL,
    vendor_status VARCHAR NOT NULL,
    fulfilled_by VARCHAR NOT NULL,
    order_type VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    total DECIMAL(18,4) NOT NULL,
    tax DECIMAL(18,4) NOT NULL,
    shipping DECIMAL(18,4) NOT NULL,
    discount DECIMAL(18,4) NOT NULL,
    buyer_name VARCHAR,
    buyer_email VARCHAR,
    ship_name VARCHAR,
    ship_address1 VARCHAR,
    ship_address2 VARCHAR,
    ship_city VARCHAR,
    ship_region VARCHAR,
    ship_postal_code VARCHAR,
    ship_country VARCHAR,
    ship_phone VARCHAR,
    service_level VARCHAR,
    ship_by TIMESTAMPTZ,
    acknowledged_at TIMESTAMPTZ,
    order_key BIGINT NOT NULL,
    alternate_key BIGINT,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of orders that was seen.
CREATE TABLE orders_versions (
    channel VARCHAR NOT NULL,
    order_id VARCHAR NOT NULL,
    alternate_id VARCHAR,
    ordered_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    status VARCHAR NOT NULL,
    vendor_status VARCHAR NOT NULL,
    fulfilled_by VARCHAR NOT NULL,
    order_type VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    total DECIMAL(18,4) NOT NULL,
    tax DECIMAL(18,4) NOT NULL,
    shipping DECIMAL(18,4) NOT NULL,
    discount DECIMAL(18,4) NOT NULL,
    buyer_name VARCHAR,
    buyer_email VARCHAR,
    ship_name VARCHAR,
    ship_address1 VARCHAR,
    ship_address2 VARCHAR,
    ship_city VARCHAR,
    ship_region VARCHAR,
    ship_postal_code VARCHAR,
    ship_country VARCHAR,
    ship_phone VARCHAR,
    service_level VARCHAR,
    ship_by TIMESTAMPTZ,
    acknowledged_at TIMESTAMPTZ,
    order_key BIGINT NOT NULL,
    alternate_key BIGINT,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. One line of an order; amounts are line totals (not per unit), before tax unless named so.
CREATE TABLE order_lines (
    channel VARCHAR NOT NULL,
    order_id VARCHAR NOT NULL,
    line_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    sku VARCHAR NOT NULL,
    product_id VARCHAR,
    title VARCHAR,
    quantity INTEGER NOT NULL,
    quantity_shipped INTEGER NOT NULL,
    quantity_cancelled INTEGER NOT NULL,
    item_price DECIMAL(18,4) NOT NULL,
    item_tax DECIMAL(18,4) NOT NULL,
    shipping_price DECIMAL(18,4) NOT NULL,
    shipping_tax DECIMAL(18,4) NOT NULL,
    gift_price DECIMAL(18,4) NOT NULL,
    gift_tax DECIMAL(18,4) NOT NULL,
    discount DECIMAL(18,4) NOT NULL,
    discount_tax DECIMAL(18,4) NOT NULL,
    status VARCHAR NOT NULL,
    tracking_number VARCHAR,
    carrier VARCHAR,
    order_key BIGINT NOT NULL,
    version BIGINT NOT NULL
);

-- The order_lines of every version of orders.
CREATE TABLE order_lines_versions (
    channel VARCHAR NOT NULL,
    order_id VARCHAR NOT NULL,
    line_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    sku VARCHAR NOT NULL,
    product_id VARCHAR,
    title VARCHAR,
    quantity INTEGER NOT NULL,
    quantity_shipped INTEGER NOT NULL,
    quantity_cancelled INTEGER NOT NULL,
    item_price DECIMAL(18,4) NOT NULL,
    item_tax DECIMAL(18,4) NOT NULL,
    shipping_price DECIMAL(18,4) NOT NULL,
    shipping_tax DECIMAL(18,4) NOT NULL,
    gift_price DECIMAL(18,4) NOT NULL,
    gift_tax DECIMAL(18,4) NOT NULL,
    discount DECIMAL(18,4) NOT NULL,
    discount_tax DECIMAL(18,4) NOT NULL,
    status VARCHAR NOT NULL,
    tracking_number VARCHAR,
    carrier VARCHAR,
    order_key BIGINT NOT NULL,
    version BIGINT NOT NULL
);

-- Current state. One payout report of a channel. `total` is what the marketplace says it pays (negative: it charges).
CREATE TABLE settlements (
    channel VARCHAR NOT NULL,
    settlement_id VARCHAR NOT NULL,
    format VARCHAR NOT NULL,
    document_hash VARCHAR NOT NULL,
    document_name VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    period_start TIMESTAMPTZ NOT NULL,
    period_end TIMESTAMPTZ NOT NULL,
    deposit_at TIMESTAMPTZ,
    total DECIMAL(18,4) NOT NULL,
    line_count INTEGER NOT NULL,
    encoding VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of settlements that was seen.
CREATE TABLE settlements_versions (
    channel VARCHAR NOT NULL,
    settlement_id VARCHAR NOT NULL,
    format VARCHAR NOT NULL,
    document_hash VARCHAR NOT NULL,
    document_name VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    period_start TIMESTAMPTZ NOT NULL,
    period_end TIMESTAMPTZ NOT NULL,
    deposit_at TIMESTAMPTZ,
    total DECIMAL(18,4) NOT NULL,
    line_count INTEGER NOT NULL,
    encoding VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. One amount of a settlement. Identity is (channel, settlement, ordinal): equal lines are real money.
CREATE TABLE settlement_lines (
    channel VARCHAR NOT NULL,
    settlement_id VARCHAR NOT NULL,
    ordinal INTEGER NOT NULL,
    file_line INTEGER NOT NULL,
    byte_offset BIGINT NOT NULL,
    transaction_type VARCHAR NOT NULL,
    amount_type VARCHAR NOT NULL,
    amount_description VARCHAR NOT NULL,
    amount DECIMAL(18,4) NOT NULL,
    currency VARCHAR NOT NULL,
    order_id VARCHAR,
    merchant_order_id VARCHAR,
    adjustment_id VARCHAR,
    shipment_id VARCHAR,
    marketplace VARCHAR,
    fulfilled_by VARCHAR,
    posted_at TIMESTAMPTZ,
    posted_date DATE NOT NULL,
    order_line_id VARCHAR,
    sku VARCHAR,
    quantity INTEGER,
    promotion_id VARCHAR,
    order_key BIGINT,
    version BIGINT NOT NULL
);

-- The settlement_lines of every version of settlements.
CREATE TABLE settlement_lines_versions (
    channel VARCHAR NOT NULL,
    settlement_id VARCHAR NOT NULL,
    ordinal INTEGER NOT NULL,
    file_line INTEGER NOT NULL,
    byte_offset BIGINT NOT NULL,
    transaction_type VARCHAR NOT NULL,
    amount_type VARCHAR NOT NULL,
    amount_description VARCHAR NOT NULL,
    amount DECIMAL(18,4) NOT NULL,
    currency VARCHAR NOT NULL,
    order_id VARCHAR,
    merchant_order_id VARCHAR,
    adjustment_id VARCHAR,
    shipment_id VARCHAR,
    marketplace VARCHAR,
    fulfilled_by VARCHAR,
    posted_at TIMESTAMPTZ,
    posted_date DATE NOT NULL,
    order_line_id VARCHAR,
    sku VARCHAR,
    quantity INTEGER,
    promotion_id VARCHAR,
    order_key BIGINT,
    version BIGINT NOT NULL
);

-- Current state. One ERP item; `name` is the item number that people know.
CREATE TABLE items (
    item_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    display_name VARCHAR,
    item_type VARCHAR NOT NULL,
    upc VARCHAR,
    inactive BOOLEAN NOT NULL,
    updated_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of items that was seen.
CREATE TABLE items_versions (
    item_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    display_name VARCHAR,
    item_type VARCHAR NOT NULL,
    upc VARCHAR,
    inactive BOOLEAN NOT NULL,
    updated_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. One ERP customer.
CREATE TABLE customers (
    customer_id VARCHAR NOT NULL,
    entity_id VARCHAR NOT NULL,
    external_id VARCHAR,
    company_name VARCHAR,
    first_name VARCHAR,
    last_name VARCHAR,
    email VARCHAR,
    phone VARCHAR,
    inactive BOOLEAN NOT NULL,
    updated_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of customers that was seen.
CREATE TABLE customers_versions (
    customer_id VARCHAR NOT NULL,
    entity_id VARCHAR NOT NULL,
    external_id VARCHAR,
    company_name VARCHAR,
    first_name VARCHAR,
    last_name VARCHAR,
    email VARCHAR,
    phone VARCHAR,
    inactive BOOLEAN NOT NULL,
    updated_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. One ledger account.
CREATE TABLE accounts (
    account_id VARCHAR NOT NULL,
    number VARCHAR,
    name VARCHAR NOT NULL,
    account_type VARCHAR NOT NULL,
    inactive BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of accounts that was seen.
CREATE TABLE accounts_versions (
    account_id VARCHAR NOT NULL,
    number VARCHAR,
    name VARCHAR NOT NULL,
    account_type VARCHAR NOT NULL,
    inactive BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. One ERP subsidiary; `currency` is its base currency code where the ERP shows it.
CREATE TABLE subsidiaries (
    subsidiary_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    currency VARCHAR,
    country VARCHAR,
    inactive BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of subsidiaries that was seen.
CREATE TABLE subsidiaries_versions (
    subsidiary_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    currency VARCHAR,
    country VARCHAR,
    inactive BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. One ERP location.
CREATE TABLE locations (
    location_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    subsidiary_id VARCHAR,
    inactive BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of locations that was seen.
CREATE TABLE locations_versions (
    location_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    subsidiary_id VARCHAR,
    inactive BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. One accounting period (months, quarters and years all appear).
CREATE TABLE periods (
    period_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    start_date DATE NOT NULL,
    end_date DATE NOT NULL,
    closed BOOLEAN NOT NULL,
    all_locked BOOLEAN NOT NULL,
    is_quarter BOOLEAN NOT NULL,
    is_year BOOLEAN NOT NULL,
    is_adjustment BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of periods that was seen.
CREATE TABLE periods_versions (
    period_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    start_date DATE NOT NULL,
    end_date DATE NOT NULL,
    closed BOOLEAN NOT NULL,
    all_locked BOOLEAN NOT NULL,
    is_quarter BOOLEAN NOT NULL,
    is_year BOOLEAN NOT NULL,
    is_adjustment BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. One ERP transaction. `total` is positive on sales documents, in `currency`.
CREATE TABLE transactions (
    transaction_id VARCHAR NOT NULL,
    number VARCHAR,
    transaction_type VARCHAR NOT NULL,
    record_type VARCHAR NOT NULL,
    status VARCHAR,
    transaction_date DATE NOT NULL,
    period_id VARCHAR,
    customer_id VARCHAR,
    external_id VARCHAR,
    other_reference VARCHAR,
    currency VARCHAR,
    exchange_rate DECIMAL(18,8),
    total DECIMAL(18,4),
    memo VARCHAR,
    created_at TIMESTAMPTZ,
    updated_at TIMESTAMPTZ NOT NULL,
    external_key BIGINT,
    other_key BIGINT,
    number_key BIGINT,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of transactions that was seen.
CREATE TABLE transactions_versions (
    transaction_id VARCHAR NOT NULL,
    number VARCHAR,
    transaction_type VARCHAR NOT NULL,
    record_type VARCHAR NOT NULL,
    status VARCHAR,
    transaction_date DATE NOT NULL,
    period_id VARCHAR,
    customer_id VARCHAR,
    external_id VARCHAR,
    other_reference VARCHAR,
    currency VARCHAR,
    exchange_rate DECIMAL(18,8),
    total DECIMAL(18,4),
    memo VARCHAR,
    created_at TIMESTAMPTZ,
    updated_at TIMESTAMPTZ NOT NULL,
    external_key BIGINT,
    other_key BIGINT,
    number_key BIGINT,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. One line of a transaction. `quantity` and `amount` are signed as a person reads them (sales positive).
CREATE TABLE transaction_lines (
    transaction_id VARCHAR NOT NULL,
    line_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    is_main BOOLEAN NOT NULL,
    is_tax BOOLEAN NOT NULL,
    item_id VARCHAR,
    account_id VARCHAR,
    quantity DECIMAL(18,4),
    rate DECIMAL(18,6),
    amount DECIMAL(18,4),
    debit DECIMAL(18,4),
    credit DECIMAL(18,4),
    subsidiary_id VARCHAR,
    department_id VARCHAR,
    class_id VARCHAR,
    location_id VARCHAR,
    customer_id VARCHAR,
    memo VARCHAR,
    created_from VARCHAR,
    version BIGINT NOT NULL
);

-- The transaction_lines of every version of transactions.
CREATE TABLE transaction_lines_versions (
    transaction_id VARCHAR NOT NULL,
    line_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    is_main BOOLEAN NOT NULL,
    is_tax BOOLEAN NOT NULL,
    item_id VARCHAR,
    account_id VARCHAR,
    quantity DECIMAL(18,4),
    rate DECIMAL(18,6),
    amount DECIMAL(18,4),
    debit DECIMAL(18,4),
    credit DECIMAL(18,4),
    subsidiary_id VARCHAR,
    department_id VARCHAR,
    class_id VARCHAR,
    location_id VARCHAR,
    customer_id VARCHAR,
    memo VARCHAR,
    created_from VARCHAR,
    version BIGINT NOT NULL
);

