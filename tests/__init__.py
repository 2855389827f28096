"""Tests of the whole shop, from the outside: what a person or an operator would see."""
