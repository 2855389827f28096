"""The processes of `manage.py serve`: which there are, started, watched, restarted and stopped.

Knows processes, signals and locks; knows nothing of Django or of what the processes do.
"""
