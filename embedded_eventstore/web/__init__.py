"""HTTP on a port of its own: the log and the statistics as JSON, and a small web page."""
