"""The controls of returns and refunds: goods and money that go back, on both sides and in the settlements."""
