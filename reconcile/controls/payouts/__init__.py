"""The controls of payouts: seen by the bank, and posted into its account."""
