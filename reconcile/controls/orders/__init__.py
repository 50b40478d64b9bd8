"""The controls of orders: booked once, alike on both sides, given up on both, paid."""
