"""exnet.monitor."""
