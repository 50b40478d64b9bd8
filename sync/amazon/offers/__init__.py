"""What the seller offers: listings and their feeds, the catalog and the rules of product types."""
