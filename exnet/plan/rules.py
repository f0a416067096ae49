"""What `exnet.plan` can say: network widths (EXN48x), stored plans (EXN70x), limits (EXN96x)."""

from exnet.source import Rule

NETWORK_SHAPE = Rule(
    "EXN480",
    "network-shape",
    "A network cannot read and write the widths that its component needs.",
    "A primary propagator maps k primary extractions to one, a complementary one an extraction and k - 1 siblings to a "
    "complementary extraction, a trainer both extractions to the outputs. What a declaration shows is said there; this "
    "is about networks of imported blocks, and networks that ask for a certain number of children.",
)
MISSING_PLAN = Rule(
    "EXN701",
    "missing-plan",
    "A folder does not hold a compiled net.",
    "A compiled net is a folder of three files: spec.exn, plan.json and plan.safetensors.",
)
DAMAGED_PLAN = Rule(
    "EXN702",
    "damaged-plan",
    "A file of a compiled net is truncated, changed or not what it claims to be.",
    "Every byte is covered by a hash, so a damaged plan is refused and never run.",
)
FOREIGN_PLAN = Rule(
    "EXN703",
    "foreign-plan",
    "A compiled net was written in a format that this exnet does not read.",
    "A plan holds row numbers whose meaning belongs to its format; reading another one would build another net.",
)
UNWRITABLE = Rule(
    "EXN704",
    "cannot-write-plan",
    "A file or folder cannot be written.",
    "Files are written beside their target and renamed when they are complete, so nothing is left half written.",
)
TOO_MANY_PARAMETERS = Rule(
    "EXN960",
    "too-many-parameters",
    "The networks of a spec have more parameters than the limit.",
    "Widths multiply, and without sharing every vertex has networks of its own, so a slip costs terabytes; the number "
    "is computed before anything is allocated.",
)
TOO_MANY_SIBLINGS = Rule(
    "EXN961",
    "too-many-siblings",
    "The complementary propagators of a spec would read more siblings than the limit.",
    "Each arc into a vertex reads all siblings, so a vertex of k internal children costs k * (k - 1) reads.",
)

RULES: tuple[Rule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""All of them, in the order of their codes."""
