"""Orders: their shapes on the wire, what they become as records, refunds in them, the stream of those that changed."""
