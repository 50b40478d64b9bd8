"""The fixes of settlements: posted, accrued, taken back."""
