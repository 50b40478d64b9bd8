"""The controls of invoices: what moved is billed, and what was paid is closed."""
