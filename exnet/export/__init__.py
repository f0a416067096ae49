"""exnet.export."""
