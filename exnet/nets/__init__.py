"""exnet.nets."""
