"""Feeds: taken at once, worked off with the clock, a result for each item."""
