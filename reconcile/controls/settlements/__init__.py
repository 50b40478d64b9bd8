"""The controls of settlements: tied to their witnesses, posted, still what was posted and closed."""
