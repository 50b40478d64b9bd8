"""Walmart: sign-in, operations, streams, reconciliation reports."""
