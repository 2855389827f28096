"""The wire: methods, calls, refusals, and what every client asks before it begins."""
