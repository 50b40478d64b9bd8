"""The controls of shipments: what left is fulfilled in the ERP and confirmed on the channel."""
