"""Fuzzing: every route of the site with absurd values, in this process and over a socket."""
