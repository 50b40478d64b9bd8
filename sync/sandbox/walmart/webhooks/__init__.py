"""Webhooks: the book of subscriptions, what they are owed and its delivery, the operations."""
