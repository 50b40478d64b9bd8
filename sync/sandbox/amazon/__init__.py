"""The Amazon Selling Partner API over the sandbox world."""
