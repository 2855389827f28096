"""The buttons of the bar and of the till."""
