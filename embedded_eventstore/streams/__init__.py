"""The service that the store is there for: appending, reading, following, deleting streams."""
