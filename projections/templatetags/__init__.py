"""Words and pictures that only the screens need."""
