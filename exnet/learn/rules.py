"""What can be said about the options of a run."""

from exnet.source import Rule

UNKNOWN_RULE = Rule(
    "EXN620",
    "unknown-rule",
    "There is no learning rule of this name.",
    why="Rules are found by name, and a misspelt one is never replaced by another.",
    bad="exnet train tree.exn --data digits --rule backpropagation",
    good="exnet train tree.exn --data digits --rule backprop",
)

BAD_RUN_OPTION = Rule(
    "EXN621",
    "bad-run-option",
    "An option of a run is out of its range.",
    why="Numbers of epochs and instances are at least 1, learning rates are above 0.",
    bad="exnet train tree.exn --data digits --lr -0.1",
    good="exnet train tree.exn --data digits --lr 0.001",
)

RULES = (UNKNOWN_RULE, BAD_RUN_OPTION)
