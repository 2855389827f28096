"""What the Dockerfile makes, as far as it can be made without Docker."""
