"""Orders 2026-01-01 and v0: reads, their views, and confirmShipment."""
