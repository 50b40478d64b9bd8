-- Streams that a person has asked to read once more and that are not through yet. A stream's own cursor stays where it
-- is: what changes meanwhile is pulled as ever. `since` NULL: from the first moment that the stream is read from.
CREATE TABLE rereads (
    stream VARCHAR NOT NULL,
    since TIMESTAMPTZ,
    position VARCHAR,
    asked_at TIMESTAMPTZ NOT NULL
);

-- What a reading once more would bring: records up to a version that were mirrored before some columns were. What was
-- changed from `read_from` on has been read since (NULL: nothing).
CREATE TABLE reread_offers (
    stream VARCHAR NOT NULL,
    up_to_version BIGINT NOT NULL,
    read_from TIMESTAMPTZ,
    brings VARCHAR NOT NULL
);
INSERT INTO reread_offers
SELECT 'netsuite.transactions', max(version), NULL, 'where, when and how they are to be sent'
FROM transactions
WHERE transaction_type = 'SalesOrd' AND ship_date IS NULL AND ship_method IS NULL AND ship_name IS NULL
    AND ship_address1 IS NULL
HAVING count(*) > 0;
