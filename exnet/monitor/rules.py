"""What can be said about a run while it learns."""

from exnet.source import Rule

NOT_FINITE = Rule(
    "EXN640",
    "not-finite",
    "A number became infinite or NaN during training.",
    why="From there on nothing is learned. The run stops at the step; the last good checkpoint stays as it is.",
    bad="learn xprop(optimiser: sgd(lr: 1e6))",
    good="learn xprop(optimiser: adam(lr: 2e-3))",
)

RULES = (NOT_FINITE,)
