"""Who may call: client credentials with their certificates, and signed tokens."""
