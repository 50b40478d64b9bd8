"""The fixes of customers: made, and given what a channel knows better."""
