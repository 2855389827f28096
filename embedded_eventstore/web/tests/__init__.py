"""Tests of HTTP and the web page."""
