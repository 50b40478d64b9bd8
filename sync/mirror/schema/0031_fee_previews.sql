-- What a channel says beforehand of each SKU: the sizes that it has measured, the fees that it expects.

-- Current state. The newest reading of a SKU.
CREATE TABLE fee_previews (
    channel VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    product_id VARCHAR,
    fulfilled_by VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    price DECIMAL(18,4),
    longest DECIMAL(18,4),
    median DECIMAL(18,4),
    shortest DECIMAL(18,4),
    length_unit VARCHAR,
    weight DECIMAL(18,4),
    weight_unit VARCHAR,
    size_tier VARCHAR,
    fulfilment_fee DECIMAL(18,4),
    referral_fee DECIMAL(18,4),
    total_fee DECIMAL(18,4),
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every reading: a version each, for it is the days between two that tell alike of which something is known.
CREATE TABLE fee_previews_versions (
    channel VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    product_id VARCHAR,
    fulfilled_by VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    price DECIMAL(18,4),
    longest DECIMAL(18,4),
    median DECIMAL(18,4),
    shortest DECIMAL(18,4),
    length_unit VARCHAR,
    weight DECIMAL(18,4),
    weight_unit VARCHAR,
    size_tier VARCHAR,
    fulfilment_fee DECIMAL(18,4),
    referral_fee DECIMAL(18,4),
    total_fee DECIMAL(18,4),
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. What fulfilling a unit costs otherwise: sent to another country, or by a table that is announced.
CREATE TABLE fee_preview_others (
    channel VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    country VARCHAR NOT NULL,
    fulfilment_fee DECIMAL(18,4) NOT NULL,
    version BIGINT NOT NULL
);

-- The fee_preview_others of every version of fee_previews.
CREATE TABLE fee_preview_others_versions (
    channel VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    country VARCHAR NOT NULL,
    fulfilment_fee DECIMAL(18,4) NOT NULL,
    version BIGINT NOT NULL
);
