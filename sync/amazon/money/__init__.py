"""Money beside settlements: the seller's ledger, balances, summaries and transfers to the bank; reading only."""
