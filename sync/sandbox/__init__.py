"""The sandbox: a local stand-in for Amazon, Walmart and NetSuite over one seeded world."""
