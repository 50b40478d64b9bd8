"""The fixes of payouts: out of clearing and into the bank."""
