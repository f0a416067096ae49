"""The YAML form to the syntax tree of an `.exn` file: the same nodes, with places in the YAML text.

The frame is mappings and lists; heads, right sides, types, sizes and keys are strings of the language. What a scalar is
follows from the key that it stands under, never from how it looks.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from exnet.language import syntax as s
from exnet.language.bounds import depth_bound
from exnet.language.pieces import Pieces
from exnet.language.rules import DUPLICATE_KEY, ESCAPED, MISSING_KEY, RESERVED, UNKNOWN_KEY, UNQUOTED, WRONG_VALUE
from exnet.language.token import Token
from exnet.language.yaml_tree import Items, Node, Scalar, Table, read_tree
from exnet.source import Outcome, Source, Span, nearest

SHOWN = 100
SETTINGS = ("const", "param", "space")
FILE_KEYS = (
    *("exnet", "edition", "import", "const", "param", "input", "output", "space", "net", "tokenise", "default"),
    *("equations", "root", "mode", "learn", "block"),
)
CLAUSE_KEYS = ("share", "per", "with")
EQUATION_KEYS = ("let", "vertex", "is", *CLAUSE_KEYS)
BLOCK_KEYS = ("formals", "equations", "yield")
COMPONENTS = ("primary", "complementary", "trainer")
SHARE_KEYS = ("by", "over", *COMPONENTS, "as")
T = TypeVar("T")
SHARE_WORDS = ("ALL", "NONE", "BY", "OVER", "AS", "NAME")
SHARE_FORMS = "`all`, `none`, `{by: ..}`, `{over: ..}` or one of these for each component"
TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


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


class _Values:
    """Reads the parts that statements are made of; None stands for what has been reported."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.pieces = Pieces(source)
        self.said = self.pieces.said

    # Frames

    def keys(
        self, node: Node | None, path: str, known: Sequence[str], needed: Sequence[str] = ()
    ) -> dict[str, tuple[Scalar, Node]] | None:
        """A mapping with known keys. Unknown ones are reported and left out; None if it is none or lacks one."""
        if not isinstance(node, Table):
            self.wrong(node, path, f"a mapping with {_listed(needed or known)}")
            return None
        if self._torn(node):
            return None
        found, strange, meant = dict[str, tuple[Scalar, Node]](), False, set[str | None]()
        for key, value in node.pairs:
            if key.text in known:
                found[key.text] = (key, value)
            else:
                strange |= self._strange(key, path, known)
                meant.add(nearest(key.text, known))
        missing = [key for key in needed if key not in found]
        for key in () if strange else [key for key in missing if key not in meant]:
            place = Span(self.source, node.span.start, min(node.span.end, node.span.start + 1))
            self.said.append(
                MISSING_KEY.at(place, f"the key `{_join(path, key)}` is missing", help=f"write `{key}: ...`")
            )
        return None if missing or strange else found

    def _strange(self, key: Scalar, path: str, known: Sequence[str]) -> bool:
        """Reports a key that has no meaning. True if it is a piece of a string that lacks its quotes."""
        place = _head(key.span)
        text = key.text if len(key.text) <= 60 else f"{key.text[:57]}..."
        near = nearest(key.text, known)
        piece = any(sign in key.text for sign in "[](){}=<>*+,. ")
        way_out = f"did you mean `{near}`?" if near and not piece else f"keys are {_listed(known)}"
        way_out = "put the string of the language that it belongs to into quotes" if piece else way_out
        self.said.append(
            UNKNOWN_KEY.at(place, f"`{_join(path, ' '.join(text.split()))}` is no key of a spec", help=way_out)
        )
        return piece

    def _torn(self, node: Table) -> bool:
        """Reports a string without quotes that YAML has ended at a comma, within brackets."""
        for _, value in node.pairs:
            if (
                not isinstance(value, Scalar)
                or value.quoted
                or self.source.text[value.span.end : value.span.end + 1] != ","
            ):
                continue
            if sum((c in "([{") - (c in ")]}") for c in value.text) > 0:
                message = "this text is not quoted, and YAML ends it at the comma"
                self.said.append(UNQUOTED.at(_head(value.span), message, help='quote the text, `"..."`'))
                return True
        return False

    def table(self, node: Node, path: str) -> tuple[tuple[Scalar, Node], ...]:
        """The pairs of a mapping from names."""
        if isinstance(node, Table):
            return () if self._torn(node) else node.pairs
        self.wrong(node, path, "a mapping from names")
        return ()

    def items(self, node: Node, path: str, *, bare: bool = False) -> tuple[Node, ...]:
        """The items of a list; with `bare`, one scalar stands for a list of one."""
        if isinstance(node, Items):
            return node.items
        if bare and isinstance(node, Scalar) and not node.is_null:
            return (node,)
        self.wrong(node, path, "a list")
        return ()

    # Scalars

    def region(self, node: Node, path: str, wanted: str = "a string of the language") -> Span | None:
        """The characters of a scalar that is read as part of the language."""
        if not isinstance(node, Scalar) or node.is_null:
            self.wrong(node, path, wanted)
            return None
        if not node.exact:
            message = f"`{path}` is read as it stands, on one line and without escapes"
            way_out = "write it on one line, in `\"...\"` or `'...'`"
            self.said.append(ESCAPED.at(_head(node.span), message, help=way_out))
            return None
        return node.inner

    def piece(self, kind: str, node: Node, path: str, wanted: str = "a string of the language") -> Any:
        """The syntax node of a scalar."""
        region = self.region(node, path, wanted)
        return None if region is None else self.pieces.read(kind, region)

    def word(self, node: Node, path: str) -> s.Name | None:
        """A name."""
        region = self.region(node, path, "a name")
        if region is None:
            return None
        tokens = self.pieces.tokens(region)
        if len(tokens) == 1 and tokens[0].type == "NAME" and tokens[0].text == region.text:
            found = self.pieces.read("expr", region)  # its length is bounded
            return found if isinstance(found, s.Name) else None
        if len(tokens) == 1 and region.text.isidentifier() and region.text.isascii():
            message = f"`{region.text}` is a word of the language and cannot be a name"
            way_out = f"another name, such as `{region.text}_`, would do"
            self.said.append(RESERVED.at(region, message, help=way_out))
            return None
        self.wrong(node, path, "a name", "a name has letters, digits and `_`, and does not begin with a digit")
        return None

    def wrong(self, node: Node | None, path: str, wanted: str, help: str = "") -> None:
        """Reports a value of the wrong kind."""
        place = _head(node.span) if node is not None else Span(self.source, 0, 0)
        what = _kind(node)
        message = f"`{path}` wants {wanted}, not {what}" if path else f"the spec is {wanted}, not {what}"
        self.said.append(WRONG_VALUE.at(place, message, help=help or f"write {wanted}"))

    # Options and other expressions

    def value(self, node: Node, path: str) -> s.Expr | None:
        """`f(a: 1)` is `{f: {a: 1}}`, a list is a list, all else is one string."""
        if isinstance(node, Table):
            return self._call(node, path)
        if isinstance(node, Items):
            items = [self.value(item, f"{path}[{i}]") for i, item in enumerate(node.items)]
            found = complete(items)
            return None if found is None else s.List(found, node.span)
        if not node.quoted and node.text in TRUTH:
            return s.Bool(TRUTH[node.text], node.span)
        return self.piece("expr", node, path, "a value")

    def _call(self, node: Table, path: str) -> s.Expr | None:
        if len(node.pairs) != 1:
            self.wrong(node, path, "one name with its options, `{name: {option: value}}`")
            return None
        ((key, options),) = node.pairs
        name = self.word(key, path)
        if name is None:
            return None
        if (isinstance(options, Scalar) and options.is_null) or (isinstance(options, Table) and not options.pairs):
            return name
        args = self.arguments(options, f"{path}.{name.id}")
        if args is None:
            return None
        return s.Call(name, args, Span(self.source, key.span.start, max(key.span.end, _one_line(node.span))))

    def arguments(self, node: Node, path: str) -> tuple[s.Arg, ...] | None:
        """Named arguments."""
        args = [self._argument(key, value, f"{path}.{key.text}") for key, value in self.table(node, path)]
        return complete(args) if isinstance(node, Table) else None

    def _argument(self, key: Scalar, node: Node, path: str) -> s.Arg | None:
        region = self.region(key, path, "a name")
        if region is None:
            return None
        if not isinstance(node, Scalar) or node.is_null or (not node.quoted and node.text in TRUTH):
            name, value = self.word(key, path), self.value(node, path)
            return s.Arg(name, value, key.span.to(node.span)) if name and value else None
        words, value = self.pieces.tokens(region), self.region(node, path)
        if len(words) != 1 or not region.text.isidentifier():
            self.wrong(key, path, "a name")
            return None
        colon = Token("COLON", ":", self.source, key.span.end, key.span.end)
        return None if value is None else self.pieces.read("arg", value, (*words, colon))

    # Clauses

    def clauses(self, found: dict[str, tuple[Scalar, Node]], path: str) -> tuple[s.Clause, ...]:
        """The clauses among the keys of an equation, in the order of the text."""
        result = list[s.Clause]()
        for name, (key, node) in found.items():
            clause = self._clause(name, key, node, f"{path}.{name}") if name in CLAUSE_KEYS else None
            result += [clause] if clause is not None else []
        return tuple(result)

    def _clause(self, name: str, key: Scalar, node: Node, path: str) -> s.Clause | None:
        if name == "share":
            return self.share(node, key, path)
        span = key.span.to(node.span)
        if name == "per":
            names = self.names(node, path)
            return s.Per(names, span) if names else None
        args = self.arguments(node, path)
        if args == ():
            return self.wrong(node, path, "at least one component, `{trainer: judge}`")
        return s.With(args, span) if args else None

    def share(self, node: Node, key: Scalar, path: str) -> s.Share | None:
        """`all`, `{by: l}`, `{primary: {by: l}, trainer: all, as: enc}`, or the clause as a string."""
        if isinstance(node, Scalar):
            return self._share_text(node, path)
        found = self.keys(node, path, SHARE_KEYS)
        if found is None or lacks(node, found):
            return None
        if not found or {"by", "over"} <= set(found):
            self.wrong(node, path, "either `by` or `over`" if found else SHARE_FORMS)
            return None
        alias = self.word(found["as"][1], f"{path}.as") if "as" in found else None
        items = complete(self._share_item(k, *pair, f"{path}.{k}") for k, pair in found.items() if k != "as")
        if items is None or ("as" in found and alias is None):
            return None
        return s.Share(items, alias, key.span.to(node.span))

    def _share_text(self, node: Scalar, path: str) -> s.Share | None:
        """The clause as a string of the language."""
        region = self.region(node, path, SHARE_FORMS)
        if region is None:
            return None
        tokens = self.pieces.tokens(region)
        if tokens and (tokens[0].type not in SHARE_WORDS or (tokens[0].type == "NAME" and len(tokens) == 1)):
            near = nearest(region.text, ("all", "none"))
            word = region.text if tokens[0].type == "NAME" else "l"
            way_out = f"did you mean `{near}`?" if near else f"to share among equal `{word}` write `{{by: {word}}}`"
            return self.wrong(node, path, SHARE_FORMS, way_out)
        before = Token("SHARE", "share", self.source, region.start, region.start)
        return self.pieces.read("share", region, (before,))

    def _share_item(self, name: str, key: Scalar, node: Node, path: str) -> s.ShareItem | None:
        if name not in COMPONENTS:
            return self._key(name, None, node, key.span.to(node.span), path)
        component, span = s.Name(name, key.inner), key.span.to(node.span)
        if isinstance(node, Scalar):
            if node.text in ("all", "none"):
                return s.ShareItem(component, node.text, (), (), span)
            return self.wrong(node, path, "`all`, `none`, `{by: ..}` or `{over: ..}`")
        found = self.keys(node, path, ("by", "over"))
        if found is None or lacks(node, found):
            return None
        if len(found) != 1:
            return self.wrong(node, path, "either `by` or `over`")
        ((kind, (_, inner)),) = found.items()
        return self._key(kind, component, inner, span, f"{path}.{kind}")

    def _key(self, kind: str, component: s.Name | None, node: Node, span: Span, path: str) -> s.ShareItem | None:
        if kind == "over":
            names = self.names(node, path)
            return s.ShareItem(component, kind, (), names, span) if names else None
        keys = complete(self._expr(item, path) for item in self.items(node, path, bare=True))
        if keys == () and isinstance(node, Items):
            return self.wrong(node, path, "at least one key")
        if not keys:
            return None
        first = keys[0]
        return s.ShareItem(
            component, kind, first.items if len(keys) == 1 and isinstance(first, s.Tuple) else keys, (), span
        )

    def _expr(self, node: Node, path: str, wanted: str = "a string of the language") -> s.Expr | None:
        return self.piece("expr", node, path, wanted)

    def names(self, node: Node, path: str) -> tuple[s.Name, ...] | None:
        """One name, or a list of names."""
        items = self.items(node, path, bare=True)
        if isinstance(node, Items) and not items:
            return self.wrong(node, path, "at least one name")
        return complete(self.word(item, path) for item in items)


class _Reader(_Values):
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
            self.said.append(MISSING_KEY.at(_head(node.span), message, help='write `vertex: "h[i: 0..4]"`, or `let`'))
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


def complete(parts: Iterable[T | None]) -> tuple[T, ...] | None:
    """All parts, or None if one of them has been reported; every part is read."""
    found = list(parts)
    return None if None in found else tuple(part for part in found if part is not None)


def lacks(node: Node, found: dict[str, tuple[Scalar, Node]]) -> bool:
    """Whether some keys of a mapping have been reported and left out."""
    return isinstance(node, Table) and len(node.pairs) > len(found)


def _known(root: Node | None, known: Sequence[str]) -> dict[str, tuple[Scalar, Node]]:
    """The known keys of a mapping that has been reported."""
    return {key.text: (key, value) for key, value in root.pairs if key.text in known} if isinstance(root, Table) else {}


def _kind(node: Node | None) -> str:
    """What a node is, in words."""
    match node:
        case None:
            return "an empty text"
        case Table():
            return "a mapping" if node.pairs else "an empty mapping"
        case Items():
            return "a list" if node.items else "an empty list"
        case Scalar() if node.is_null:
            return "nothing"
        case Scalar():
            text = " ".join(node.text.split())
            return f"`{text if len(text) <= 60 else f'{text[:57]}...'}`"


def _one_line(span: Span) -> int:
    """The end of a span that stands on one line; else its start."""
    return span.end if "\n" not in span.text else span.start


def _head(span: Span) -> Span:
    """The first line of a span, as much of it as a line can show."""
    end = span.source.text.find("\n", span.start, span.end)
    return Span(span.source, span.start, min(span.end if end < 0 else end, span.start + 80))


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
