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

MISSING_TENSORBOARD = Rule(
    "EXN641",
    "missing-tensorboard",
    "`--tensorboard` needs the package tensorboard.",
    why="It is an extra: metrics.jsonl holds the same figures without it.",
    bad="exnet train tree.exn --data digits --tensorboard      # tensorboard is not installed",
    good="pip install 'exnet[tensorboard]'",
)

RULES = (NOT_FINITE, MISSING_TENSORBOARD)
