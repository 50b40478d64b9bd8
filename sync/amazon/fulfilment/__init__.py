"""Goods in and out of Amazon's warehouses: stock, movements, parcels, returns, reimbursements."""
