"""What `exnet.plan` can say: widths (EXN48x), turns (EXN62x), ranks (EXN66x), stored plans (EXN70x) and limits
(EXN96x).
"""

from exnet.source import Rule

NETWORK_SHAPE = Rule(
    "EXN480",
    "network-shape",
    "A network cannot read and write the widths that its component needs.",
    "A primary propagator maps k primary extractions to one, a complementary one an extraction and k - 1 siblings to a "
    "complementary extraction, a trainer both extractions to the outputs. What a declaration shows is said there; this "
    "is about networks of imported blocks, and networks that ask for a certain number of children.",
    bad="net one = linear   # given to a component whose operands it cannot read",
    good="net one = mlp      # reads operands of any number and width",
)
UNKNOWN_GROUP = Rule(
    "EXN622",
    "unknown-group",
    "The list of Xprop* names a level, class or vertex that the net does not have.",
    "Groups learn in the order of the list; a name that means none of them would be passed over in silence.",
    bad="exnet t\ninput  x[4] : real[2]\noutput y : class[3]\nroot tree(x)\n"
    "learn  xprop_star(order: listed, list: [1, 2, 3])\n",
    good="exnet t\ninput  x[4] : real[2]\noutput y : class[3]\nroot tree(x)\n"
    "learn  xprop_star(order: listed, list: [1, 2])\n",
)
MISSING_GROUP = Rule(
    "EXN623",
    "missing-group",
    "The list of Xprop* leaves out a level, class or vertex of the net.",
    "Only listed groups have turns, so the others would stay as they started.",
    bad="exnet t\ninput  x[4] : real[2]\noutput y : class[3]\nroot tree(x)\n"
    "learn  xprop_star(order: listed, list: [2])\n",
    good="exnet t\ninput  x[4] : real[2]\noutput y : class[3]\nroot tree(x)\n"
    "learn  xprop_star(order: listed, list: [2, 1, 2])\n",
)
TOO_MANY_RANKS = Rule(
    "EXN660",
    "too-many-ranks",
    "A graph cannot be cut into so many parts.",
    "Every rank of a vertex-parallel run owns at least one vertex, and does a like share of the work.",
    bad="torchrun --nproc-per-node 8 -m exnet train small.exn --data digits --parallel vertex   # 3 vertices",
    good="torchrun --nproc-per-node 2 -m exnet train small.exn --data digits --parallel vertex",
)
PARTED_CLASS = Rule(
    "EXN661",
    "parted-class",
    "A component that several vertices share would be trained on several ranks.",
    "Vertex-parallel training exchanges extractions and no gradients, so all call sites of a component must belong to "
    "one rank. Shared nets have few parameters: exchanging their gradients costs little.",
    bad="torchrun --nproc-per-node 2 -m exnet train specs/attention.exn --data digits --parallel vertex",
    good="torchrun --nproc-per-node 2 -m exnet train specs/attention.exn --data digits --parallel data",
)
NOT_BY_VERTICES = Rule(
    "EXN662",
    "not-by-vertices",
    "A learning rule cannot be trained vertex-parallel.",
    "Backprop sends gradients through the whole graph, and under Xprop* one group of vertices learns at a time, which "
    "may belong to one rank. Both run data-parallel.",
    bad="torchrun --nproc-per-node 2 -m exnet train specs/tree_unshared.exn --data digits --rule backprop "
    "--parallel vertex",
    good="torchrun --nproc-per-node 2 -m exnet train specs/tree_unshared.exn --data digits --rule backprop "
    "--parallel data",
)
MISSING_PLAN = Rule(
    "EXN701",
    "missing-plan",
    "A folder does not hold a compiled net.",
    "A compiled net is a folder of three files: spec.exn, plan.json and plan.safetensors.",
    bad="exnet.load('specs')",
    good="exnet compile specs/tree.exn -o tree.net, then exnet.load('tree.net')",
)
DAMAGED_PLAN = Rule(
    "EXN702",
    "damaged-plan",
    "A file of a compiled net is truncated, changed or not what it claims to be.",
    "Every byte is covered by a hash, so a damaged plan is refused and never run.",
    bad="a plan.json changed by hand",
    good="the folder as `exnet compile` wrote it; change the spec and compile it again",
)
FOREIGN_PLAN = Rule(
    "EXN703",
    "foreign-plan",
    "A compiled net was written in a format that this exnet does not read.",
    "A plan holds row numbers whose meaning belongs to its format; reading another one would build another net.",
    bad="a folder written by a later exnet",
    good="exnet compile old.net/spec.exn -o new.net",
)
UNWRITABLE = Rule(
    "EXN704",
    "cannot-write-plan",
    "A file or folder cannot be written.",
    "Files are written beside their target and renamed when they are complete, so nothing is left half written.",
    bad="exnet compile tree.exn -o /",
    good="exnet compile tree.exn -o tree.net",
)
TOO_MANY_PARAMETERS = Rule(
    "EXN960",
    "too-many-parameters",
    "The networks of a spec have more parameters than the limit.",
    "Widths multiply, and without sharing every vertex has networks of its own, so a slip costs terabytes; the number "
    "is computed before anything is allocated.",
    bad="space primary = 4096\nvertex h[i: 0..10**6] = (x[i], x[i+1])   # a million networks",
    good="space primary = 32\nvertex h[i: 0..10**6] = (x[i], x[i+1])  share all   # one network",
)
TOO_MANY_SIBLINGS = Rule(
    "EXN961",
    "too-many-siblings",
    "The complementary propagators of a spec would read more siblings than the limit.",
    "Each arc into a vertex reads all siblings, so a vertex of k internal children costs k * (k - 1) reads.",
    bad="vertex h[i: 0..50000] = (x[i])\nvertex r = h\nroot r",
    good="vertex h[i: 0..50000] = (x[i])\nroot tree(h)",
)
NO_MEMORY = Rule(
    "EXN965",
    "memory-too-small",
    "A training step cannot be made to fit into the memory that the rule allows.",
    "Vertices can be computed again part by part, but parameters, the optimiser's state and the extractions of the batch "
    "are needed as a whole.",
    bad="exnet train specs/attention.exn --data digits --memory 1",
    good="exnet train specs/attention.exn --data digits --memory 64",
)

RULES: tuple[Rule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""All of them, in the order of their codes."""
