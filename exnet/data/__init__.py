"""exnet.data."""
