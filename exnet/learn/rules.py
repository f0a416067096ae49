"""What can be said about the options of a run."""

from exnet.source import Rule, Severity

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

UNFINISHED_SWEEP = Rule(
    "EXN624",
    "unfinished-sweep",
    "A run of Xprop* ends before every group has had a turn.",
    why="Groups learn one after the other; those whose turn does not come stay as they started.",
    bad="exnet train deep.exn --data digits --rule xprop_star --epochs 5     # 15 levels, a turn each epoch",
    good="exnet train deep.exn --data digits --rule 'xprop_star(steps: 2)' --epochs 5",
    severity=Severity.WARNING,
)

NO_DEVICE = Rule(
    "EXN630",
    "no-device",
    "The device that a run asks for is not there.",
    why="Falling back to the processor in silence could turn minutes into hours; `auto` asks for just that.",
    bad="exnet train tree.exn --data digits --device cuda      # torch sees no GPU",
    good="exnet train tree.exn --data digits --device auto",
)

PATIENCE_WITHOUT_VALIDATION = Rule(
    "EXN631",
    "patience-without-validation",
    "Early stopping has nothing to go by.",
    why="It stops by the loss on instances held back from training; the test part is looked at once, at the end.",
    bad="exnet train tree.exn --data digits --patience 5",
    good="exnet train tree.exn --data digits --validation 0.1 --patience 5",
)

RULES = (UNKNOWN_RULE, BAD_RUN_OPTION, UNFINISHED_SWEEP, NO_DEVICE, PATIENCE_WITHOUT_VALIDATION)
