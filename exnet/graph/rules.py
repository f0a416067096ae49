"""What `exnet.graph` can say: names and kinds (EXN10x, 11x), domains and reads (2xx), sharing and blocks (3xx),
draws (49x), doubts (5xx), limits (92x).
"""

from exnet.source import Rule, Severity
from exnet.spec.rules import UNKNOWN_COMPONENT as UNKNOWN_COMPONENT

_TOP = "exnet t\ninput  x[8] : real[2]\noutput y : class[3]\n"


_DRAWN = "vertex v = (x[0], x[1])\nvertex w = (x[2], x[3], v)\nvertex r = (v, w)\nroot   r\n"


def _pair(bad: str, good: str) -> tuple[str, str]:
    return f"{_TOP}{bad}\n", f"{_TOP}{good}\n"


SHADOWED_NAME = Rule(
    "EXN101",
    "shadowed-name",
    "An index has the name of something else in its scope.",
    "An index that hides a param is never what was meant, and the reader cannot tell which one a bound uses.",
    *_pair(
        "param  n = 4\nvertex h[n: 0..3] = (x[n], x[n+1])\nroot   tree(h)",
        "param  n = 4\nvertex h[i: 0..3] = (x[i], x[i+1])\nroot   tree(h)",
    ),
)
DUPLICATE_INDEX = Rule(
    "EXN102",
    "duplicate-index",
    "One head binds an index twice.",
    "The second binding would hide the first one.",
    *_pair(
        "vertex h[i: 0..4, i: 0..4] = (x[i], x[i])\nroot   h[0, 0]",
        "vertex h[i: 0..4, j: 0..4] = (x[i], x[j])\nroot   tree(flatten(h))",
    ),
)
UNKNOWN_NAME = Rule(
    "EXN104",
    "unknown-name",
    "A name that means nothing here.",
    "Names are never created by use. A block body sees only its formals, its own families, and blocks.",
    *_pair("let    pooled = tree(x)\nroot   pool", "let    pooled = tree(x)\nroot   pooled"),
)
WRONG_RANK = Rule(
    "EXN105",
    "wrong-rank",
    "An array has another number of indices than it is given.",
    "A family is a function of a fixed number of integers.",
    *_pair("vertex h = (x[0, 1], x[1])\nroot   h", "vertex h = (x[0], x[1])\nroot   h"),
)
RANK_DIFFERS = Rule(
    "EXN106",
    "rank-differs",
    "Equations of one family have different numbers of indices.",
    "Several equations may define one family, on disjoint parts of one domain.",
    *_pair(
        "let    h[0, i: 0..8] = x[i]\nvertex h[i: 0..4] = (h[0, i], h[0, i+4])\nroot   h[0]",
        "let    h[0, i: 0..8] = x[i]\nvertex h[1, i: 0..4] = (h[0, i], h[0, i+4])\nroot   tree(h[1, :])",
    ),
)
KIND_DIFFERS = Rule(
    "EXN107",
    "kind-differs",
    "Something stands where something of another kind is wanted.",
    "Integers, conditions, vertices and arrays are told apart before anything is built.",
    *_pair("root   tree(x[0])", "root   tree(x)"),
)
INDEX_WITHOUT_DOMAIN = Rule(
    "EXN108",
    "index-without-domain",
    "An index stands in a head without a range.",
    "A family is built on a domain, so every index says where it begins and ends.",
    *_pair("vertex h[i] = (x[i], x[i+1])\nroot   h[0]", "vertex h[i: 0..7] = (x[i], x[i+1])\nroot   tree(h)"),
)
VERTEX_NEEDS_CHILDREN = Rule(
    "EXN109",
    "vertex-needs-children",
    "The right side of a `vertex` is one node.",
    "Either a second name is meant (`let`), or a vertex with one child, which is written in brackets.",
    *_pair("vertex v = x[0]\nroot   v", "vertex v = (x[0])\nroot   v"),
)
LET_OF_TUPLE = Rule(
    "EXN110",
    "let-of-tuple",
    "The right side of a `let` is a tuple.",
    "`let` gives a second name to nodes that exist; only `vertex` makes one out of children.",
    *_pair("let    v = (x[0], x[1])\nroot   v", "vertex v = (x[0], x[1])\nroot   v"),
)
NESTED_TUPLE = Rule(
    "EXN111",
    "nested-tuple",
    "A tuple stands inside a tuple.",
    "Children are nodes. A vertex without a name could not be read, shared or found again.",
    *_pair(
        "vertex v = ((x[0], x[1]), x[2])\nroot   v",
        "vertex u = (x[0], x[1])\nvertex v = (u, x[2])\nroot   v",
    ),
)
UNKNOWN_ARGUMENT = Rule(
    "EXN112",
    "unknown-argument",
    "An application gives an argument that the block does not have.",
    "Arguments are positional, then named; each formal gets one value.",
    *_pair("root   attention(x, windw: 3)[0]", "root   tree(attention(x, window: 3))"),
)
MISSING_ARGUMENT = Rule(
    "EXN113",
    "missing-argument",
    "An application leaves out an argument that has no default.",
    "Only formals with a default may be left out.",
    *_pair("root   ensemble(x)", "root   ensemble(x, 4)"),
)
UNKNOWN_INDEX = Rule(
    "EXN114",
    "unknown-index",
    "A clause names something that is no index of its equation.",
    "Keys are made of the indices of the equation that they stand at.",
    *_pair(
        "vertex h[i: 0..7] = (x[i], x[i+1]) share by k\nroot   tree(h)",
        "vertex h[i: 0..7] = (x[i], x[i+1]) share by i\nroot   tree(h)",
    ),
)
MISPLACED_SLOT = Rule(
    "EXN116",
    "misplaced-slot",
    "`slot` stands outside a complementary key.",
    "Only an arc has a slot; vertices, domains and children have none.",
    *_pair(
        "vertex v = (x) share by slot\nroot   v",
        "vertex v = (x) share all, complementary by slot // 2\nroot   v",
    ),
)
ROOT_NOT_A_VERTEX = Rule(
    "EXN117",
    "root-not-a-vertex",
    "The root is an array, a tuple or a leaf.",
    "The root is the one vertex at which the net predicts. A leaf has no trainer.",
    *_pair("root   x", "root   tree(x)"),
)
CLAUSE_WITHOUT_EFFECT = Rule(
    "EXN118",
    "clause-without-effect",
    "A clause says something that its equation cannot do.",
    "Silently ignoring a key would change the number of parameters without a word.",
    *_pair("let    h[i: 0..8] = x[i] share all\nroot   tree(h)", "let    h[i: 0..8] = x[i]\nroot   tree(h)"),
)

# Domains and reads

OVERLAPPING_EQUATIONS = Rule(
    "EXN201",
    "overlapping-equations",
    "Two equations define the same index of a family.",
    "A name means one node. Which one would depend on the order of the text.",
    *_pair(
        "let    h[0, i: 0..8] = x[i]\nvertex h[l: 0..=3, i: 0..8 >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])\nroot   h[3, 0]",
        "let    h[0, i: 0..8] = x[i]\nvertex h[l: 1..=3, i: 0..8 >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])\nroot   h[3, 0]",
    ),
)
LONELY_OTHERWISE = Rule(
    "EXN202",
    "lonely-otherwise",
    "`otherwise` stands in a family without another equation.",
    "It means the box of its head minus what the other equations define.",
    *_pair(
        "vertex h[i: 0..7 otherwise] = (x[i], x[i+1])\nroot   tree(h)",
        "vertex h[i: 0..7] = (x[i], x[i+1])\nroot   tree(h)",
    ),
)
READ_OUTSIDE_DOMAIN = Rule(
    "EXN203",
    "read-outside-domain",
    "A read hits no index of the family.",
    "There is no default node, no wrap-around and no clipping: every read must hit, for every index of the equation.",
    *_pair(
        "vertex h[i: 0..8] = (x[i-1], x[i])\nroot   tree(h)",
        "vertex h[i: 1..8] = (x[i-1], x[i])\nroot   tree(h)",
    ),
)
SLICE_WITH_HOLE = Rule(
    "EXN204",
    "slice-with-hole",
    "A slice is not contiguous, or no rectangle.",
    "An array has all indices from 0 on; closing a hole silently would move what stands behind it.",
    *_pair(
        "let    h[i: 0..3] = x[i]\nlet    h[i: 5..8] = x[i]\nroot   tree(h)",
        "let    h[i: 0..3] = x[i]\nlet    h[i: 3..6] = x[i+2]\nroot   tree(h)",
    ),
)
CYCLE = Rule(
    "EXN205",
    "cycle",
    "A vertex reads itself, through others.",
    "Extractions flow up from the leaves; in a cycle none would ever be ready.",
    *_pair(
        "vertex h[i: 0..4] = (h[(i+1) % 4], x[i])\nroot   h[0]",
        "vertex h[i: 0..4] = (x[(i+1) % 4], x[i])\nroot   tree(h)",
    ),
)
ALIAS_CYCLE = Rule(
    "EXN206",
    "alias-cycle",
    "Names only rename each other.",
    "`let` gives a second name to a node that exists; here none does.",
    *_pair(
        "let    h[i: 0..4] = h[3-i]\nroot   tree(h)",
        "let    h[i: 0..4] = x[3-i]\nroot   tree(h)",
    ),
)
NO_CHILDREN = Rule(
    "EXN207",
    "no-children",
    "A vertex would have no children.",
    "What has no children is a leaf, and leaves come from inputs.",
    *_pair("vertex r = x[3..3]\nroot   r", "vertex r = x[3..5]\nroot   r"),
)
DIVISION_BY_ZERO = Rule(
    "EXN208",
    "division-by-zero",
    "An integer expression divides by zero.",
    "It has no value at that index.",
    *_pair("let    h[i: 0..4] = x[4 // i]\nroot   tree(h)", "let    h[i: 0..4] = x[4 // (i+1)]\nroot   tree(h)"),
)
INTEGER_OVERFLOW = Rule(
    "EXN209",
    "integer-overflow",
    "An integer may leave -2^62..2^62.",
    "Integers of the language are exact; a number that large is no index.",
    *_pair("let    h[i: 0..8] = x[10 ** (9*i)]\nroot   tree(h)", "let    h[i: 0..3] = x[2 ** i]\nroot   tree(h)"),
)
NEGATIVE_SHIFT = Rule(
    "EXN210",
    "negative-shift",
    "A shift by a negative number.",
    "Shifting by less than nothing has no value; `-` and `+` bind tighter than `<<` and `>>`.",
    *_pair(
        "vertex h[l: 1..3] = (x[1 << l - 2], x[0])\nroot   tree(h)",
        "vertex h[l: 1..3] = (x[(1 << l) - 2], x[0])\nroot   tree(h)",
    ),
)
NEGATIVE_EXPONENT = Rule(
    "EXN211",
    "negative-exponent",
    "A power with a negative exponent.",
    "Its value is no integer.",
    *_pair("let    h[i: 0..4] = x[2 ** (i-1)]\nroot   tree(h)", "let    h[i: 0..3] = x[2 ** i]\nroot   tree(h)"),
)
NOT_A_POWER_OF_TWO = Rule(
    "EXN212",
    "not-a-power-of-two",
    "`log2` of a number that is no power of two.",
    "`log2` insists on a power of two, and that is its use; `ceil_log2` takes any number from 1 on.",
    "exnet t\ninput  x[6, 6] : real[2]\noutput y : class[3]\nroot quadtree(x)\n",
    "exnet t\ninput  x[8, 8] : real[2]\noutput y : class[3]\nroot quadtree(x)\n",
)
LOGARITHM_OF_NOTHING = Rule(
    "EXN213",
    "logarithm-of-nothing",
    "The logarithm of a number below 1.",
    "It has no value; often an array is empty that should not be.",
    *_pair("root   tree(x[3..3])", "root   tree(x[3..5])"),
)

# Sharing and blocks

SHARING_UNEQUAL_SHAPES = Rule(
    "EXN301",
    "sharing-unequal-shapes",
    "Vertices of one sharing class differ in the number of children or in their networks.",
    "A class is one set of parameters, so all its members must have the same shape.",
    *_pair(
        "vertex h[i: 0..8] = (x[0..=i]) share all\nroot   tree(h)",
        "vertex h[i: 0..8] = (x[0..=i]) share by i\nroot   tree(h)",
    ),
)
SHAPE_DIFFERS = Rule(
    "EXN302",
    "shape-differs",
    "An argument has another size than the block insists on.",
    "A name in the brackets of a formal binds a size once and is checked afterwards.",
    "exnet t\ninput  x[8, 4] : real[2]\noutput y : class[3]\nroot quadtree(x)\n",
    "exnet t\ninput  x[8, 8] : real[2]\noutput y : class[3]\nroot quadtree(x)\n",
)
RECURSIVE_BLOCK = Rule(
    "EXN303",
    "recursive-block",
    "A block applies itself, directly or through others.",
    "Blocks are unfolded, so this would never end; a level index does that job.",
    *_pair(
        "block f(xs[n]) {\n  yield f(xs)\n}\nroot   f(x)",
        "block f(xs[n]) {\n  yield tree(xs)\n}\nroot   f(x)",
    ),
)
MISSING_YIELD = Rule(
    "EXN304",
    "missing-yield",
    "A block has no `yield`, or more than one.",
    "An application stands for what the block yields: one vertex or one array.",
    *_pair(
        "block f(xs[n]) {\n  vertex v = (xs)\n}\nroot   f(x)",
        "block f(xs[n]) {\n  vertex v = (xs)\n  yield  v\n}\nroot   f(x)",
    ),
)
UNLIKE_BLOCKS = Rule(
    "EXN305",
    "unlike-blocks",
    "Applications of different blocks share under one name.",
    "`share as` makes two applications one set of parameters, so they must apply the same block.",
    *_pair(
        "let    a = tree(x)        share as enc\nlet    b = multilayer(x)  share as enc\nvertex r = (a, b)\nroot   r",
        "let    a = tree(x[0..4])  share as enc\nlet    b = tree(x[4..8])  share as enc\nvertex r = (a, b)\nroot   r",
    ),
)

# Doubts

WEIGHT_MISSING = Rule(
    "EXN493",
    "weight-missing",
    "A slot from which a vertex may draw its parent has no weight.",
    "`weights` says how likely a vertex draws an arc by the slot that it has at the parent, so there must be a weight "
    "for every slot of a vertex with several parents.",
    bad=f"{_TOP}{_DRAWN}mode   stochastic(weights: [1.0, 2.0])\n",
    good=f"{_TOP}{_DRAWN}mode   stochastic(weights: [1.0, 2.0, 1.0])\n",
)
NOTHING_TO_DRAW = Rule(
    "EXN494",
    "nothing-to-draw",
    "A vertex has several parents, and weight zero in the slots of all of them.",
    "It must draw one of its incoming arcs, and may draw none of them.",
    bad=f"{_TOP}{_DRAWN}mode   stochastic(weights: [0.0, 1.0, 0.0])\n",
    good=f"{_TOP}{_DRAWN}mode   stochastic(weights: [0.0, 1.0, 2.0])\n",
)
INDEX_WITHOUT_EFFECT = Rule(
    "EXN501",
    "index-without-effect",
    "An applied block does not depend on an index of its `let`.",
    "All those names then mean one vertex. If copies are meant, `per` makes them.",
    *_pair(
        "let    t[k: 0..4] = tree(x)\nvertex r = t[:]\nroot   r",
        "let    t[k: 0..4] = tree(x)  per k\nvertex r = t[:]\nroot   r",
    ),
    severity=Severity.WARNING,
)
UNREACHABLE_VERTICES = Rule(
    "EXN502",
    "unreachable-vertices",
    "Vertices that the root does not reach.",
    "They are dropped, for nothing that the net predicts depends on them. Often a bound is one short.",
    *_pair(
        "vertex h[i: 0..4] = (x[2*i], x[2*i+1])\nvertex r = (h[0..2], x[4..8])\nroot   r",
        "vertex h[i: 0..4] = (x[2*i], x[2*i+1])\nvertex r = (h)\nroot   r",
    ),
    severity=Severity.WARNING,
)
EMPTY_EQUATION = Rule(
    "EXN503",
    "empty-equation",
    "An equation of the file defines nothing.",
    "Its domain is empty for the params at hand; often two bounds are exchanged.",
    *_pair(
        "vertex h[i: 0..4] = (x[2*i], x[2*i+1])\nvertex h[i: 8..4] = (x[i], x[i])\nroot   tree(h)",
        "vertex h[i: 0..4] = (x[2*i], x[2*i+1])\nroot   tree(h)",
    ),
    severity=Severity.WARNING,
)
REPEATED_APPLICATION = Rule(
    "EXN504",
    "repeated-application",
    "A block is applied twice to the same arguments.",
    "Two application texts are two sets of vertices, even if equal. If one is meant, name it once with `let`.",
    *_pair(
        "vertex r = (tree(x), tree(x))\nroot   r",
        "let    t = tree(x)\nvertex r = (t, t)\nroot   r",
    ),
    severity=Severity.WARNING,
)
UNUSED_LEAF = Rule(
    "EXN505",
    "unused-leaf",
    "Leaves that the root does not reach.",
    "The net never sees these values.",
    *_pair("root   tree(x[0..4])", "root   tree(x)"),
    severity=Severity.WARNING,
)
UNUSED_NAME = Rule(
    "EXN506",
    "unused-name",
    "A name that nothing uses.",
    "It is left over, or another name was meant where it should stand.",
    *_pair("param  n = 8\nroot   tree(x)", "param  n = 8\nroot   tree(x[0..n])"),
    severity=Severity.WARNING,
)

# Limits

TOO_MANY_VERTICES = Rule(
    "EXN921",
    "too-many-vertices",
    "The graph would have more vertices than the limit.",
    "Sizes are counted before anything is built; a slip in a bound must not fill the memory.",
    *_pair(
        "vertex h[i: 0..10**9, j: 0..10**9] = (x[0], x[1])\nroot   h[0, 0]",
        "vertex h[i: 0..10, j: 0..10] = (x[0], x[1])\nroot   tree(flatten(h))",
    ),
)
TOO_MANY_INDICES = Rule(
    "EXN922",
    "too-many-indices",
    "More index tuples would be looked at than the limit.",
    "A guard costs the enumeration of its box; a range that says the same costs only what it keeps.",
    *_pair(
        "let    h[i: 0..10**5, j: 0..10**5 when i == j and i < 8] = x[i]\nroot   h[0, 0]",
        "let    h[i: 0..8] = x[i]\nroot   tree(h)",
    ),
)
TOO_MANY_ARCS = Rule(
    "EXN923",
    "too-many-arcs",
    "The graph would have more arcs than the limit.",
    "Sizes are counted before anything is built.",
    bad="exnet t\ninput x[60000] : real[2]\noutput y : class[2]\nvertex h[i: 0..2000] = x\nroot tree(h)\n",
    good="exnet t\ninput x[60000] : real[2]\noutput y : class[2]\nroot tree(x)\n",
)
TOO_MANY_CHILDREN = Rule(
    "EXN924",
    "too-many-children",
    "A vertex would have more children than the limit.",
    "Its propagators would have that many operands; a tree of smaller vertices does better.",
    bad="exnet t\ninput x[100000] : real[2]\noutput y : class[2]\nvertex h = x\nroot h\n",
    good="exnet t\ninput x[100000] : real[2]\noutput y : class[2]\nroot tree(x)\n",
)
RANK_TOO_HIGH = Rule(
    "EXN925",
    "too-many-axes",
    "A family or formal has more indices than the limit.",
    "Each index multiplies the size of a table.",
    bad="vertex h[a: 0..2, b: 0..2, c: 0..2, d: 0..2, e: 0..2, f: 0..2, g: 0..2] = (x[a], x[g])",
    good="vertex h[a: 0..2, b: 0..64] = (x[a], x[b])",
)
TOO_MANY_EQUATIONS = Rule(
    "EXN926",
    "too-many-equations",
    "A family has more equations than the limit.",
    "Equations over a range of indices say the same in one line.",
    bad="vertex h[0] = (x[0], x[1])\nvertex h[1] = (x[1], x[2])\n# ... and so on, 20,000 times",
    good="vertex h[i: 0..20000] = (x[i], x[i+1])",
)
BLOCKS_TOO_DEEP = Rule(
    "EXN927",
    "blocks-too-deep",
    "Blocks apply one another more deeply than the limit.",
    "Nested applications multiply.",
    bad="block a(xs[n]) { yield b(xs) }\nblock b(xs[n]) { yield c(xs) }\n# ... and so on, 40 times",
    good="let h[l: 1..=40, i: 0..n] = attention(h[l-1, :])[i]   # an index instead of forty blocks",
)
TOO_MANY_APPLICATIONS = Rule(
    "EXN928",
    "too-many-applications",
    "There would be more application paths than the limit.",
    "Each application text of each path is elaborated; an index makes many instances of one.",
    bad="let t0 = tree(x)\nlet t1 = tree(x)\n# ... and so on, 20,000 times",
    good="let t[k: 0..20000] = tree(x) per k",
)
TOO_DEEP = Rule(
    "EXN929",
    "too-deep",
    "The graph is deeper than the limit for graphs without a closed form.",
    "Levels run one after the other; hundreds of thousands of them would never finish.",
    bad="vertex h[t: 1..300000] = (h[(t-1) * (t % 7) // (t % 7)], x[t])   # steps that follow no simple rule",
    good="vertex h[t: 1..300000] = (h[t-1], x[t])   # the same steps: level t in closed form",
)
