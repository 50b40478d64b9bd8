"""Who lets us in and as whom: the token, the account's profile, one harmless call."""
