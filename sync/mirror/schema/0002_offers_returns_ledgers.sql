-- The rest of what the vendors say: offers, stock, parcels, returns, ledgers, payouts, and the ERP's smaller lists.
-- Per kind a current table and every version that was seen, as in 0001.

-- Current state. What the marketplace's own ledger says of one settlement, beside the report.
CREATE TABLE settlement_summaries (
    channel VARCHAR NOT NULL,
    settlement_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    period_start TIMESTAMPTZ,
    period_end TIMESTAMPTZ,
    opening DECIMAL(18,4),
    closing DECIMAL(18,4),
    total DECIMAL(18,4) NOT NULL,
    state VARCHAR NOT NULL,
    updated_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of settlement_summaries that was seen.
CREATE TABLE settlement_summaries_versions (
    channel VARCHAR NOT NULL,
    settlement_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    period_start TIMESTAMPTZ,
    period_end TIMESTAMPTZ,
    opening DECIMAL(18,4),
    closing DECIMAL(18,4),
    total DECIMAL(18,4) NOT NULL,
    state VARCHAR NOT NULL,
    updated_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. One amount of a summary, by the vendor's own category path (`Sales/ProductCharges`).
CREATE TABLE settlement_summary_amounts (
    channel VARCHAR NOT NULL,
    settlement_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    category VARCHAR NOT NULL,
    amount DECIMAL(18,4) NOT NULL,
    currency VARCHAR NOT NULL,
    version BIGINT NOT NULL
);

-- The settlement_summary_amounts of every version of settlement_summaries.
CREATE TABLE settlement_summary_amounts_versions (
    channel VARCHAR NOT NULL,
    settlement_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    category VARCHAR NOT NULL,
    amount DECIMAL(18,4) NOT NULL,
    currency VARCHAR NOT NULL,
    version BIGINT NOT NULL
);

-- Current state. One event of the marketplace's ledger as it is posted, before any settlement closes.
CREATE TABLE channel_transactions (
    channel VARCHAR NOT NULL,
    transaction_id VARCHAR NOT NULL,
    transaction_type VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    settlement_id VARCHAR,
    order_id VARCHAR,
    posted_at TIMESTAMPTZ NOT NULL,
    matures_at TIMESTAMPTZ,
    description VARCHAR,
    marketplace VARCHAR,
    currency VARCHAR NOT NULL,
    total DECIMAL(18,4) NOT NULL,
    order_key BIGINT,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of channel_transactions that was seen.
CREATE TABLE channel_transactions_versions (
    channel VARCHAR NOT NULL,
    transaction_id VARCHAR NOT NULL,
    transaction_type VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    settlement_id VARCHAR,
    order_id VARCHAR,
    posted_at TIMESTAMPTZ NOT NULL,
    matures_at TIMESTAMPTZ,
    description VARCHAR,
    marketplace VARCHAR,
    currency VARCHAR NOT NULL,
    total DECIMAL(18,4) NOT NULL,
    order_key BIGINT,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. One leaf of a ledger event's breakdown tree; the leaves add to its total.
CREATE TABLE channel_transaction_amounts (
    channel VARCHAR NOT NULL,
    transaction_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    category VARCHAR NOT NULL,
    sku VARCHAR,
    order_line_id VARCHAR,
    quantity INTEGER,
    amount DECIMAL(18,4) NOT NULL,
    currency VARCHAR NOT NULL,
    version BIGINT NOT NULL
);

-- The channel_transaction_amounts of every version of channel_transactions.
CREATE TABLE channel_transaction_amounts_versions (
    channel VARCHAR NOT NULL,
    transaction_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    category VARCHAR NOT NULL,
    sku VARCHAR,
    order_line_id VARCHAR,
    quantity INTEGER,
    amount DECIMAL(18,4) NOT NULL,
    currency VARCHAR NOT NULL,
    version BIGINT NOT NULL
);

-- Current state. What the marketplace holds for the seller now; one row a currency and kind.
CREATE TABLE channel_balances (
    channel VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    amount DECIMAL(18,4) NOT NULL,
    as_of TIMESTAMPTZ,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of channel_balances that was seen.
CREATE TABLE channel_balances_versions (
    channel VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    amount DECIMAL(18,4) NOT NULL,
    as_of TIMESTAMPTZ,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. Money on its way from the marketplace to a bank account; `amount` is positive towards the seller.
CREATE TABLE payouts (
    channel VARCHAR NOT NULL,
    payout_id VARCHAR NOT NULL,
    settlement_id VARCHAR,
    state VARCHAR NOT NULL,
    vendor_state VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    amount DECIMAL(18,4) NOT NULL,
    method VARCHAR,
    account_tail VARCHAR,
    trace_id VARCHAR,
    expected_at TIMESTAMPTZ,
    paid_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of payouts that was seen.
CREATE TABLE payouts_versions (
    channel VARCHAR NOT NULL,
    payout_id VARCHAR NOT NULL,
    settlement_id VARCHAR,
    state VARCHAR NOT NULL,
    vendor_state VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    amount DECIMAL(18,4) NOT NULL,
    method VARCHAR,
    account_tail VARCHAR,
    trace_id VARCHAR,
    expected_at TIMESTAMPTZ,
    paid_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. What the marketplace gives for stock that it lost or damaged: money, units, or both.
CREATE TABLE reimbursements (
    channel VARCHAR NOT NULL,
    reimbursement_id VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    approved_at TIMESTAMPTZ NOT NULL,
    case_id VARCHAR,
    order_id VARCHAR,
    reason VARCHAR NOT NULL,
    condition VARCHAR,
    currency VARCHAR NOT NULL,
    amount_per_unit DECIMAL(18,4) NOT NULL,
    total DECIMAL(18,4) NOT NULL,
    quantity_cash INTEGER NOT NULL,
    quantity_inventory INTEGER NOT NULL,
    original_reimbursement_id VARCHAR,
    order_key BIGINT,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of reimbursements that was seen.
CREATE TABLE reimbursements_versions (
    channel VARCHAR NOT NULL,
    reimbursement_id VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    approved_at TIMESTAMPTZ NOT NULL,
    case_id VARCHAR,
    order_id VARCHAR,
    reason VARCHAR NOT NULL,
    condition VARCHAR,
    currency VARCHAR NOT NULL,
    amount_per_unit DECIMAL(18,4) NOT NULL,
    total DECIMAL(18,4) NOT NULL,
    quantity_cash INTEGER NOT NULL,
    quantity_inventory INTEGER NOT NULL,
    original_reimbursement_id VARCHAR,
    order_key BIGINT,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. One offer of the seller on a channel, under the channel's SKU.
CREATE TABLE listings (
    channel VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    product_id VARCHAR,
    gtin VARCHAR,
    title VARCHAR,
    product_type VARCHAR,
    status VARCHAR NOT NULL,
    vendor_status VARCHAR NOT NULL,
    fulfilled_by VARCHAR NOT NULL,
    currency VARCHAR,
    price DECIMAL(18,4),
    quantity INTEGER,
    created_at TIMESTAMPTZ,
    updated_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of listings that was seen.
CREATE TABLE listings_versions (
    channel VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    product_id VARCHAR,
    gtin VARCHAR,
    title VARCHAR,
    product_type VARCHAR,
    status VARCHAR NOT NULL,
    vendor_status VARCHAR NOT NULL,
    fulfilled_by VARCHAR NOT NULL,
    currency VARCHAR,
    price DECIMAL(18,4),
    quantity INTEGER,
    created_at TIMESTAMPTZ,
    updated_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. One complaint of the channel about a listing.
CREATE TABLE listing_issues (
    channel VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    code VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    message VARCHAR NOT NULL,
    attributes VARCHAR,
    version BIGINT NOT NULL
);

-- The listing_issues of every version of listings.
CREATE TABLE listing_issues_versions (
    channel VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    code VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    message VARCHAR NOT NULL,
    attributes VARCHAR,
    version BIGINT NOT NULL
);

-- Current state. One place from which a channel's orders are fulfilled.
CREATE TABLE channel_locations (
    channel VARCHAR NOT NULL,
    location_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    postal_code VARCHAR,
    region VARCHAR,
    country VARCHAR,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of channel_locations that was seen.
CREATE TABLE channel_locations_versions (
    channel VARCHAR NOT NULL,
    location_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    postal_code VARCHAR,
    region VARCHAR,
    country VARCHAR,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. Units of one SKU at one place, as the channel counts them.
CREATE TABLE channel_stock (
    channel VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    location_id VARCHAR NOT NULL,
    product_id VARCHAR,
    fulfilled_by VARCHAR NOT NULL,
    offered INTEGER,
    available INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    inbound INTEGER NOT NULL,
    unsellable INTEGER NOT NULL,
    researching INTEGER NOT NULL,
    updated_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of channel_stock that was seen.
CREATE TABLE channel_stock_versions (
    channel VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    location_id VARCHAR NOT NULL,
    product_id VARCHAR,
    fulfilled_by VARCHAR NOT NULL,
    offered INTEGER,
    available INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    inbound INTEGER NOT NULL,
    unsellable INTEGER NOT NULL,
    researching INTEGER NOT NULL,
    updated_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. One change of the stock that the channel holds for the seller; `quantity` is signed (+ arrives).
CREATE TABLE stock_movements (
    channel VARCHAR NOT NULL,
    movement_id VARCHAR NOT NULL,
    moved_on DATE NOT NULL,
    sku VARCHAR NOT NULL,
    product_id VARCHAR,
    event VARCHAR NOT NULL,
    vendor_event VARCHAR NOT NULL,
    quantity INTEGER NOT NULL,
    location_id VARCHAR,
    disposition VARCHAR,
    reason VARCHAR,
    reference VARCHAR,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of stock_movements that was seen.
CREATE TABLE stock_movements_versions (
    channel VARCHAR NOT NULL,
    movement_id VARCHAR NOT NULL,
    moved_on DATE NOT NULL,
    sku VARCHAR NOT NULL,
    product_id VARCHAR,
    event VARCHAR NOT NULL,
    vendor_event VARCHAR NOT NULL,
    quantity INTEGER NOT NULL,
    location_id VARCHAR,
    disposition VARCHAR,
    reason VARCHAR,
    reference VARCHAR,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. A price of a SKU for a time, beside its base price.
CREATE TABLE promotions (
    channel VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    promotion_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    price DECIMAL(18,4) NOT NULL,
    base_price DECIMAL(18,4),
    starts_at TIMESTAMPTZ,
    ends_at TIMESTAMPTZ,
    state VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of promotions that was seen.
CREATE TABLE promotions_versions (
    channel VARCHAR NOT NULL,
    sku VARCHAR NOT NULL,
    promotion_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    price DECIMAL(18,4) NOT NULL,
    base_price DECIMAL(18,4),
    starts_at TIMESTAMPTZ,
    ends_at TIMESTAMPTZ,
    state VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. A file of changes handed to a channel; success is per item, not per feed.
CREATE TABLE feeds (
    channel VARCHAR NOT NULL,
    feed_id VARCHAR NOT NULL,
    feed_type VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    vendor_state VARCHAR NOT NULL,
    submitted_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    received INTEGER NOT NULL,
    succeeded INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of feeds that was seen.
CREATE TABLE feeds_versions (
    channel VARCHAR NOT NULL,
    feed_id VARCHAR NOT NULL,
    feed_type VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    vendor_state VARCHAR NOT NULL,
    submitted_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    received INTEGER NOT NULL,
    succeeded INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. What became of one item of a feed.
CREATE TABLE feed_results (
    channel VARCHAR NOT NULL,
    feed_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    sku VARCHAR,
    state VARCHAR NOT NULL,
    code VARCHAR,
    message VARCHAR,
    attribute VARCHAR,
    version BIGINT NOT NULL
);

-- The feed_results of every version of feeds.
CREATE TABLE feed_results_versions (
    channel VARCHAR NOT NULL,
    feed_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    sku VARCHAR,
    state VARCHAR NOT NULL,
    code VARCHAR,
    message VARCHAR,
    attribute VARCHAR,
    version BIGINT NOT NULL
);

-- Current state. One parcel that a channel sent for the seller (FBA, WFS).
CREATE TABLE channel_shipments (
    channel VARCHAR NOT NULL,
    shipment_id VARCHAR NOT NULL,
    order_id VARCHAR NOT NULL,
    shipped_at TIMESTAMPTZ NOT NULL,
    carrier VARCHAR,
    tracking_number VARCHAR,
    location_id VARCHAR,
    estimated_arrival TIMESTAMPTZ,
    order_key BIGINT,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of channel_shipments that was seen.
CREATE TABLE channel_shipments_versions (
    channel VARCHAR NOT NULL,
    shipment_id VARCHAR NOT NULL,
    order_id VARCHAR NOT NULL,
    shipped_at TIMESTAMPTZ NOT NULL,
    carrier VARCHAR,
    tracking_number VARCHAR,
    location_id VARCHAR,
    estimated_arrival TIMESTAMPTZ,
    order_key BIGINT,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. Units of one order line in a parcel; amounts are line totals in `currency`.
CREATE TABLE channel_shipment_lines (
    channel VARCHAR NOT NULL,
    shipment_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    order_line_id VARCHAR,
    sku VARCHAR NOT NULL,
    quantity INTEGER NOT NULL,
    currency VARCHAR,
    item_price DECIMAL(18,4),
    item_tax DECIMAL(18,4),
    shipping_price DECIMAL(18,4),
    version BIGINT NOT NULL
);

-- The channel_shipment_lines of every version of channel_shipments.
CREATE TABLE channel_shipment_lines_versions (
    channel VARCHAR NOT NULL,
    shipment_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    order_line_id VARCHAR,
    sku VARCHAR NOT NULL,
    quantity INTEGER NOT NULL,
    currency VARCHAR,
    item_price DECIMAL(18,4),
    item_tax DECIMAL(18,4),
    shipping_price DECIMAL(18,4),
    version BIGINT NOT NULL
);

-- Current state. One return of a buyer: goods that come back, a refund that lets the buyer keep them, or a replacement.
CREATE TABLE channel_returns (
    channel VARCHAR NOT NULL,
    return_id VARCHAR NOT NULL,
    order_id VARCHAR,
    alternate_id VARCHAR,
    requested_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    status VARCHAR NOT NULL,
    vendor_status VARCHAR NOT NULL,
    fulfilled_by VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    rma VARCHAR,
    carrier VARCHAR,
    tracking_number VARCHAR,
    currency VARCHAR,
    refund_total DECIMAL(18,4),
    order_key BIGINT,
    alternate_key BIGINT,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of channel_returns that was seen.
CREATE TABLE channel_returns_versions (
    channel VARCHAR NOT NULL,
    return_id VARCHAR NOT NULL,
    order_id VARCHAR,
    alternate_id VARCHAR,
    requested_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    status VARCHAR NOT NULL,
    vendor_status VARCHAR NOT NULL,
    fulfilled_by VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    rma VARCHAR,
    carrier VARCHAR,
    tracking_number VARCHAR,
    currency VARCHAR,
    refund_total DECIMAL(18,4),
    order_key BIGINT,
    alternate_key BIGINT,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. Units of one order line in a return.
CREATE TABLE channel_return_lines (
    channel VARCHAR NOT NULL,
    return_id VARCHAR NOT NULL,
    line_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    order_line_id VARCHAR,
    sku VARCHAR NOT NULL,
    product_id VARCHAR,
    quantity INTEGER NOT NULL,
    quantity_received INTEGER NOT NULL,
    reason VARCHAR,
    disposition VARCHAR,
    status VARCHAR NOT NULL,
    location_id VARCHAR,
    refund_amount DECIMAL(18,4),
    comment VARCHAR,
    version BIGINT NOT NULL
);

-- The channel_return_lines of every version of channel_returns.
CREATE TABLE channel_return_lines_versions (
    channel VARCHAR NOT NULL,
    return_id VARCHAR NOT NULL,
    line_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    order_line_id VARCHAR,
    sku VARCHAR NOT NULL,
    product_id VARCHAR,
    quantity INTEGER NOT NULL,
    quantity_received INTEGER NOT NULL,
    reason VARCHAR,
    disposition VARCHAR,
    status VARCHAR NOT NULL,
    location_id VARCHAR,
    refund_amount DECIMAL(18,4),
    comment VARCHAR,
    version BIGINT NOT NULL
);

-- Current state. One member of a kit or assembly.
CREATE TABLE item_components (
    item_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    component_id VARCHAR NOT NULL,
    quantity DECIMAL(18,4) NOT NULL,
    version BIGINT NOT NULL
);

-- The item_components of every version of items.
CREATE TABLE item_components_versions (
    item_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    component_id VARCHAR NOT NULL,
    quantity DECIMAL(18,4) NOT NULL,
    version BIGINT NOT NULL
);

-- Current state. One address of an ERP customer.
CREATE TABLE customer_addresses (
    customer_id VARCHAR NOT NULL,
    address_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    label VARCHAR,
    name VARCHAR,
    address1 VARCHAR,
    address2 VARCHAR,
    city VARCHAR,
    region VARCHAR,
    postal_code VARCHAR,
    country VARCHAR,
    phone VARCHAR,
    default_shipping BOOLEAN NOT NULL,
    default_billing BOOLEAN NOT NULL,
    version BIGINT NOT NULL
);

-- The customer_addresses of every version of customers.
CREATE TABLE customer_addresses_versions (
    customer_id VARCHAR NOT NULL,
    address_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    label VARCHAR,
    name VARCHAR,
    address1 VARCHAR,
    address2 VARCHAR,
    city VARCHAR,
    region VARCHAR,
    postal_code VARCHAR,
    country VARCHAR,
    phone VARCHAR,
    default_shipping BOOLEAN NOT NULL,
    default_billing BOOLEAN NOT NULL,
    version BIGINT NOT NULL
);

-- Current state. One department or class, by which the ERP's lines are sorted.
CREATE TABLE segments (
    kind VARCHAR NOT NULL,
    segment_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    inactive BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of segments that was seen.
CREATE TABLE segments_versions (
    kind VARCHAR NOT NULL,
    segment_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    inactive BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. One currency of the ERP; `exchange_rate` is to the base currency.
CREATE TABLE erp_currencies (
    currency_id VARCHAR NOT NULL,
    code VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    is_base BOOLEAN NOT NULL,
    exchange_rate DECIMAL(18,8),
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of erp_currencies that was seen.
CREATE TABLE erp_currencies_versions (
    currency_id VARCHAR NOT NULL,
    code VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    is_base BOOLEAN NOT NULL,
    exchange_rate DECIMAL(18,8),
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. Units of one ERP item at one location.
CREATE TABLE item_stock (
    item_id VARCHAR NOT NULL,
    location_id VARCHAR NOT NULL,
    on_hand DECIMAL(18,4),
    available DECIMAL(18,4),
    updated_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of item_stock that was seen.
CREATE TABLE item_stock_versions (
    item_id VARCHAR NOT NULL,
    location_id VARCHAR NOT NULL,
    on_hand DECIMAL(18,4),
    available DECIMAL(18,4),
    updated_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. One document made from another: order to fulfilment, order to invoice, return to receipt.
CREATE TABLE document_links (
    previous_id VARCHAR NOT NULL,
    next_id VARCHAR NOT NULL,
    link_type VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of document_links that was seen.
CREATE TABLE document_links_versions (
    previous_id VARCHAR NOT NULL,
    next_id VARCHAR NOT NULL,
    link_type VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. One tracking number of an ERP fulfilment.
CREATE TABLE erp_parcels (
    transaction_id VARCHAR NOT NULL,
    tracking_number VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of erp_parcels that was seen.
CREATE TABLE erp_parcels_versions (
    transaction_id VARCHAR NOT NULL,
    tracking_number VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Current state. Something that was deleted in the ERP: the mirror's current row of it goes, its history stays.
CREATE TABLE deletions (
    entity VARCHAR NOT NULL,
    record_id VARCHAR NOT NULL,
    record_type VARCHAR NOT NULL,
    deleted_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of deletions that was seen.
CREATE TABLE deletions_versions (
    entity VARCHAR NOT NULL,
    record_id VARCHAR NOT NULL,
    record_type VARCHAR NOT NULL,
    deleted_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);
