"""Login with Amazon, restricted tokens, and the account that is let in."""
