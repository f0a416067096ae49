"""exnet.lint."""
