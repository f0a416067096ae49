"""What can be said about data: names, options, files, and how arrays fit a spec."""

from exnet.source import Rule

UNKNOWN_DATA = Rule(
    "EXN600",
    "unknown-data",
    "`--data` names a data set that does not exist.",
    why="Data sets are found by name, so that a run can be repeated from its record alone.",
    bad="exnet train tree.exn --data digit",
    good="exnet train tree.exn --data digits",
)

BAD_DATA_OPTION = Rule(
    "EXN601",
    "bad-data-option",
    "A data set has no such option, or the value cannot be read.",
    why="An option that is silently ignored would make the figures of a run mean something else.",
    bad="exnet train chain.exn --data 'recall(lenght: 64)'",
    good="exnet train chain.exn --data 'recall(length: 64)'",
)

MISSING_DATA = Rule(
    "EXN602",
    "missing-data",
    "A file, folder or library of a data set is not there.",
    why="Nothing is ever downloaded: files are read where you say they are.",
    bad="exnet train tree.exn --data mnist:no/such/folder",
    good="exnet train tree.exn --data mnist:data/mnist",
)

CORRUPT_DATA = Rule(
    "EXN603",
    "corrupt-data",
    "A data file is not what its header says.",
    why="A truncated or damaged file would train on noise; it is refused whole.",
    bad="a file `train-images-idx3-ubyte` of half its size",
    good="the same file, complete",
)

INPUT_DOES_NOT_FIT = Rule(
    "EXN604",
    "input-does-not-fit",
    "The arrays of the data cannot be laid onto the leaves of the spec.",
    why="`real[w]` on n leaves takes n*w numbers, `patch[p, q]` on a x b leaves an image of a*p x b*q, "
    "`index[V]` on n leaves n integers. Nothing is padded or cut silently.",
    bad="input x[16] : real[5]      # digits are 64 numbers",
    good="input x[16] : real[4]",
)

TARGET_DOES_NOT_FIT = Rule(
    "EXN605",
    "target-does-not-fit",
    "The targets of the data are not values of the output's type.",
    why="`class[K]` takes integers in 0..K, `real[..]` as many numbers as its size, `labels[K]` K zeros or ones.",
    bad="output y : class[4]        # digits have ten classes",
    good="output y : class[10]",
)

RULES = (UNKNOWN_DATA, BAD_DATA_OPTION, MISSING_DATA, CORRUPT_DATA, INPUT_DOES_NOT_FIT, TARGET_DOES_NOT_FIT)
