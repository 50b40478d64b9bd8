-- What moved of an ERP document's lines, and what the buyer was promised or asks for.

ALTER TABLE transaction_lines ADD COLUMN quantity_moved DECIMAL(18,4);
ALTER TABLE transaction_lines ADD COLUMN quantity_billed DECIMAL(18,4);
ALTER TABLE transaction_lines ADD COLUMN is_closed BOOLEAN DEFAULT false;
ALTER TABLE transaction_lines_versions ADD COLUMN quantity_moved DECIMAL(18,4);
ALTER TABLE transaction_lines_versions ADD COLUMN quantity_billed DECIMAL(18,4);
ALTER TABLE transaction_lines_versions ADD COLUMN is_closed BOOLEAN DEFAULT false;

ALTER TABLE orders ADD COLUMN deliver_by TIMESTAMPTZ;
ALTER TABLE orders ADD COLUMN original_id VARCHAR;
ALTER TABLE orders_versions ADD COLUMN deliver_by TIMESTAMPTZ;
ALTER TABLE orders_versions ADD COLUMN original_id VARCHAR;

ALTER TABLE order_lines ADD COLUMN cancel_requested BOOLEAN DEFAULT false;
ALTER TABLE order_lines_versions ADD COLUMN cancel_requested BOOLEAN DEFAULT false;

ALTER TABLE transaction_lines ALTER COLUMN is_closed SET NOT NULL;
ALTER TABLE transaction_lines_versions ALTER COLUMN is_closed SET NOT NULL;
ALTER TABLE order_lines ALTER COLUMN cancel_requested SET NOT NULL;
ALTER TABLE order_lines_versions ALTER COLUMN cancel_requested SET NOT NULL;
