"""Notifications v1: subscriptions, the world's changes as messages, and the queues that are read."""
