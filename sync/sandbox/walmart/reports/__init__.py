"""Reports on request: the book of requests, what stands in each type, the operations."""
