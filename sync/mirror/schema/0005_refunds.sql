-- Money given back: the id of a refund in the ledger, and what an order itself says of its refunds.

ALTER TABLE channel_transactions ADD COLUMN refund_id VARCHAR;
ALTER TABLE channel_transactions_versions ADD COLUMN refund_id VARCHAR;

-- Current state. Money that an order's line says was given back; amounts are positive towards the buyer.
CREATE TABLE channel_refunds (
    channel VARCHAR NOT NULL,
    refund_id VARCHAR NOT NULL,
    order_id VARCHAR NOT NULL,
    order_line_id VARCHAR,
    sku VARCHAR,
    refunded_at TIMESTAMPTZ NOT NULL,
    reason VARCHAR,
    comment VARCHAR,
    currency VARCHAR NOT NULL,
    goods DECIMAL(18,4) NOT NULL,
    goods_tax DECIMAL(18,4) NOT NULL,
    shipping DECIMAL(18,4) NOT NULL,
    shipping_tax DECIMAL(18,4) NOT NULL,
    other DECIMAL(18,4) NOT NULL,
    other_charges VARCHAR,
    order_key BIGINT,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of channel_refunds that was seen.
CREATE TABLE channel_refunds_versions (
    channel VARCHAR NOT NULL,
    refund_id VARCHAR NOT NULL,
    order_id VARCHAR NOT NULL,
    order_line_id VARCHAR,
    sku VARCHAR,
    refunded_at TIMESTAMPTZ NOT NULL,
    reason VARCHAR,
    comment VARCHAR,
    currency VARCHAR NOT NULL,
    goods DECIMAL(18,4) NOT NULL,
    goods_tax DECIMAL(18,4) NOT NULL,
    shipping DECIMAL(18,4) NOT NULL,
    shipping_tax DECIMAL(18,4) NOT NULL,
    other DECIMAL(18,4) NOT NULL,
    other_charges VARCHAR,
    order_key BIGINT,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);
