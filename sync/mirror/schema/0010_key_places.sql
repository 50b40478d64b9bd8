-- Where every id that people know is kept: a record is found by it without reading its whole table.

-- `key` is md5_number_lower of the id in capitals, `place` says what the id is (sync/mirror/places.py), `version` is that
-- of the record in the place's table. Entries of older versions stay: their records are found in the history only.
CREATE TABLE key_places (
    key UBIGINT NOT NULL,
    place UTINYINT NOT NULL,
    version BIGINT NOT NULL
);

-- One row once the places of what was mirrored before are filled in; the first `sorted` rows are ordered by key.
CREATE TABLE key_places_state (
    sorted BIGINT NOT NULL
);
