"""What can be wrong with what a net is given when it runs. Free of torch."""

from exnet.source import Rule, Severity

WRONG_INPUT = Rule(
    "EXN610",
    "wrong-input",
    "What was handed to the net is not what its inputs declare.",
    why="A net with one input takes a tensor [B, leaves, width] (or integers [B, leaves]); with several inputs it "
    "takes a dict of them by name. Shapes are checked before anything is computed.",
    bad="net(torch.zeros(8, 64))          # input x[16] : real[4]",
    good="net(torch.zeros(8, 16, 4))",
)

NOT_FINITE = Rule(
    "EXN611",
    "input-not-finite",
    "An input holds NaN or an infinity.",
    why="One such number reaches every vertex above its leaf and, through the down pass, nearly all others.",
    bad="net(torch.full((1, 16, 4), torch.nan))",
    good="net(torch.nan_to_num(x))",
)

INDEX_OUT_OF_RANGE = Rule(
    "EXN612",
    "index-out-of-range",
    "An integer of an `index[V]` input lies outside of 0..V.",
    why="`index[V]` has an embedding for 0, 1, .., V - 1.",
    bad="net(torch.full((1, 4), 9))       # input t[4] : index[9]",
    good="net(torch.full((1, 4), 8))",
)

WRONG_EDGES = Rule(
    "EXN613",
    "wrong-edges",
    "An `edge_index` is not the graph of the spec.",
    why="Children have slots and arcs have parameters; both are known for the arcs of the spec and for no others. The "
    "order of the arcs does not matter, nor how many copies of the graph there are.",
    bad="net.up(x, net.edge_index[:, 1:])",
    good="net.up(x, net.edge_index)",
)

WRONG_DRAWS = Rule(
    "EXN614",
    "wrong-draws",
    "Draws do not fit the graph or the batch.",
    why="A draw is the position of an arc among the incoming arcs of its vertex, for each vertex and instance.",
    bad="net.down(primary, torch.full((vertices, batch), 10**6))",
    good="net.down(primary, net.draws(step, instances))",
)

NOT_COMPILED = Rule(
    "EXN632",
    "not-compiled",
    "Blocks of a chain could not be compiled.",
    why="`--compile` needs a C++ compiler that torch can use. Without one the run is the same, to rounding, and takes "
    "as long as without the option.",
    bad="exnet train chain.exn --data digits --compile      # no g++ on the machine",
    good="exnet train chain.exn --data digits",
    severity=Severity.WARNING,
)

RULES = (WRONG_INPUT, NOT_FINITE, INDEX_OUT_OF_RANGE, WRONG_EDGES, WRONG_DRAWS, NOT_COMPILED)
