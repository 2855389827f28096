"""`python -m tests.tutorial`: see `following.py`."""

from tests.tutorial.following import main

main()
