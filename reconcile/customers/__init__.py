"""Which ERP customer a buyer is."""
