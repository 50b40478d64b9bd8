"""Orders that a marketplace ships for another shop: where they were sold, and what of their parcels is fulfilled."""
