"""What stands before every operation and shapes every answer: token, limits, faults, refusals, page tokens, JSON."""
