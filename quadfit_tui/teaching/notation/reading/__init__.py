"""A lesson read from its file."""
