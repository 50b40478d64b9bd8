"""Fulfillment Outbound 2020-07-01: orders of other shops that Amazon ships from the seller's stock."""
