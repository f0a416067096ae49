"""exnet.passing."""
