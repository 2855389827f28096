"""Measurements, beside gRPC alone and beside ``eventsourcing``'s recorders."""
