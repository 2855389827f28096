"""From a basket to an order: the customer's pages, the counter's and the API."""
