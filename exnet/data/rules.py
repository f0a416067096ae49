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

BAD_TABLE = Rule(
    "EXN606",
    "bad-table",
    "A table cannot be read: its encoding, its rows, or the names of its columns are at fault.",
    why="A row that is one cell short shifts every value after the gap. Nothing is repaired silently.",
    bad="a row of 4 cells in a table of 5 columns",
    good='every row with as many cells as the header; `delimiter: ";"` if the cells are separated by semicolons',
)

MISSING_VALUE = Rule(
    "EXN607",
    "missing-value",
    "A cell of a table is empty, or says that its value is not known.",
    why="To leave the row out or to let the mean of its column stand in changes the figures; exnet does not choose.",
    bad="exnet train net.exn --data 'csv:table.csv,target=y'                   # a cell is `NA`",
    good="exnet train net.exn --data 'csv:table.csv,target=y,missing=drop'",
)

UNKNOWN_COLUMN = Rule(
    "EXN608",
    "unknown-column",
    "An option names a column or an array that is not there.",
    why="Columns and arrays are found by name, so that their order does not matter.",
    bad="exnet train net.exn --data 'csv:iris.csv,target=spieces'",
    good="exnet train net.exn --data 'csv:iris.csv,target=species'",
)

BAD_TARGET = Rule(
    "EXN609",
    "bad-target",
    "No column or array is named as the target, or it holds nothing that can be learned.",
    why="A target of one class only, or of as many classes as rows, is nearly always the wrong column.",
    bad="exnet train net.exn --data csv:iris.csv",
    good="exnet train net.exn --data 'csv:iris.csv,target=species'",
)

BAD_ARRAYS = Rule(
    "EXN650",
    "bad-arrays",
    "Arrays cannot be a data set: their lengths differ, or they hold something other than finite numbers and words.",
    why="Row i of every array belongs to instance i. Arrays of objects could run code while they are read.",
    bad="np.savez('data.npz', x=np.zeros((10, 4)), y=np.zeros(9))",
    good="np.savez('data.npz', x=np.zeros((10, 4)), y=np.zeros(10))",
)

BAD_SPLIT = Rule(
    "EXN651",
    "bad-split",
    "A share of the instances cannot be held back.",
    why="Both sides of a split need instances, or there is nothing to train or nothing to look at.",
    bad="exnet train net.exn --data 'csv:table.csv,target=y,test=1.5'",
    good="exnet train net.exn --data 'csv:table.csv,target=y,test=0.2'",
)

BAD_VALUE = Rule(
    "EXN652",
    "bad-data-value",
    "A Python value cannot be turned into a data set.",
    why="A data set is a pair of inputs and targets, a mapping of arrays, or something that yields pairs.",
    bad="exnet.data.of([1, 2, 3])",
    good='exnet.data.of({"x": images, "y": classes})',
)

UNKNOWN_WORD = Rule(
    "EXN653",
    "unknown-word",
    "A table holds a word or a class that the training data did not.",
    why="A word is a number from the vocabulary of the training data; a net has learned nothing about any other.",
    bad="exnet predict runs/net csv:new.csv       # `purple`, where the net knows `green` and `red`",
    good="the same table without that row",
)

MIXED_COLUMN = Rule(
    "EXN654",
    "mixed-column",
    "A column is neither numbers nor words of a vocabulary.",
    why="One misspelt number would turn a whole column into words, and an identifier would become a vocabulary as long "
    "as the table.",
    bad="a column of numbers in which one cell is `12,5`",
    good="`12.5`, or `words: [name]` if the column is to be read as words",
)

BAD_AUGMENT = Rule(
    "EXN655",
    "bad-augment",
    "Training instances cannot be shifted or flipped.",
    why="Only images have neighbours to shift to; a shift of a whole side leaves nothing.",
    bad="exnet train net.exn --data 'digits(shift: 9)'     # of 8 x 8 pixels",
    good="exnet train net.exn --data 'digits(shift: 1)'",
)

RULES = (
    UNKNOWN_DATA,
    BAD_DATA_OPTION,
    MISSING_DATA,
    CORRUPT_DATA,
    INPUT_DOES_NOT_FIT,
    TARGET_DOES_NOT_FIT,
    BAD_TABLE,
    MISSING_VALUE,
    UNKNOWN_COLUMN,
    BAD_TARGET,
    BAD_ARRAYS,
    BAD_SPLIT,
    BAD_VALUE,
    UNKNOWN_WORD,
    MIXED_COLUMN,
    BAD_AUGMENT,
)
