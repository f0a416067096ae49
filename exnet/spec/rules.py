"""What `exnet.spec` can say: names of declarations (EXN14x to EXN16x), declarations and options (EXN4xx), limits."""

from exnet.source import Rule

_TAIL = "input  x[4] : real[2]\noutput y : class[3]\nroot tree(x)\n"

DUPLICATE_NAME = Rule(
    "EXN140",
    "duplicate-name",
    "One name is given to two things of the file.",
    "In one scope a name means one thing; otherwise moving a line could change what another one says.",
    f"exnet t\nparam  d = 32\nnet    d = mlp\n{_TAIL}",
    f"exnet t\nparam  d = 32\nnet    mix = mlp\n{_TAIL}",
)
MISSING_ROOT = Rule(
    "EXN141",
    "missing-root",
    "The file has no `root`.",
    "The root is where a net predicts; the graph is what the root can reach.",
    "exnet t\ninput  x[4] : real[2]\noutput y : class[3]\n",
    f"exnet t\n{_TAIL}",
)
REPEATED_STATEMENT = Rule(
    "EXN142",
    "repeated-statement",
    "A statement that may occur once occurs twice.",
    "There is one root, one mode, one learning rule and one default; the order of statements never decides.",
    f"exnet t\n{_TAIL}mode stochastic\nmode deterministic\n",
    f"exnet t\n{_TAIL}mode deterministic\n",
)
MISSING_INPUT = Rule(
    "EXN143",
    "missing-input",
    "The file has no `input`.",
    "Leaves come from inputs; without one there is nothing to extract from.",
    "exnet t\noutput y : class[3]\nroot tree(x)\n",
    f"exnet t\n{_TAIL}",
)
MISSING_OUTPUT = Rule(
    "EXN144",
    "missing-output",
    "The file has no `output`.",
    "Every trainer predicts the outputs; without one there is no local loss.",
    "exnet t\ninput  x[4] : real[2]\nroot tree(x)\n",
    f"exnet t\n{_TAIL}",
)
UNKNOWN_PARAMETER = Rule(
    "EXN145",
    "unknown-parameter",
    "A value is set from outside for a name that is no `param`.",
    "Only what a file offers as `param` can be set; a `const` says that the file holds for this value alone.",
    "exnet info t.exn --set layer=3   # the file says `param layers = 2`",
    "exnet info t.exn --set layers=3",
)
UNKNOWN_CONSTANT = Rule(
    "EXN146",
    "unknown-constant",
    "A declaration uses a name that is no `const` or `param`.",
    "Declarations are computed before the graph exists, so they see nothing but constants.",
    f"exnet t\nparam  d = 32\nspace  primary = dd\n{_TAIL}",
    f"exnet t\nparam  d = 32\nspace  primary = d\n{_TAIL}",
)
CONSTANT_CYCLE = Rule(
    "EXN147",
    "constant-cycle",
    "Constants are defined through one another.",
    "None of them would ever have a value.",
    f"exnet t\nconst  a = b + 1, b = a - 1\n{_TAIL}",
    f"exnet t\nconst  a = 2, b = a - 1\n{_TAIL}",
)
CONST_USES_PARAM = Rule(
    "EXN148",
    "const-uses-param",
    "A `const` is computed from a `param`.",
    "A param can be set from outside, so what is computed from it is not constant.",
    f"exnet t\nparam  d = 32\nconst  w = 2 * d\n{_TAIL}",
    f"exnet t\nparam  d = 32, w = 2 * d\n{_TAIL}",
)
ARITHMETIC = Rule(
    "EXN149",
    "constant-arithmetic",
    "An integer expression of a declaration has no value.",
    "Integers are exact, so a division by zero, a negative shift or a number beyond 2^62 is a mistake, never a guess.",
    f"exnet t\nconst  a = 7 // 0\n{_TAIL}",
    f"exnet t\nconst  a = 7 // 2\n{_TAIL}",
)
NOT_CONSTANT = Rule(
    "EXN150",
    "not-a-constant",
    "Something that is no integer or boolean stands where a constant is computed.",
    "Constants are integers or booleans, so that the size of a graph is known before it is built.",
    f"exnet t\nparam  d = 3.5\n{_TAIL}",
    f"exnet t\nparam  d = 3\n{_TAIL}",
)
UNKNOWN_EDITION = Rule(
    "EXN151",
    "unknown-edition",
    "The file is written in an edition of the language that this exnet does not know.",
    "An edition fixes what a file means; guessing would build another net.",
    f"exnet t edition 7\n{_TAIL}",
    f"exnet t edition 1\n{_TAIL}",
)
WRONG_PARAMETER = Rule(
    "EXN152",
    "wrong-parameter-value",
    "A param is set from outside to a value of another kind.",
    "A param is an integer or a boolean, as its value in the file says; the file was written for that kind.",
    "exnet info t.exn --set layers=true   # the file says `param layers = 2`",
    "exnet info t.exn --set layers=3",
)
IMPORT_NOT_FOUND = Rule(
    "EXN155",
    "import-not-found",
    "An imported file cannot be read.",
    "The path of an import is relative to the folder of the file that imports.",
    f'exnet t\nimport "nowhere.exn"\n{_TAIL}',
    f"exnet t\n{_TAIL}",
)
IMPORT_OUTSIDE = Rule(
    "EXN156",
    "import-outside-project",
    "An import leaves the folder of the project.",
    "A spec from elsewhere must not read files of its reader's machine.",
    f'exnet t\nimport "/etc/hosts.exn"\n{_TAIL}',
    f"exnet t\n{_TAIL}",
)
IMPORT_CYCLE = Rule(
    "EXN157",
    "import-cycle",
    "Files import one another in a circle.",
    "A block sees the blocks of its own file and of what that imports; a circle has no order in which to read them.",
    'import "b.exn"   # in a.exn, while b.exn says `import "a.exn"`',
    'import "common.exn"   # in both',
)
IMPORT_CONFLICT = Rule(
    "EXN158",
    "import-conflict",
    "Two imports bring a block of the same name.",
    "Which one is meant would depend on the order of the imports.",
    'import "a.exn"\nimport "b.exn"   # both files have a block `pair`',
    'import "a.exn"\nimport "b.exn"   # `pair` of b.exn is now called `pair_of_rows`',
)

UNKNOWN_OPTION = Rule(
    "EXN401",
    "unknown-option",
    "An option that this kind does not have.",
    "An option that is silently ignored would change results without a word.",
    f"exnet t\nnet    mix = mlp(hiden: [64])\n{_TAIL}",
    f"exnet t\nnet    mix = mlp(hidden: [64])\n{_TAIL}",
)
WRONG_OPTION = Rule(
    "EXN402",
    "wrong-option-value",
    "An option has a value of the wrong kind.",
    "Every option says what it wants: a number, a word, a list or a call with options of its own.",
    f"exnet t\nnet    mix = mlp(hidden: 64)\n{_TAIL}",
    f"exnet t\nnet    mix = mlp(hidden: [64])\n{_TAIL}",
)
OUT_OF_RANGE = Rule(
    "EXN403",
    "option-out-of-range",
    "An option has a value outside its range, or two options contradict one another.",
    "Outside the range the network, optimiser or tokeniser is not defined.",
    f"exnet t\nnet    mix = mlp(dropout: 1.5)\n{_TAIL}",
    f"exnet t\nnet    mix = mlp(dropout: 0.5)\n{_TAIL}",
)
UNKNOWN_KIND = Rule(
    "EXN404",
    "unknown-kind",
    "A network, tokeniser, mode, learning rule, optimiser, schedule or type that does not exist.",
    "Kinds are found by name among those that come with exnet and those of installed packages.",
    f"exnet t\nnet    mix = mpl(hidden: [64])\n{_TAIL}",
    f"exnet t\nnet    mix = mlp(hidden: [64])\n{_TAIL}",
)
POSITIONAL_OPTION = Rule(
    "EXN405",
    "positional-option",
    "An option is given without its name.",
    "Options have names and no order, so that a spec can be read without a manual.",
    f"exnet t\nnet    mix = mlp([64])\n{_TAIL}",
    f"exnet t\nnet    mix = mlp(hidden: [64])\n{_TAIL}",
)
DUPLICATE_OPTION = Rule(
    "EXN406",
    "duplicate-option",
    "An option, component or space is given twice.",
    "Which value counts would depend on the order.",
    f"exnet t\nnet    mix = mlp(norm: layer, norm: rms)\n{_TAIL}",
    f"exnet t\nnet    mix = mlp(norm: layer)\n{_TAIL}",
)
WRONG_TYPE = Rule(
    "EXN407",
    "wrong-type",
    "The type of an input or output has the wrong sizes.",
    "`index[V]`, `class[K]` and `labels[K]` have one size, `patch[p, q]` two or four, `real[..]` any number.",
    "exnet t\ninput  x[4] : real[2]\noutput y : class\nroot tree(x)\n",
    "exnet t\ninput  x[4] : real[2]\noutput y : class[3]\nroot tree(x)\n",
)
WRONG_SIZE = Rule(
    "EXN408",
    "wrong-size",
    "A size is not a positive integer, or beyond what a machine can address.",
    "Sizes count leaves, classes or numbers.",
    "exnet t\ninput  x[0] : real[2]\noutput y : class[3]\nroot tree(x)\n",
    "exnet t\ninput  x[4] : real[2]\noutput y : class[3]\nroot tree(x)\n",
)
UNKNOWN_COMPONENT = Rule(
    "EXN409",
    "unknown-component",
    "A component or space that does not exist.",
    "A vertex has a primary propagator, complementary propagators and a trainer; spaces are primary and complementary.",
    f"exnet t\nspace  primry = 32\n{_TAIL}",
    f"exnet t\nspace  primary = 32\n{_TAIL}",
)
NETWORK_MISFIT = Rule(
    "EXN410",
    "network-misfit",
    "A network cannot have the widths of the component that it is given to.",
    "A network that carries its first operand needs a result of the same width.",
    f"exnet t\ndefault vertex (trainer: gated)\n{_TAIL}",
    f"exnet t\ndefault vertex (primary: gated)\n{_TAIL}",
)
TOKENISER_MISFIT = Rule(
    "EXN411",
    "tokeniser-misfit",
    "A tokeniser cannot read the type of its input.",
    "An index is looked up in a table (`embedding`); numbers are projected (`orthogonal`, `linear`) or copied.",
    f"exnet t\n{_TAIL}tokenise x with embedding\n",
    f"exnet t\n{_TAIL}tokenise x with linear\n",
)
UNKNOWN_PORT = Rule(
    "EXN412",
    "unknown-input-or-output",
    "A declaration speaks of an input or output that the file does not have.",
    "Tokenisers belong to inputs, weights to outputs.",
    f"exnet t\n{_TAIL}tokenise z with linear\n",
    f"exnet t\n{_TAIL}tokenise x with linear\n",
)
PATCHES_LEAVE_GAPS = Rule(
    "EXN490",
    "patches-leave-gaps",
    "Patches lie further apart than they are wide.",
    "`patch[p, q, s, t]` is p x q pixels every s rows and t columns. Pixels between the patches would never be read.",
    "exnet t\ninput  x[4, 4] : patch[2, 2, 3, 2]\noutput y : class[3]\nroot quadtree(x)\n",
    "exnet t\ninput  x[4, 4] : patch[3, 3, 2, 2]\noutput y : class[3]\nroot quadtree(x)\n",
)
LEARNED_SUM = Rule(
    "EXN491",
    "learned-in-a-sum",
    "A fixed tokeniser is added to a learned one.",
    "`learned` makes a vertex above the raw values of each leaf. A second projection of the same values would add "
    "nothing that its network cannot do itself; the position is not among the values, so `position` may be added.",
    f"exnet t\n{_TAIL}tokenise x with learned + linear\n",
    f"exnet t\n{_TAIL}tokenise x with learned + position\n",
)
LEARNED_TABLE = Rule(
    "EXN492",
    "learned-table-too-large",
    "An index with too many values for a learned tokeniser.",
    "A learned tokeniser reads an `index[V]` as V numbers, all zero but one, so that each of its leaves costs as much "
    "as V numbers. Above a few thousand, a fixed table with a vertex above it does the same for less.",
    "exnet t\ninput  x[4] : index[50_000]\noutput y : class[3]\nroot tree(x)\ntokenise x with learned\n",
    "exnet t\ninput  x[4] : index[50_000]\noutput y : class[3]\ntokenise x with embedding + position\n"
    "vertex t[i: 0..4] = (x[i])  share all\nroot tree(t)\n",
)
WRONG_PYTHON_VALUE = Rule(
    "EXN470",
    "wrong-python-value",
    "A statement of `exnet.Builder` is given a Python value that the language cannot write, or a function of exnet one "
    "that it cannot read.",
    "The builder writes specs: texts of the language, numbers, truth values, lists, and calls with options. "
    "`exnet.build` and its like read paths, texts, mappings, builders and specs.",
    'b.input("x", 16, type=None)',
    'b.input("x", 16, type="real[4]")',
)
NOT_ONE_PIECE = Rule(
    "EXN471",
    "not-one-piece",
    "A text that is given to `exnet.Builder` is not the one piece of the language that belongs there.",
    "Every argument is one name, one expression, one type or one clause, so that a text can never bring in a statement "
    "that its line does not show.",
    'b.let("h", "x[0] root x[1]")',
    'b.let("h", "x[0]")',
)
LOSS_MISFIT = Rule(
    "EXN472",
    "loss-misfit",
    "A loss cannot judge the output that it is given to.",
    "Classes are judged by `cross_entropy`, labels by `binary`, numbers by `squared`, `absolute` or `huber`; there are "
    "as many weights as classes or labels.",
    f"exnet t\n{_TAIL}learn xprop(losses: outputs(y: squared))\n",
    f"exnet t\n{_TAIL}learn xprop(losses: outputs(y: cross_entropy(smoothing: 0.1)))\n",
)
BROKEN_PLUGIN = Rule(
    "EXN473",
    "broken-plugin",
    "A spec names something that an installed package offers and that cannot be used.",
    "The package may need another one, may be made for another version, or does not declare what it must. "
    "`exnet plugins` lists everything that is installed, and what is wrong with it.",
    "net mix = spline   # of a package whose module cannot be imported",
    "net mix = mlp      # or install what the package needs",
)
MISSING_IMPLEMENTATION = Rule(
    "EXN474",
    "missing-implementation",
    "Something is declared by an installed package, but no package computes it.",
    "A declaration is enough to lint and to plan; to run a net, the function that computes it must be installed too.",
    '[project.entry-points."exnet.networks"]\nspline = "exnet_splines.declared:Spline"',
    '[project.entry-points."exnet.networks"]\nspline = "exnet_splines.declared:Spline"\n\n'
    '[project.entry-points."exnet.nets"]\nspline = "exnet_splines.computed:apply"',
)
FAILED_PLUGIN = Rule(
    "EXN475",
    "failed-plugin",
    "The code of an installed package fails, or gives something else than it must.",
    "It is the package that is at fault, not the spec; docs/extending.md says what each function receives and returns.",
    "def apply(network, weights, operands, mask=None):\n    return operands[0].sum(-1)   # one dimension is lost",
    "def apply(network, weights, operands, mask=None):\n    return operands[0] @ weights['w0']",
)
NO_REFERENCE = Rule(
    "EXN476",
    "no-reference",
    "A net cannot be verified because the reference interpreter does not know one of its networks or losses.",
    "The interpreter writes every network out plainly, apart from the compiled one. What a package adds it cannot know "
    "unless the package offers a plain version too.",
    "exnet compile t.exn --verify   # the spec says `net mix = spline`",
    '[project.entry-points."exnet.reference"]\nspline = "exnet_splines.plain:spline"',
)
MISSING_TORCH = Rule(
    "EXN690",
    "missing-torch",
    "A net is to be built or loaded where torch and torch_geometric are not installed.",
    "The front end (lint, fmt, info, graph, compile) does without them; running a net does not.",
    "pip install exnet",
    "pip install 'exnet[torch]'",
)
TOO_MANY_IMPORTS = Rule(
    "EXN950",
    "too-many-imports",
    "Imports are nested too deeply, or too many.",
    "The limits (32 deep, 64 files) keep a spec from elsewhere from occupying its reader's machine.",
    'import "part_1.exn"\nimport "part_2.exn"   # ... and so on to part_65.exn',
    'import "parts.exn"   # one file with the blocks of all',
)

TOO_MANY_LEAVES = Rule(
    "EXN951",
    "too-many-leaves",
    "An input has more leaves than a net can have.",
    "The limit, 20 million, is that of vertices; it is checked before anything is made.",
    "exnet t\ninput  x[10**9] : real[2]\noutput y : class[3]\nroot tree(x)\n",
    "exnet t\ninput  x[10**6] : real[2]\noutput y : class[3]\nroot tree(x)\n",
)

RULES: tuple[Rule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""All of them, in the order of their codes."""
