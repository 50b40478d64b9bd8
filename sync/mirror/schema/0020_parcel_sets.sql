-- A fulfilment's parcels are one set: what somebody takes away in the ERP leaves the current rows, its history stays.

CREATE TABLE erp_parcel_sets (
    transaction_id VARCHAR NOT NULL,
    parcel_count INTEGER NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Every version of erp_parcel_sets that was seen.
CREATE TABLE erp_parcel_sets_versions (
    transaction_id VARCHAR NOT NULL,
    parcel_count INTEGER NOT NULL,
    version BIGINT NOT NULL,
    row_hash VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    observed_at TIMESTAMPTZ NOT NULL,
    page_id BIGINT,
    page_ordinal INTEGER NOT NULL
);

-- Numbers that were seen one after the other grew one set. Its hash is like none that will be read: the next reading
-- writes each set anew.
CREATE TABLE parcels_seen AS
SELECT s.transaction_id, p.tracking_number, s.version, s.observed_at, s.page_id, s.page_ordinal
FROM (
    SELECT transaction_id, observed_at, max(version) AS version, max(page_id) AS page_id,
        max(page_ordinal) AS page_ordinal
    FROM erp_parcels_versions GROUP BY transaction_id, observed_at
) s
JOIN (
    SELECT transaction_id, tracking_number, min(observed_at) AS seen_at FROM erp_parcels_versions GROUP BY ALL
) p ON p.transaction_id = s.transaction_id AND p.seen_at <= s.observed_at
ORDER BY s.version, p.tracking_number;

INSERT INTO erp_parcel_sets_versions
SELECT transaction_id, count(*), version, '', NULL, observed_at, page_id, page_ordinal
FROM parcels_seen GROUP BY ALL ORDER BY version;
INSERT INTO erp_parcel_sets
SELECT * FROM erp_parcel_sets_versions
QUALIFY row_number() OVER (PARTITION BY transaction_id ORDER BY version DESC) = 1;

DROP TABLE erp_parcels_versions;
DROP TABLE erp_parcels;

CREATE TABLE erp_parcels (
    transaction_id VARCHAR NOT NULL,
    tracking_number VARCHAR NOT NULL,
    version BIGINT NOT NULL
);
CREATE TABLE erp_parcels_versions (
    transaction_id VARCHAR NOT NULL,
    tracking_number VARCHAR NOT NULL,
    version BIGINT NOT NULL
);
INSERT INTO erp_parcels_versions SELECT transaction_id, tracking_number, version FROM parcels_seen;
INSERT INTO erp_parcels
SELECT p.transaction_id, p.tracking_number, p.version FROM parcels_seen p JOIN erp_parcel_sets s USING (version);
DROP TABLE parcels_seen;

-- Numbers that have gone before are current until the fulfilments are read once more as a whole.
DELETE FROM stream_cursors WHERE stream = 'netsuite.parcels';
-- Versions stand for sets now: where their ids are found is written anew.
DELETE FROM key_places_state;
