"""The YAML form to the syntax tree of an `.exn` file: the same nodes, with places in the YAML text.

The frame is mappings and lists; heads, right sides, types, sizes and keys are strings of the language. What a scalar is
follows from the key that it stands under, never from how it looks.
"""

from collections.abc import Callable, Sequence

from exnet.language import syntax as s
from exnet.language.bounds import depth_bound
from exnet.language.rules import DUPLICATE_KEY, MISSING_KEY
from exnet.language.yaml_tree import Node, Scalar, Table, read_tree
from exnet.language.yaml_values import CLAUSE_KEYS, Values, complete, first_line
from exnet.source import Outcome, Source, Span

SHOWN = 100
SETTINGS = ("const", "param", "space")
FILE_KEYS = (
    *("exnet", "edition", "import", "const", "param", "input", "output", "space", "net", "tokenise", "default"),
    *("equations", "root", "mode", "learn", "block"),
)
EQUATION_KEYS = ("let", "vertex", "is", *CLAUSE_KEYS)
BLOCK_KEYS = ("formals", "equations", "yield")


def is_yaml(name: str) -> bool:
    """Whether a source of this name is in the YAML form."""
    return name.lower().endswith((".yaml", ".yml"))


def is_spec(name: str) -> bool:
    """Whether a file of this name can hold a spec in one of the two forms."""
    return name.endswith(".exn") or is_yaml(name)


def parse_yaml(source: Source, pure: bool = False) -> Outcome[s.File]:
    """The syntax tree of a text in the YAML form, or all its independent mistakes; `pure` keeps libyaml out."""
    tree = read_tree(source, pure)
    if tree.said and (tree.root is None or any(d.code != DUPLICATE_KEY.code for d in tree.said)):
        return Outcome(None, tree.said)
    reader = _Reader(source)
    found = reader.file(tree.root)
    said = [*tree.said, *reader.said]
    if said or found is None:
        ordered = sorted(said, key=lambda d: d.span.start if d.span else -1)
        return Outcome(None, tuple(ordered[:SHOWN]))
    name, edition, statements = found
    deep = depth_bound(statements)
    if deep:
        return Outcome(None, (deep,))
    comments = tuple(s.Comment(span.text, span) for span in tree.comments)
    return Outcome(s.File(name, edition, statements, comments, Span(source, 0, len(source.text))))


class _Reader(Values):
    """Reads statements."""

    def file(self, root: Node | None) -> tuple[s.Name, s.Int | None, tuple[s.Statement, ...]] | None:
        """Name, edition and statements in the order of the text."""
        if root is None:
            message, way_out = "an empty text is no spec: the key `exnet` is missing", "write `exnet: my_net`"
            self.said.append(MISSING_KEY.at(Span(self.source, 0, 0), message, help=way_out))
            return None
        found = self.keys(root, "", FILE_KEYS, needed=("exnet",))
        if found is None:
            found = _known(root, FILE_KEYS)
        name, edition = None, None
        statements = list[s.Statement | None]()
        for word, (key, node) in found.items():
            if word == "exnet":
                name = self.word(node, "exnet")
            elif word == "edition":
                edition = self._edition(node)
            else:
                statements += self._statements(word, key, node)
        ordered = sorted((x for x in statements if x is not None), key=lambda x: x.span.start)
        return None if name is None else (name, edition, tuple(ordered))

    def _statements(self, word: str, key: Scalar, node: Node) -> list[s.Statement | None]:
        """What stands under one key of the file."""
        whole = key.span.to(node.span)
        if word in SETTINGS:
            return [self._settings(word, node, whole)]
        match word:
            case "import":
                return [self._import(item, f"import[{i}]") for i, item in enumerate(self.items(node, word, bare=True))]
            case "equations":
                return [self._equation(item, f"equations[{i}]") for i, item in enumerate(self.items(node, word))]
            case "root":
                return [self._root(node, whole)]
            case "default":
                args = self.arguments(node, word)
                return [None if args is None else s.Default(args, whole)]
            case "mode" | "learn":
                value = self.value(node, word)
                return [None if value is None else (s.Mode if word == "mode" else s.Learn)(value, whole)]
            case _:
                read = {
                    "input": self._input,
                    "output": self._output,
                    "net": self._net,
                    "tokenise": self._tokenise,
                    "block": self._block,
                }[word]
                return [self._named_statement(read, k, v, word) for k, v in self.table(node, word)]

    def _named_statement(
        self, read: Callable[[s.Name, Node, str, Span], s.Statement | None], key: Scalar, node: Node, word: str
    ) -> s.Statement | None:
        name = self.word(key, f"{word}.{' '.join(key.text[:40].split())}")
        return None if name is None else read(name, node, f"{word}.{name.id}", key.span.to(node.span))

    def _edition(self, node: Node) -> s.Int | None:
        found = self.value(node, "edition")
        if isinstance(found, s.Int) or found is None:
            return found
        return self.wrong(node, "edition", "a whole number")

    def _import(self, node: Node, path: str) -> s.Import | None:
        region = self.region(node, path, "the path of a file")
        if region is not None and '"' in region.text:
            return self.wrong(node, path, "a path without quotes in it")
        return s.Import(s.Str(region.text, region), node.span) if region is not None else None

    def _settings(self, keyword: str, node: Node, span: Span) -> s.Settings | None:
        settings = list[s.Setting | None]()
        for key, inner in self.table(node, keyword):
            path = f"{keyword}.{' '.join(key.text[:40].split())}"
            name, value = self.word(key, path), self.value(inner, path)
            settings.append(s.Setting(name, value, key.span.to(inner.span)) if name and value else None)
        found = complete(settings)
        return s.Settings(keyword, found, span) if found else None

    def _input(self, name: s.Name, node: Node, path: str, span: Span) -> s.Input | None:
        if isinstance(node, Scalar):
            kind = self.piece("type", node, path, "a type")
            return kind and s.Input(name, (), kind, span)
        found = self.keys(node, path, ("shape", "type"), needed=("type",))
        if found is None:
            return None
        kind = self.piece("type", found["type"][1], f"{path}.type", "a type")
        sizes = self.items(found["shape"][1], f"{path}.shape", bare=True) if "shape" in found else ()
        dims = complete(self._expr(size, f"{path}.shape", "a size") for size in sizes)
        return None if kind is None or dims is None else s.Input(name, dims, kind, span)

    def _output(self, name: s.Name, node: Node, path: str, span: Span) -> s.Output | None:
        if isinstance(node, Table):
            found = self.keys(node, path, ("type",), needed=("type",))
            if found is None:
                return None
            node, path = found["type"][1], f"{path}.type"
        kind = self.piece("type", node, path, "a type")
        return kind and s.Output(name, kind, span)

    def _net(self, name: s.Name, node: Node, path: str, span: Span) -> s.Net | None:
        value = self.value(node, path)
        return value and s.Net(name, value, span)

    def _tokenise(self, name: s.Name, node: Node, path: str, span: Span) -> s.Tokenise | None:
        value = self.value(node, path)
        return value and s.Tokenise(name, value, span)

    def _equation(self, node: Node, path: str) -> s.Let | s.Vertex | None:
        found = self.keys(node, path, EQUATION_KEYS, needed=("is",))
        if found is None:
            return None
        kinds = [kind for kind in ("let", "vertex") if kind in found]
        if len(kinds) != 1:
            what = "both" if kinds else "neither"
            message = f"`{path}` needs one of the keys `let` and `vertex`, with the head, and has {what}"
            self.said.append(
                MISSING_KEY.at(first_line(node.span), message, help='write `vertex: "h[i: 0..4]"`, or `let`')
            )
            return None
        head = self.piece("head", found[kinds[0]][1], f"{path}.{kinds[0]}", "a head in quotes")
        value = self.piece("side", found["is"][1], f"{path}.is", "a right side in quotes")
        clauses = self.clauses(found, path)
        if head is None or value is None:
            return None
        return (s.Let if kinds[0] == "let" else s.Vertex)(head, value, clauses, node.span)

    def _root(self, node: Node, span: Span) -> s.Root | None:
        if not isinstance(node, Table):
            value = self.piece("side", node, "root", "a vertex in quotes")
            return value and s.Root(value, (), span)
        found = self.keys(node, "root", ("is", *CLAUSE_KEYS), needed=("is",))
        if found is None:
            return None
        value = self.piece("side", found["is"][1], "root.is", "a vertex in quotes")
        clauses = self.clauses(found, "root")
        return value and s.Root(value, clauses, span)

    def _formal(self, node: Node, path: str) -> s.Formal | None:
        return self.piece("formal", node, path, "a formal in quotes")

    def _block(self, name: s.Name, node: Node, path: str, span: Span) -> s.Block | None:
        found = self.keys(node, path, BLOCK_KEYS, needed=("yield",))
        if found is None:
            return None
        listed = self.items(found["formals"][1], f"{path}.formals", bare=True) if "formals" in found else ()
        formals = complete(self._formal(formal, f"{path}.formals") for formal in listed)
        inside = self.items(found["equations"][1], f"{path}.equations") if "equations" in found else ()
        body = complete(self._equation(item, f"{path}.equations[{i}]") for i, item in enumerate(inside))
        key, last = found["yield"]
        value = self.piece("side", last, f"{path}.yield", "a vertex or an array in quotes")
        if formals is None or body is None or value is None:
            return None
        parts = [*body, s.Yield(value, key.span.to(last.span))]
        return s.Block(name, formals, tuple(sorted(parts, key=lambda x: x.span.start)), span)


def _known(root: Node | None, known: Sequence[str]) -> dict[str, tuple[Scalar, Node]]:
    """The known keys of a mapping that has been reported."""
    return {key.text: (key, value) for key, value in root.pairs if key.text in known} if isinstance(root, Table) else {}
