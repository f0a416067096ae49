"""The parts that statements of the YAML form are made of: frames, options, clauses, names."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from exnet.language import syntax as s
from exnet.language.pieces import Pieces
from exnet.language.rules import ESCAPED, MISSING_KEY, RESERVED, UNKNOWN_KEY, UNQUOTED, WRONG_VALUE
from exnet.language.token import Token
from exnet.language.yaml_tree import Items, Node, Scalar, Table
from exnet.source import Source, Span, nearest

CLAUSE_KEYS = ("share", "per", "with")
COMPONENTS = ("primary", "complementary", "trainer")
SHARE_KEYS = ("by", "over", *COMPONENTS, "as")
SHARE_WORDS = ("ALL", "NONE", "BY", "OVER", "AS", "NAME")
SHARE_FORMS = "`all`, `none`, `{by: ..}`, `{over: ..}` or one of these for each component"
TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
T = TypeVar("T")


class Values:
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
        place = first_line(key.span)
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
                self.said.append(UNQUOTED.at(first_line(value.span), message, help='quote the text, `"..."`'))
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
            self.said.append(ESCAPED.at(first_line(node.span), message, help=way_out))
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
        place = first_line(node.span) if node is not None else Span(self.source, 0, 0)
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


def complete(parts: Iterable[T | None]) -> tuple[T, ...] | None:
    """All parts, or None if one of them has been reported; every part is read."""
    found = list(parts)
    return None if None in found else tuple(part for part in found if part is not None)


def lacks(node: Node, found: dict[str, tuple[Scalar, Node]]) -> bool:
    """Whether some keys of a mapping have been reported and left out."""
    return isinstance(node, Table) and len(node.pairs) > len(found)


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


def first_line(span: Span) -> Span:
    """The first line of a span, as much of it as a line can show."""
    end = span.source.text.find("\n", span.start, span.end)
    return Span(span.source, span.start, min(span.end if end < 0 else end, span.start + 80))


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
