"""What can be wrong with a text before its first word is read."""

from exnet.source.rule import Rule

UNREADABLE = Rule(
    "EXN090",
    "unreadable-file",
    "A file or folder does not exist or cannot be read.",
    why="The path may be misspelt, or the file belongs to somebody else. `exnet` exits with 2.",
    bad="exnet lint spec/attention.exn   # the folder is called specs",
    good="exnet lint specs/attention.exn",
)
NOT_UTF8 = Rule(
    "EXN091",
    "not-utf-8",
    "A file is not UTF-8 text.",
    why="Specs are UTF-8, so that they read the same everywhere. Other encodings are not guessed.",
    bad="a file saved as UTF-16 or Latin-1, or no text at all",
    good="the same file saved as UTF-8",
)
TOO_LARGE = Rule(
    "EXN910",
    "file-too-large",
    "A file is larger than 4 MiB.",
    why="Families say in one line what a list says in thousands, so no spec needs that much.",
    bad="vertex h0 = (x[0], x[1])\nvertex h1 = (x[2], x[3])\n# ... and so on, 100,000 times",
    good="vertex h[i: 0..100000] = (x[2*i], x[2*i+1])",
)
