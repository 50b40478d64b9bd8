-- Orders that a channel ships for another shop (multi-channel fulfilment), with their lines.

-- Current state. One order that a channel ships from the seller's stock for another shop.
CREATE TABLE multichannel_orders (
    channel VARCHAR NOT NULL,
    order_id VARCHAR NOT NULL,
    display_id VARCHAR NOT NULL,
    ordered_at TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    status VARCHAR NOT NULL,
    vendor_status VARCHAR NOT NULL,
    service_level VARCHAR,
    features VARCHAR,
    ship_country VARCHAR,
    order_key BIGINT,
    display_key BIGINT,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of multichannel_orders that was seen.
CREATE TABLE multichannel_orders_versions (
    channel VARCHAR NOT NULL,
    order_id VARCHAR NOT NULL,
    display_id VARCHAR NOT NULL,
    ordered_at TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    status VARCHAR NOT NULL,
    vendor_status VARCHAR NOT NULL,
    service_level VARCHAR,
    features VARCHAR,
    ship_country VARCHAR,
    order_key BIGINT,
    display_key BIGINT,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. Units of one SKU in such an order.
CREATE TABLE multichannel_order_lines (
    channel VARCHAR NOT NULL,
    order_id VARCHAR NOT NULL,
    line_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    sku VARCHAR NOT NULL,
    quantity INTEGER NOT NULL,
    quantity_cancelled INTEGER NOT NULL,
    quantity_unfulfillable INTEGER NOT NULL,
    version BIGINT NOT NULL
);

-- The multichannel_order_lines of every version of multichannel_orders.
CREATE TABLE multichannel_order_lines_versions (
    channel VARCHAR NOT NULL,
    order_id VARCHAR NOT NULL,
    line_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    sku VARCHAR NOT NULL,
    quantity INTEGER NOT NULL,
    quantity_cancelled INTEGER NOT NULL,
    quantity_unfulfillable INTEGER NOT NULL,
    version BIGINT NOT NULL
);
