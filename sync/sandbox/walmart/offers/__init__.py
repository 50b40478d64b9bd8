"""The seller's offers as Walmart keeps them: items, prices, promotions."""
