"""Tests of the log's upkeep."""
