"""What can be said about several processes. Free of torch."""

from exnet.source import Rule

NO_RANKS = Rule(
    "EXN663",
    "no-ranks",
    "`--parallel` is asked for, and there is one process.",
    why="The processes of a run are started by torchrun, which tells each of them its rank and how many there are.",
    bad="exnet train specs/attention.exn --data digits --parallel data",
    good="torchrun --nproc-per-node 2 -m exnet train specs/attention.exn --data digits --parallel data",
)

RANK_LOST = Rule(
    "EXN664",
    "rank-lost",
    "Another process of the run has ended, or does not answer.",
    why="No process can go on without the others. What the other one said, if it said anything, is in the message; "
    "`EXNET_RANK_SECONDS` sets how long an answer may take (1800).",
    bad="torchrun --nproc-per-node 2 -m exnet train ..      # one of the two is killed",
    good="torchrun --nproc-per-node 2 -m exnet train RUN --resume",
)

RANKS_DIFFER = Rule(
    "EXN665",
    "ranks-differ",
    "The processes of a run do not agree.",
    why="All must be started with the same command and see the same files, and data-parallel ones must hold the same "
    "parameters, bit for bit, after every epoch.",
    bad="two machines with different versions of torch or of the data",
    good="the same versions and the same files on every machine",
)

RULES = (NO_RANKS, RANK_LOST, RANKS_DIFFER)
