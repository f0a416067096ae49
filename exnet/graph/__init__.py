"""exnet.graph."""
