"""The controls of customers: one a person, known as the channels know them."""
