"""What a record is made of: types, their fields and sublists, the words of selects, values read from a body."""
