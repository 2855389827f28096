"""What the simulated people themselves must get right."""
