"""Equations to index arrays: names and kinds, domains, levels, sharing classes. Free of torch and networkx."""

from exnet.graph.elaborate import elaborate
from exnet.graph.limits import Limits
from exnet.graph.model import Graph

__all__ = ["Graph", "Limits", "elaborate"]
