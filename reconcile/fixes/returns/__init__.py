"""The fixes of returns and refunds: goods received, money credited and paid out."""
