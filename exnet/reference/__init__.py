"""exnet.reference."""
