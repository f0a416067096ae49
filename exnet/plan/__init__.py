"""exnet.plan."""
