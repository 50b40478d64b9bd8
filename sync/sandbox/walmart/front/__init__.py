"""The door before every operation: headers, tokens, limits, refusals, general faults, bytes on the wire."""
