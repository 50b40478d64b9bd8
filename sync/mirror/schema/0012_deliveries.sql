-- Where, when and how the goods of an ERP document are to be sent, and when the channel says that they arrived.

-- NULL is not known: the row was mirrored before, or the account does not show it. The address is personal data.
ALTER TABLE transactions ADD COLUMN ship_date DATE;
ALTER TABLE transactions ADD COLUMN ship_method VARCHAR;
ALTER TABLE transactions ADD COLUMN ship_name VARCHAR;
ALTER TABLE transactions ADD COLUMN ship_address1 VARCHAR;
ALTER TABLE transactions ADD COLUMN ship_address2 VARCHAR;
ALTER TABLE transactions ADD COLUMN ship_city VARCHAR;
ALTER TABLE transactions ADD COLUMN ship_region VARCHAR;
ALTER TABLE transactions ADD COLUMN ship_postal_code VARCHAR;
ALTER TABLE transactions ADD COLUMN ship_country VARCHAR;
ALTER TABLE transactions ADD COLUMN ship_phone VARCHAR;

ALTER TABLE transactions_versions ADD COLUMN ship_date DATE;
ALTER TABLE transactions_versions ADD COLUMN ship_method VARCHAR;
ALTER TABLE transactions_versions ADD COLUMN ship_name VARCHAR;
ALTER TABLE transactions_versions ADD COLUMN ship_address1 VARCHAR;
ALTER TABLE transactions_versions ADD COLUMN ship_address2 VARCHAR;
ALTER TABLE transactions_versions ADD COLUMN ship_city VARCHAR;
ALTER TABLE transactions_versions ADD COLUMN ship_region VARCHAR;
ALTER TABLE transactions_versions ADD COLUMN ship_postal_code VARCHAR;
ALTER TABLE transactions_versions ADD COLUMN ship_country VARCHAR;
ALTER TABLE transactions_versions ADD COLUMN ship_phone VARCHAR;

ALTER TABLE order_lines ADD COLUMN delivered_at TIMESTAMPTZ;
ALTER TABLE order_lines_versions ADD COLUMN delivered_at TIMESTAMPTZ;
ALTER TABLE channel_shipments ADD COLUMN delivered_at TIMESTAMPTZ;
ALTER TABLE channel_shipments_versions ADD COLUMN delivered_at TIMESTAMPTZ;
