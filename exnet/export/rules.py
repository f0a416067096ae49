"""What can be said about checkpoints and run folders. Codes from EXN750; those of plans stand in `exnet.plan`."""

from exnet.source import Rule

CANNOT_WRITE = Rule(
    "EXN750",
    "cannot-write",
    "A file of a run cannot be written.",
    why="What was there before is untouched: a file appears whole or not at all.",
    bad="exnet train tree.exn --data digits --out /proc/run",
    good="exnet train tree.exn --data digits --out runs/tree",
)

CANNOT_READ = Rule(
    "EXN751",
    "cannot-read",
    "A stored net is not there or cannot be opened.",
    why="A path is relative to the folder in which exnet runs; a run folder holds its checkpoint.",
    bad="exnet eval runs/tre --data digits",
    good="exnet eval runs/tree --data digits",
)

CORRUPT_CHECKPOINT = Rule(
    "EXN752",
    "corrupt-checkpoint",
    "A checkpoint is damaged, or is no checkpoint of exnet.",
    why="A checkpoint is a safetensors file with a digest of all it holds. Nothing else is read, pickle least of all.",
    bad="a checkpoint cut short by a full disk",
    good="the checkpoint of the last save",
)

CHECKPOINT_DIFFERS = Rule(
    "EXN753",
    "checkpoint-differs",
    "A checkpoint belongs to another net.",
    why="Parameters are rows of stacks; with another plan they would end up in other vertices.",
    bad="the checkpoint of a run beside the spec of another",
    good="a run folder as `exnet train` wrote it",
)

RUN_EXISTS = Rule(
    "EXN754",
    "run-exists",
    "The folder of a new run is not empty.",
    why="A run never replaces another one by accident.",
    bad="exnet train tree.exn --data digits --out runs/tree      # for the second time",
    good="exnet train tree.exn --data digits --out runs/tree --overwrite",
)

RULES = (CANNOT_WRITE, CANNOT_READ, CORRUPT_CHECKPOINT, CHECKPOINT_DIFFERS, RUN_EXISTS)
