"""What the language room says about a text: codes 001 to 099, and the limits on texts."""

from exnet.source import Rule

UNEXPECTED = Rule(
    "EXN001",
    "unexpected-token",
    "Something stands where the grammar wants something else.",
    why="Each statement has one form; docs/language.md lists them. The message says what could stand here.",
    bad="exnet t\ninput x[4] real[2]\noutput y : class[2]\nroot tree(x)\n",
    good="exnet t\ninput x[4] : real[2]\noutput y : class[2]\nroot tree(x)\n",
)
NESTING = Rule(
    "EXN901",
    "nesting-too-deep",
    "Brackets or operators are nested deeper than 64.",
    why="Nobody reads such an expression, and a bound keeps every later stage fast.",
    bad="let a = ((((...))))",
    good="let inner = tree(x)\nlet a = tree(inner)",
)
LONG_NAME = Rule(
    "EXN902",
    "name-too-long",
    "A name has more than 256 characters.",
    why="Names end up in file names, tables and checkpoints.",
    bad="vertex hhhh...h = (a, b)",
    good="vertex h = (a, b)",
)
LONG_TEXT = Rule(
    "EXN904",
    "text-too-long",
    "A file has more than 250,000 words and signs.",
    why="A family says in one line what a list of single vertices says in thousands.",
    bad="vertex h0 = (x[0], x[1])\nvertex h1 = (x[2], x[3])\n# ... and so on",
    good="vertex h[i: 0..20000] = (x[2*i], x[2*i+1])",
)
NUMBER = Rule(
    "EXN903",
    "number-too-large",
    "A number is larger than the language can hold.",
    why="Integers are checked up to 2^62, so that indices can be computed in machine words without overflow.",
    bad="param n = 99999999999999999999",
    good="param n = 4096",
)
HEADER = Rule(
    "EXN002",
    "missing-header",
    "A file begins with `exnet` and a name.",
    why="The name is what reports, checkpoints and pictures call the network.",
    bad="input x[4] : real[2]\n",
    good="exnet small\ninput x[4] : real[2]\n",
)
MISPLACED = Rule(
    "EXN003",
    "misplaced-statement",
    "A statement stands in a scope where it has no meaning.",
    why="A block is closed: it holds `let`, `vertex` and one `yield`. Everything else speaks of the whole file.",
    bad="exnet t\nyield x\n",
    good="exnet t\nblock pair(a: vertex) {\n  vertex v = (a, a)\n  yield v\n}\n",
)
BRACE = Rule(
    "EXN004",
    "unbalanced-brace",
    "The `{` and `}` around a block do not match.",
    why="Braces enclose the body of a block and stand nowhere else.",
    bad="exnet t\nblock f(xs[n]) {\n  yield xs\nroot f(x)\n",
    good="exnet t\nblock f(xs[n]) {\n  yield xs\n}\n",
)
UNCLOSED = Rule(
    "EXN005",
    "unclosed-bracket",
    "A bracket is still open where its statement ends.",
    why="Each `(` and `[` is closed in the statement in which it was opened.",
    bad="exnet t\ninput x[4] : real[2]\noutput y : class[2]\nvertex h[i: 0..4 = (x[i])\nroot tree(h)\n",
    good="exnet t\ninput x[4] : real[2]\noutput y : class[2]\nvertex h[i: 0..4] = (x[i])\nroot tree(h)\n",
)
RESERVED = Rule(
    "EXN006",
    "reserved-word",
    "A word of the language is used as a name.",
    why="The words of the language are reserved everywhere, so that a misspelt clause is never taken for a name.",
    bad="exnet t\ninput x[4] : real[2]\noutput y : class[2]\nvertex net[i: 0..4] = (x[i])\nroot tree(net)\n",
    good="exnet t\ninput x[4] : real[2]\noutput y : class[2]\nvertex core[i: 0..4] = (x[i])\nroot tree(core)\n",
)
UNKNOWN_STATEMENT = Rule(
    "EXN007",
    "unknown-statement",
    "A line begins with a word that begins no statement.",
    why="Every statement begins with a reserved word; docs/language.md lists them.",
    bad="exnet t\ninput x[4] : real[2]\noutput y : class[2]\nvertx h[i: 0..4] = (x[i])\nroot tree(x)\n",
    good="exnet t\ninput x[4] : real[2]\noutput y : class[2]\nvertex h[i: 0..4] = (x[i])\nroot tree(h)\n",
)
SLASH = Rule(
    "EXN011",
    "true-division",
    "`/` is used for division.",
    why="Indices are integers. `//` divides and rounds down; there is no division with a fraction.",
    bad="exnet t\ninput x[4] : real[2]\noutput y : class[2]\nroot tree(x[0..4/2])\n",
    good="exnet t\ninput x[4] : real[2]\noutput y : class[2]\nroot tree(x[0..4//2])\n",
)
SINGLE_EQUALS = Rule(
    "EXN012",
    "single-equals",
    "`=` stands where a comparison is meant.",
    why="`=` defines a family or a constant. Conditions compare with `==`.",
    bad="exnet t\ninput x[4] : real[2]\noutput y : class[2]\nvertex h[i: 0..4 when i = 3] = (x[i])\nroot h[3]\n",
    good="exnet t\ninput x[4] : real[2]\noutput y : class[2]\nvertex h[i: 0..4 when i == 3] = (x[i])\nroot h[3]\n",
)
FOREIGN = Rule(
    "EXN013",
    "foreign-operator",
    "An operator of another language.",
    why="Conditions are combined with the words `and`, `or` and `not`. A choice is made by two equations.",
    bad="exnet t\ninput x[4] : real[2]\noutput y : class[2]\nvertex h[i: 0..4 when i > 0 && i < 3] = x\nroot h[1]\n",
    good="exnet t\ninput x[4] : real[2]\noutput y : class[2]\nvertex h[i: 0..4 when i > 0 and i < 3] = x\nroot h[1]\n",
)
STRING = Rule(
    "EXN014",
    "unclosed-string",
    "A text in quotes does not end on its line.",
    why="Texts are the paths of imports; they stand on one line, between two double quotes.",
    bad='exnet t\nimport "blocks.exn\ninput x[4] : real[2]\noutput y : class[2]\nroot tree(x)\n',
    good='exnet t\nimport "blocks.exn"\ninput x[4] : real[2]\noutput y : class[2]\nroot tree(x)\n',
)

# The YAML form.

_YAML = 'input: {x: {shape: [4], type: "real[2]"}}\noutput: {y: "class[3]"}\nroot: "tree(x)"\n'

UNKNOWN_KEY = Rule(
    "EXN430",
    "unknown-key",
    "A mapping has a key that the structure of a spec does not know.",
    why="A key that is silently ignored would change results without a word.",
    bad=f"exnet: t\nparams: {{d: 8}}\n{_YAML}",
    good=f"exnet: t\nparam: {{d: 8}}\n{_YAML}",
)
WRONG_VALUE = Rule(
    "EXN431",
    "wrong-value",
    "A value of a mapping has the wrong kind.",
    why="Heads, right sides, domains and keys are strings of the language; around them are mappings and lists.",
    bad=f"exnet: t\nnet: {{mix: {{mlp: [hidden, 64]}}}}\n{_YAML}",
    good=f"exnet: t\nnet: {{mix: {{mlp: {{hidden: [64]}}}}}}\n{_YAML}",
)
MISSING_KEY = Rule(
    "EXN432",
    "missing-key",
    "A mapping lacks a key that it must have.",
    why="A spec has a name, and every equation a head and a right side.",
    bad=f'exnet: t\nequations:\n  - {{vertex: "h[i: 0..3]"}}\n{_YAML}',
    good=f'exnet: t\nequations:\n  - {{vertex: "h[i: 0..3]", is: "(x[i], x[i+1])"}}\n{_YAML}',
)
YAML_SYNTAX = Rule(
    "EXN450",
    "yaml-syntax",
    "A text in the YAML form is no YAML.",
    why="The frame of the YAML form is YAML 1.2; a bracket, a quote or the indentation is wrong.",
    bad=f"exnet: t\nnet: {{mix: {{mlp: {{hidden: [64}}}}\n{_YAML}",
    good=f"exnet: t\nnet: {{mix: {{mlp: {{hidden: [64]}}}}}}\n{_YAML}",
)
DUPLICATE_KEY = Rule(
    "EXN451",
    "duplicate-key",
    "A mapping has one key twice.",
    why="Most readers of YAML keep the last of the two without a word, so that order would decide what a spec means.",
    bad=f"exnet: t\nparam: {{d: 8}}\nparam: {{n: 4}}\n{_YAML}",
    good=f"exnet: t\nparam: {{d: 8, n: 4}}\n{_YAML}",
)
GOES_ON = Rule(
    "EXN452",
    "text-goes-on",
    "A string holds more than what its key stands for.",
    why="Each part of a statement has a key of its own, so that a string can never change what stands around it.",
    bad=f'exnet: t\nequations:\n  - {{vertex: "v", is: "(x) share all"}}\n{_YAML}',
    good=f'exnet: t\nequations:\n  - {{vertex: "v", is: "(x)", share: all}}\n{_YAML}',
)
ESCAPED = Rule(
    "EXN453",
    "escaped-text",
    "A string of the language has an escape, more than one line, or a comment in it.",
    why="Such strings are read where they stand, so that every message can point into them.",
    bad=f"exnet: t\nequations:\n  - vertex: v\n    is: |\n      (x)\n{_YAML}",
    good=f'exnet: t\nequations:\n  - vertex: v\n    is: "(x)"\n{_YAML}',
)
ANCHOR = Rule(
    "EXN454",
    "anchor-or-alias",
    "The text uses an anchor or an alias of YAML.",
    why="A few aliases of aliases stand for more than a machine can hold. In specs names do that job: `param`, `net`.",
    bad=f"exnet: t\nnet: {{a: &a mlp, b: *a}}\n{_YAML}",
    good=f"exnet: t\nnet: {{a: mlp, b: mlp}}\n{_YAML}",
)
TAG = Rule(
    "EXN455",
    "yaml-tag",
    "The text uses a tag of YAML.",
    why="What a value is follows from its key. Tags can make some readers of YAML run code; here none has a meaning.",
    bad=f"exnet: !!str t\n{_YAML}",
    good=f"exnet: t\n{_YAML}",
)
SEVERAL_DOCUMENTS = Rule(
    "EXN456",
    "several-documents",
    "A YAML text holds more than one document.",
    why="A file is one spec.",
    bad=f"exnet: t\n{_YAML}---\nexnet: u\n",
    good=f"exnet: t\n{_YAML}",
)
MERGE_KEY = Rule(
    "EXN457",
    "merge-key",
    "The text uses the merge key `<<`.",
    why="YAML 1.2 has no merge keys, and readers disagree about them.",
    bad=f"exnet: t\nparam: {{<<: {{d: 8}}, n: 4}}\n{_YAML}",
    good=f"exnet: t\nparam: {{d: 8, n: 4}}\n{_YAML}",
)
UNQUOTED = Rule(
    "EXN458",
    "unquoted-text",
    "A string of the language stands without quotes, and YAML reads its signs as its own.",
    why="`: ` makes a key, and inside `{..}` commas and brackets begin something else. In quotes every string is safe.",
    bad=f"exnet: t\nequations:\n  - vertex: v[i: 0..4]\n    is: (x[i])\n{_YAML}",
    good=f'exnet: t\nequations:\n  - vertex: "v[i: 0..4]"\n    is: "(x[i])"\n{_YAML}',
)
NOT_CONVERTIBLE = Rule(
    "EXN459",
    "not-convertible",
    "A statement has no place in the YAML form.",
    why="In YAML a key stands once. What the language gives twice, or without a name, is a mistake there too.",
    bad="exnet convert t.exn   # the file says `mode` twice",
    good="exnet convert t.exn   # the file says `mode` once",
)
CHARACTER = Rule(
    "EXN460",
    "yaml-character",
    "A character that YAML does not allow, not even in comments.",
    why="Control characters hide text, and some others end a line for one reader and not for the next.",
    bad="a NUL, a form feed, or the line separator U+2028",
    good="the same text without it",
)
OTHER_FORM = Rule(
    "EXN461",
    "other-form",
    "A file is in the other form than its name says.",
    why="A name that ends in `.yaml` or `.yml` is YAML, any other is `.exn`: no editor has to guess.",
    bad="exnet lint net.exn        # which begins with `exnet: net`",
    good="mv net.exn net.exn.yaml",
)
