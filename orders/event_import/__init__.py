"""Events from a file, as the article prints them."""
