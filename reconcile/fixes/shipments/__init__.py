"""The fixes of shipments: fulfilled in the ERP, confirmed on the channel."""
