"""Feeds 2021-06-30: handed in, worked off with the clock, reported message by message."""
