"""The read side: events in, tables and live screens out. It never writes a business fact."""
