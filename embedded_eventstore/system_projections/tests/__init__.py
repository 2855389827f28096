"""Tests of the system projections."""
