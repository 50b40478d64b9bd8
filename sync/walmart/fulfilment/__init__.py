"""Goods: places, stock of the seller and of Walmart's fulfilment, parcels, returns."""
