"""exnet.learn."""
