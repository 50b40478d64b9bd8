"""The fixes of orders: booked, updated, cancelled, acknowledged."""
