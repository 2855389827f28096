"""Figures: each tool measures two ways side by side in one run."""
