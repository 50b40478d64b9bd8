"""Lines and ledger entries of a transaction as SuiteQL shows them, with NetSuite's signs."""
