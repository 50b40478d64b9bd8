"""Fixes: functions from discrepancies to the writes that settle them."""
