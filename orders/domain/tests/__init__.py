"""The rules as specifications: given these facts, when this command is given, then that follows."""
