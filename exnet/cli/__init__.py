"""exnet.cli."""
