"""Tests of persistent subscriptions."""
