"""What the server measures of itself, and where it publishes that."""
