"""What can be said about pictures. Codes EXN770 to EXN779; limits are EXN970 and EXN971."""

from exnet.source import Rule, Severity

NO_RUN = Rule(
    "EXN770",
    "no-run",
    "A folder holds neither a run nor a compiled net.",
    why="The curves of a run come from the metrics.jsonl that `exnet train` writes; a compiled net has a spec.exn.",
    bad="exnet graph runs   # the folder above all runs",
    good="exnet graph runs/tree_digits-digits-xprop -o curves.svg",
)
NO_FIGURES = Rule(
    "EXN771",
    "no-figures",
    "A run has no figures yet.",
    why="A line of figures is written after each epoch; a run that was stopped or failed before has none.",
    bad="exnet graph runs/tree   # in its first epoch",
    good="exnet graph runs/tree   # after its first epoch",
)
DAMAGED_METRICS = Rule(
    "EXN772",
    "damaged-metrics",
    "A line of metrics.jsonl is no record of an epoch; it is left out of the picture.",
    why="Each line is a JSON object with the number of its epoch and its figures. The last may have been cut short.",
    bad='{"epoch": 3, "step": 69, "los',
    good='{"epoch": 3, "step": 69, "loss": 0.55}',
    severity=Severity.WARNING,
)
DAMAGED_RUN = Rule(
    "EXN773",
    "damaged-run-file",
    "The run.json of a run cannot be read as a JSON object; the curves are drawn without what it says.",
    why="It names the spec, the data and the rule, and how the run ended. The curves stand in metrics.jsonl.",
    bad="a run.json that was edited by hand",
    good="the run.json that `exnet train` wrote",
    severity=Severity.WARNING,
)
TOO_MANY_TO_UNFOLD = Rule(
    "EXN970",
    "too-many-nodes-to-unfold",
    "An unfolded picture would have more nodes than its limit.",
    why="Nobody can read thousands of nodes. The picture by families says the same in a few boxes, whatever the size.",
    bad="exnet graph specs/attention.exn --unfold   # 1,023 nodes",
    good="exnet graph specs/attention.exn   # five boxes",
)

CANNOT_WRITE_PICTURE = Rule(
    "EXN775",
    "cannot-write-picture",
    "The file of a picture cannot be written.",
    why="The folder does not exist, or it may not be written. What was there before is untouched.",
    bad="exnet graph tree.exn -o pictures/tree.svg   # there is no folder `pictures`",
    good="mkdir pictures && exnet graph tree.exn -o pictures/tree.svg",
)

TOO_INTRICATE = Rule(
    "EXN971",
    "picture-too-intricate",
    "An SVG picture would have more long arrows than anybody could follow.",
    why="An arrow makes a bend at every row that it passes. Hundreds of families in a row make no picture.",
    bad="exnet graph chain.exn --unfold --max-nodes 2000 -o chain.svg   # 999 levels above 1,000 leaves",
    good="exnet graph chain.exn -o chain.svg   # one box for the family",
)

RULES = (NO_RUN, NO_FIGURES, DAMAGED_METRICS, DAMAGED_RUN, TOO_MANY_TO_UNFOLD, CANNOT_WRITE_PICTURE, TOO_INTRICATE)
