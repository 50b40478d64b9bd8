"""Money that channels give back to buyers: which, for what, from whom we know it, and what of it is credited."""
