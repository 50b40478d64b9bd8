"""What stands before the services: faults, the limit of calls at once, leniency."""
