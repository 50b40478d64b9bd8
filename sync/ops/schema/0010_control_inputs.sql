-- What a control's findings were made of when it last ran: they stand while the marks of all inputs are the same.
-- No row: it runs. `inputs` is JSON.
CREATE TABLE control_inputs (
    control VARCHAR NOT NULL PRIMARY KEY,
    judged_at TIMESTAMPTZ NOT NULL,
    program VARCHAR NOT NULL,
    inputs VARCHAR NOT NULL
);
