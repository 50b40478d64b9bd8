"""What is written to Amazon: one module a handler, and `handlers` that gathers them."""
