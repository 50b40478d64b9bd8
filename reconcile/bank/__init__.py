"""Payouts of the marketplaces against the bookings of the company's bank accounts."""
