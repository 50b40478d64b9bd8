-- What the lines of each settlement add up to, made once for every version of a settlement. Nothing here is a source:
-- all of it can be taken away at any time and is made again of the mirror.

-- Of which versions of settlements a table (`kept`) has the sums, of how many lines they were made, how many there are,
-- and what they were made by.
CREATE TABLE settled_state (
    kept VARCHAR NOT NULL,
    channel VARCHAR NOT NULL,
    settlement_id VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    lines BIGINT NOT NULL,
    sums BIGINT NOT NULL,
    made_by VARCHAR NOT NULL
);

-- What was charged for each order line. The compression is chosen here: to try each of all that there are takes longer
-- than to make the rows.
CREATE TABLE settled_charges (
    channel VARCHAR NOT NULL USING COMPRESSION dictionary,
    settlement_id VARCHAR NOT NULL USING COMPRESSION dictionary,
    order_id VARCHAR NOT NULL USING COMPRESSION uncompressed,
    line_id VARCHAR NOT NULL USING COMPRESSION uncompressed,
    sku VARCHAR NOT NULL USING COMPRESSION dictionary,
    order_key BIGINT,
    parcel VARCHAR NOT NULL USING COMPRESSION uncompressed,
    currency VARCHAR NOT NULL USING COMPRESSION dictionary,
    posted DATE NOT NULL,
    base DECIMAL(14,4) NOT NULL,
    more DECIMAL(14,4) NOT NULL,
    goods DECIMAL(14,4) NOT NULL,
    units INTEGER NOT NULL,
    prices BIGINT NOT NULL,
    referral DECIMAL(14,4),
    referrals BIGINT NOT NULL,
    fulfilment DECIMAL(14,4)
);

-- The lines by what tells them apart. `month` is 202611.
CREATE TABLE settled_sums (
    channel VARCHAR NOT NULL,
    settlement_id VARCHAR NOT NULL,
    month BIGINT NOT NULL,
    transaction_type VARCHAR NOT NULL,
    amount_type VARCHAR NOT NULL,
    amount_description VARCHAR NOT NULL,
    fulfilled_by VARCHAR,
    marketplace VARCHAR,
    amount DECIMAL(38,4) NOT NULL,
    lines BIGINT NOT NULL,
    first_ordinal INTEGER NOT NULL,
    first_posted DATE NOT NULL
);
