"""What postings are guided by: accounts, currencies, periods, what fits together, journal entries."""
