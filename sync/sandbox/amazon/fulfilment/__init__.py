"""Amazon's warehouses: FBA inventory, and orders of other shops that Amazon ships."""
