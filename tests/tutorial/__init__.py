"""The parts of docs/tutorial, executed: every command in its order, and what it prints compared."""
