"""Fault tests: killed processes, a dying reactor, bad input; and the audit of the log."""
