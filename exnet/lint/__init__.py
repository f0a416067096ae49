"""All that can be said about a spec without running it: errors of every stage, then doubts. Free of torch."""

from exnet.lint.drive import lint_source

__all__ = ["lint_source"]
