"""The story of the article, told through HTTP and websocket to a running shop."""
