"""Random valid specs as text: a function of the seed alone."""

from random import Random

from exnet.testing import options
from exnet.testing.applications import APPLICATIONS, PICK, STANDARD, Callee, random_block
from exnet.testing.pieces import MAKERS, Names, Piece


def random_spec(seed: int, vertices: int = 200) -> str:
    """A valid spec with at most about `vertices` vertices.

    Families with guards, `otherwise`, several equations and slices; blocks of the file and standard ones, nested and
    lifted; all forms of sharing; several inputs, outputs and networks, fixed and learned tokenisers, all modes, rules
    and losses with their options. Warnings are possible, errors not.
    """
    return _Writer(Random(f"exnet random spec {seed}"), vertices).text()


class _Writer:
    def __init__(self, random: Random, vertices: int) -> None:
        self._random = random
        self._left = vertices
        self._primary = self._size = 2
        self._statements: list[str] = []
        self._arrays: list[tuple[str, str, int]] = []
        """What can be read: expression, text of its size, size."""
        self._nodes: list[str] = []
        self._count = 0
        self._callees: list[Callee] = list(STANDARD)

    def text(self) -> str:
        random = self._random
        self._settings()
        self._inputs()
        self._blocks()
        for _ in range(random.randint(2, 9)):
            self._piece()
        self._root()
        random.shuffle(self._statements)
        return "\n".join(["exnet random_net", "", *self._statements, ""])

    # Declarations

    def _settings(self) -> None:
        random = self._random
        self._primary, q = random.randint(2, 5), random.randint(2, 5)
        self._size = random.randint(2, 9)
        types = options.outputs(random)
        self._statements += [
            f"param n = {self._size}, d = {self._primary}",
            "const m = 3",
            f"space primary = {random.choice(['d', str(self._primary)])}, complementary = {q}",
            *(f"output {name} : {type_}" for name, type_ in types.items()),
            f"net mix = {options.network(random)}",
            f"net judge = {options.judge(random)}",
            f"net cell = {options.cell(random)}",
            options.mode(random),
            options.learn(random, types),
        ]
        if random.random() < 0.7:
            parts = {"primary": "mix", "complementary": random.choice(["cell", "mix"]), "trainer": "judge"}
            keep = random.sample(sorted(parts), random.randint(1, 3))
            self._statements.append(f"default vertex ({', '.join(f'{k}: {parts[k]}' for k in keep)})")

    def _inputs(self) -> None:
        random, n = self._random, self._size
        kind = random.choice(["real[2]", "real[2, 2]", "index[5]", "real[1]"])
        self._input("x[n]", kind, {"real[2, 2]": 4, "real[2]": 2}.get(kind, 1))
        self._arrays.append(("x", "n", n))
        if random.random() < 0.3:
            self._input("z[2, m]", "real[3]", 3)
            self._statements.append("let z_r = " + random.choice(["flatten(z)", "flatten(transpose(z))"]))
            self._arrays += [("z_r", "6", 6)]
            row = random.choice(STANDARD[:3])
            self._statements.append(
                f"let z_t[i: 0..2] = {row.node('z[i, :]', 3)} {random.choice(['', 'share over i'])}"
            )
            self._take(Piece((), "z_t", lambda _: 2, lambda _: 2 * row.vertices(3)), 2)
        if random.random() < 0.25:
            self._input("w[2, 2]", random.choice(["patch[2, 2]", "patch[2, 2, 1, 2]"]), 4)
            block = random.choice(["quadtree(w)", "quadtree2(w)", "grid(w)[1, 1]"])
            self._take(Piece((f"let w_r = {block}",), "w_r", None, lambda _: 3), 2)
        if random.random() < 0.2:
            self._input("s", "real[2]", 2)
            self._statements.append("vertex s_v = (s)")
            self._nodes.append("s_v")

    def _input(self, head: str, type_: str, width: int) -> None:
        """An input of leaves with so many numbers, and how it is tokenised."""
        self._statements.append(f"input {head} : {type_}")
        self._statements += options.tokeniser(self._random, head.split("[")[0], type_, width, self._primary)

    def _blocks(self) -> None:
        random = self._random
        clause = random.choice(["share all", "share none", "share by i", "share primary all, trainer by i"])
        self._statements.append(PICK.replace("CLAUSE", clause))
        for i in range(random.randint(0, 3)):
            callee = random_block(random, f"block{i}", tuple(self._callees))
            self._statements.append(callee.text)
            self._callees += [callee] * 4

    # Equations

    def _piece(self) -> None:
        random = self._random
        array, text, size = random.choice([*self._arrays, *self._arrays[-2:]])
        if size < 2:
            return
        self._count += 1
        names = Names(f"f{self._count}", array, text)
        if random.random() < 0.5:
            piece = random.choice(MAKERS)(random, names)
        else:
            callee = random.choice([c for c in self._callees if c.smallest <= size])
            piece = random.choice(APPLICATIONS)(random, names, size, callee)
        if piece.vertices(size) <= self._left:
            if " with " not in " ".join(piece.lines) and random.random() < 0.2:
                piece = _with(piece)
            self._take(piece, size)

    def _take(self, piece: Piece, size: int) -> None:
        self._statements += piece.lines
        self._left -= piece.vertices(size)
        if piece.length is None:
            self._nodes.append(piece.result)
        else:
            length = piece.length(size)
            self._arrays.append((piece.result, str(length), length))

    def _root(self) -> None:
        """Reads a few of the results, the latest first."""
        random = self._random
        items = self._nodes[-6:]
        for array, _, size in self._arrays[1:][-5:]:
            items.append(random.choice([f"{array}[{size} - 1]", array, f"tree({array})", f"multilayer({array})"]))
        if not items or random.random() < 0.2:
            items += ["x[n-1]", "x[0]"]
        random.shuffle(items)
        clauses = ["", "with (trainer: judge)", "share all", "share none"]
        clause = random.choice(clauses if any("(" in item for item in items) else [*clauses, "share as top_c"])
        self._statements.append(f"vertex top = ({', '.join(items)},) {clause}")
        self._statements.append("root top")


def _with(piece: Piece) -> Piece:
    """The same piece, all its vertices with another network."""
    clause = "with (primary: cell, complementary: mix)"
    lines = tuple(f"{line} {clause}" if line.startswith("vertex") else line for line in piece.lines)
    return Piece(lines, piece.result, piece.length, piece.vertices)
