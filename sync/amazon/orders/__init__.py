"""Orders: their shapes on the wire, what they become as records, and the stream of those that changed."""
