"""What is written to Walmart: one module a handler, and `handlers` that gathers them."""
