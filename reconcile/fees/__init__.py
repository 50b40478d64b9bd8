"""What marketplaces charge, held against their fee schedules, and the disputes that follow."""
