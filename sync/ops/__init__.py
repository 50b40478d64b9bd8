"""What people decided and what the controls found: decisions, findings and their human state, audit."""
