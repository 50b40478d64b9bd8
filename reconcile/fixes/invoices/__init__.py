"""The fixes of invoices: made of what moved, and paid by settlements."""
