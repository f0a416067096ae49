"""exnet.spec."""
