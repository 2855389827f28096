"""What the templates of every screen may say."""
