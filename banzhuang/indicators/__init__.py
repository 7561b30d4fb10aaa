"""Indicators: declared by apps, computed together, with the rows behind each figure."""
