"""Records as they are kept: each on its shelf, tied to others, changed by a body."""
