"""What Daphne needs to serve the shop well: limits, threads, frames, an orderly end.

Knows ASGI, Twisted and Django's handler; knows neither the shop nor who started the process.
"""
