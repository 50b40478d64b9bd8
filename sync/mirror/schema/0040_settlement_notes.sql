-- What a reader skipped, guessed or mended in a settlement's document, in the order in which it was found: written once
-- with the first delivery of the document, so that each version of a settlement has the notes of its own bytes.
-- `file_line` NULL: the note is of the document as a whole. Documents that were read before have no rows here.
CREATE TABLE settlement_notes (
    channel VARCHAR NOT NULL,
    settlement_id VARCHAR NOT NULL,
    document_hash VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    file_line BIGINT,
    note VARCHAR NOT NULL,
    observed_at TIMESTAMPTZ NOT NULL
);
