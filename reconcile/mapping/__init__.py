"""What a channel's words mean in the ERP: SKUs, accounts, routing, tax."""
