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

RUN_IN_USE = Rule(
    "EXN755",
    "run-in-use",
    "Another process writes this run folder.",
    why="Two writers would mix their checkpoints. The operating system holds the lock, and drops it with its process.",
    bad="exnet train runs/tree --resume      # while the run still goes on elsewhere",
    good="exnet train tree.exn --data digits --out runs/second",
)

NOTHING_TO_RESUME = Rule(
    "EXN756",
    "nothing-to-resume",
    "There is no run in the folder that `--resume` should continue.",
    why="A run can be continued from its first checkpoint on, which is written before the first step.",
    bad="exnet train runs/tre --resume",
    good="exnet train runs/tree --resume",
)

RESUME_DIFFERS = Rule(
    "EXN757",
    "resume-differs",
    "A run cannot be continued with other options than it was begun with.",
    why="What comes out must be what the run would have been without the stop. Another number of epochs is another "
    "schedule from the first step on.",
    bad="exnet train runs/tree --resume --epochs 40      # begun with 20",
    good="exnet train runs/tree --resume",
)

DAMAGED_RUN = Rule(
    "EXN758",
    "damaged-run",
    "The files of a run do not belong together, or one of them is missing.",
    why="Parameters, the optimiser's state and the lines of metrics must be of the same step to go on from there.",
    bad="a run folder into which an older checkpoint was copied",
    good="a run folder as `exnet train` left it, even if it was killed",
)

RUN_FAILED = Rule(
    "EXN759",
    "run-failed",
    "The run ended with an error, and would do so again.",
    why="A run is a function of its options; going on from the last checkpoint meets the same infinity.",
    bad="exnet train runs/wild --resume      # after EXN640",
    good="exnet train wild.exn --data digits --lr 1e-3 --out runs/tame",
)

DATA_CHANGED = Rule(
    "EXN761",
    "data-changed",
    "The data of a run are not what they were when it was trained.",
    why="The test part is chosen from what is in the file; after a change it may hold rows that the net has learned.",
    bad="exnet eval runs/flowers      # after rows were added to flowers.csv",
    good="exnet eval runs/flowers --data csv:new_flowers.csv",
)

NO_SUCH_PART = Rule(
    "EXN760",
    "no-such-part",
    "Data that are made anew at every step have no training part to go through.",
    why="Only the test part of such data is a fixed list of instances.",
    bad="exnet eval runs/chain --part train      # learned from recall",
    good="exnet eval runs/chain --part test",
)

RULES = (
    NO_SUCH_PART,
    DATA_CHANGED,
    CANNOT_WRITE,
    CANNOT_READ,
    CORRUPT_CHECKPOINT,
    CHECKPOINT_DIFFERS,
    RUN_EXISTS,
    RUN_IN_USE,
    NOTHING_TO_RESUME,
    RESUME_DIFFERS,
    DAMAGED_RUN,
    RUN_FAILED,
)
