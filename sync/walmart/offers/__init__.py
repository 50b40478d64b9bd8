"""What the seller offers: items, promotions, the feeds that change them, and walks over whole lists."""
