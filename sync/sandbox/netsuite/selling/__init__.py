"""Orders, bills and credits, the payments for them and the deposits of these."""
