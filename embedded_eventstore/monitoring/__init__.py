"""What the server measures of itself, and whom it tells."""
