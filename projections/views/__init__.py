"""Pages that read: each shows what the selectors of its screen say."""
