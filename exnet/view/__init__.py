"""exnet.view."""
