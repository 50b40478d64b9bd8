-- What an account is to the ERP itself, and the currency that it is kept in.

ALTER TABLE accounts ADD COLUMN special_type VARCHAR;
ALTER TABLE accounts ADD COLUMN currency VARCHAR;
ALTER TABLE accounts_versions ADD COLUMN special_type VARCHAR;
ALTER TABLE accounts_versions ADD COLUMN currency VARCHAR;
