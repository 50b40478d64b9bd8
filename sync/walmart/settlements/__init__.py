"""Money: the stream and reader of reconciliation reports, and the statement of the cycle that is open."""
