"""What every answer is made of: exact JSON, envelopes, refusals, pages, and calls that the account makes to itself."""
