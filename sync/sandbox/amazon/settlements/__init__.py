"""Settlement reports as Amazon writes them (V2, V1), and as the faults bend them."""
