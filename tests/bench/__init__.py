"""Figures of speed as ratios against a baseline measured in the same run: `python -m tests.bench`."""
