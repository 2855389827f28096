"""Tests of the embedded Eventstore."""
