"""One company's books: records made, changed and removed under all the rules, and one made from another."""
