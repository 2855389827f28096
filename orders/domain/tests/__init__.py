"""The rules as specifications: given these facts, when somebody wishes this, then that follows."""
