"""Who lets us in and as whom: tokens, the account, its seller ids, the client that serves a channel."""
