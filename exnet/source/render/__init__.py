"""Renderers: diagnostics as values -> text for people, for scripts, for GitHub and for code scanners."""

from exnet.source.render.concise import render_concise
from exnet.source.render.github import render_github
from exnet.source.render.json import render_json
from exnet.source.render.sarif import render_sarif
from exnet.source.render.text import render_text

__all__ = ["render_concise", "render_github", "render_json", "render_sarif", "render_text"]
