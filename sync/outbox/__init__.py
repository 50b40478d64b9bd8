"""The durable queue of approved writes: operations, their attempts, and the drain that sends them."""
