"""The peer: the same coffee shop as plain CRUD, as a Django project usually is."""
