"""A stand-in for the Walmart Marketplace (US) API over the sandbox world, written from the vendor's contract."""
