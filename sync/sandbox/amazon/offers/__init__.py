"""Listings, product types and the catalog, over one shelf of listings."""
