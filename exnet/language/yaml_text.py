"""Syntax tree to the canonical text of the YAML form.

Statements of one kind stand under one key, in their order; the keys stand in the order of their first statements.
Heads, right sides and types are always quoted, other strings of the language unless they are one name or one number.
"""

import re
from collections.abc import Sequence

from exnet.language import syntax as s
from exnet.language import text as t
from exnet.language.layout import keyword
from exnet.language.placed import Placed, placed
from exnet.language.rules import CHARACTER, NOT_CONVERTIBLE
from exnet.language.yaml_rows import Entry, Group, text_of
from exnet.language.yaml_tree import STRANGE
from exnet.source import Diagnostic, Label, Outcome, Span

PLAIN = re.compile(r"[A-Za-z_][A-Za-z_0-9]*|-?[0-9][0-9_]*(?:\.[0-9_]+)?(?:[eE][+-]?[0-9]+)?")
OTHERS = frozenset({"true", "false", "yes", "no", "on", "off", "null"})
"""Names that some readers of YAML take for something else."""
DEEPEST = 8  # options inside options; deeper ones are written as one string
Statement = s.Statement | s.Yield | s.Setting | s.Name | s.Int


def yaml_text(file: s.File) -> Outcome[str]:
    """The canonical YAML text of a file with its comments, or what has no place in it."""
    strange = [c for c in file.comments if STRANGE.search(c.text)]
    if strange:
        said = [
            CHARACTER.at(c.span, "this comment has a character that YAML does not allow", help="remove it")
            for c in strange
        ]
        return Outcome(None, tuple(said))
    writer = _Writer()
    text = writer.file(file)
    return Outcome(None, tuple(writer.said)) if writer.said else Outcome(text)


class _Writer:
    def __init__(self) -> None:
        self.said: list[Diagnostic] = []

    def file(self, file: s.File) -> str:
        nodes: list[Statement] = [file.name, *([file.edition] if file.edition else [])]
        owners = dict[int, str]()
        for statement in file.statements:
            parts = statement.settings if isinstance(statement, s.Settings) else (statement,)
            owners |= {id(part): key_of(statement) for part in parts}
            nodes += parts
        found, rest = placed(nodes, file.comments)
        top, groups = list[Entry](), dict[str, list[Placed[Statement]]]()
        for one in found:
            if one.node is file.name:
                top.insert(0, Entry("exnet", plain(file.name.id), one.above, one.after))
            elif file.edition is not None and one.node is file.edition:
                top.append(Entry("edition", t.expression(file.edition), one.above, one.after))
            else:
                groups.setdefault(owners[id(one.node)], []).append(one)
        top += [self.group(key, members) for key, members in groups.items()]
        return text_of(Group(top, tall=True), rest)

    # Keys of the file

    def group(self, key: str, members: Sequence[Placed[Statement]]) -> Entry:
        """All statements of one kind."""
        match key:
            case "equations":
                return self.equations(key, members)
            case "import":
                items = [
                    Entry("", self.quoted(m.node.path.value, m.node.span), m.above, m.after)
                    for m in members
                    if isinstance(m.node, s.Import)
                ]
                return hoisted(Entry(key, Group(items, listed=True)))
            case "root" | "default" | "mode" | "learn":
                for other in members[1:]:
                    self.twice(other.node.span, key, members[0].node.span)
                only = members[0]
                return Entry(key, self.single(only.node), only.above, only.after)
            case _:
                first = dict[str, Span]()
                entries = list[Entry]()
                for member in members:
                    name: s.Name = member.node.name  # type: ignore[union-attr]
                    if name.id in first:
                        self.twice(name.span, f"{key}.{name.id}", first[name.id])
                    first.setdefault(name.id, name.span)
                    entries.append(Entry(plain(name.id), self.named(member), member.above, member.after))
                return hoisted(Entry(key, Group(entries, tall=key == "block")))

    def single(self, node: Statement) -> str | Group:
        """What stands under a key that has one value."""
        match node:
            case s.Root() if node.clauses:
                return Group(
                    [Entry("is", self.quoted(t.right_side(node.value), node.span)), *self.clauses(node.clauses)]
                )
            case s.Root():
                return self.quoted(t.right_side(node.value), node.span)
            case s.Default():
                return self.arguments(node.args, 0)
            case s.Mode() | s.Learn():
                return self.value(node.value)
            case _:
                raise TypeError(f"{type(node).__name__} has a name")

    def named(self, member: Placed[Statement]) -> str | Group:
        """What stands under the name of a statement."""
        node = member.node
        match node:
            case s.Input():
                kind = self.quoted(t.type_text(node.type), node.span)
                sizes = [Entry("", self.scalar(t.outermost(size, True), size.span)) for size in node.dims]
                return Group([Entry("shape", Group(sizes, listed=True)), Entry("type", kind)]) if sizes else kind
            case s.Output():
                return self.quoted(t.type_text(node.type), node.span)
            case s.Net() | s.Tokenise() | s.Setting():
                return self.value(node.value)
            case s.Block():
                return self.block(node, member.inside)
            case _:
                raise TypeError(f"{type(node).__name__} has no name")

    def block(self, node: s.Block, comments: Sequence[s.Comment]) -> Group:
        """Formals, equations and the one yield of a block."""
        found, rest = placed(node.body, comments)
        if found:
            found[-1].above.extend(line for line in rest if line)
        yields = [p for p in found if isinstance(p.node, s.Yield)]
        equations = [p for p in found if not isinstance(p.node, s.Yield)]
        for other in yields[1:]:
            self.twice(other.node.span, f"block.{node.name.id}.yield", yields[0].node.span)
        if not yields:
            message = f"the block `{node.name.id}` yields nothing"
            self.said.append(NOT_CONVERTIBLE.at(node.name.span, message, help="write `yield` and what it yields"))
            return Group([])
        formals = [Entry("", self.quoted(t.formal(formal), formal.span)) for formal in node.formals]
        entries = [Entry("formals", Group(formals, listed=True))] if formals else []
        entries += [self.equations("equations", equations)] if equations else []
        last = yields[0]
        value = self.scalar(t.right_side(last.node.value), last.node.span)  # type: ignore[union-attr]
        above = [line for line in last.above if line or equations]
        return Group([*entries, Entry("yield", value, above, last.after)], tall=True)

    def equations(self, key: str, members: Sequence[Placed[Statement]]) -> Entry:
        """The list of `let` and `vertex`; an empty line before the first one stands before the key."""
        entry = Entry(
            key, Group([Entry("", self.equation(m.node), m.above, m.after) for m in members], listed=True, tall=True)
        )
        if members[0].above[:1] == [""]:
            entry.above.append(members[0].above.pop(0))
        return entry

    def equation(self, node: Statement) -> Group:
        """`{vertex: "h[i: 0..4]", is: "(x[i])", share: all}`."""
        assert isinstance(node, s.Let | s.Vertex)
        head = Entry(keyword(node), self.quoted(t.head(node.head), node.span))
        return Group([head, Entry("is", self.quoted(t.right_side(node.value), node.span)), *self.clauses(node.clauses)])

    # Clauses

    def clauses(self, clauses: Sequence[s.Clause]) -> list[Entry]:
        """`share`, `per` and `with`, in that order."""
        found = dict[str, Entry]()
        for clause in clauses:
            key = type(clause).__name__.lower()
            if key in found:
                self.twice(clause.span, key, next(c.span for c in clauses if type(c) is type(clause)))
            match clause:
                case s.Share():
                    found[key] = Entry(key, self.share(clause))
                case s.Per():
                    found[key] = Entry(key, names(clause.names))
                case s.With():
                    found[key] = Entry(key, self.arguments(clause.args, 0))
        return [found[key] for key in ("share", "per", "with") if key in found]

    def share(self, clause: s.Share) -> str | Group:
        """`all`, `{by: l}`, `{primary: {by: l}, trainer: all}`; what has no such form is one string."""
        items = clause.items
        if len(items) == 1 and clause.alias is None and items[0].component is None and items[0].kind in ("all", "none"):
            return items[0].kind
        keys = [item.component.id if item.component else item.kind for item in items]
        if len(set(keys)) < len(keys) or {"all", "none"} & set(keys) or {"by", "over"} <= set(keys):
            return self.quoted(t.clause(clause).removeprefix("share "), clause.span)
        entries = [Entry(key, self.share_item(item)) for key, item in zip(keys, items, strict=True)]
        return Group([*entries, *([Entry("as", plain(clause.alias.id))] if clause.alias else [])])

    def share_item(self, item: s.ShareItem) -> str | Group:
        """The key of one component, or of all."""
        if item.kind in ("all", "none"):
            return item.kind
        if item.kind == "over":
            value = names(item.names)
        else:
            keys = [Entry("", self.scalar(t.outermost(key, True), key.span)) for key in item.key]
            value = keys[0].value if len(keys) == 1 else Group(keys, listed=True)
        return Group([Entry(item.kind, value)]) if item.component else value

    # Values

    def value(self, expr: s.Expr, depth: int = 0, inside: bool = False) -> str | Group:
        """An option with named options of its own is a mapping, a list is a list, all else is one string."""
        if depth < DEEPEST and isinstance(expr, s.Call) and expr.args and distinct(expr.args):
            return Group([Entry(plain(expr.function.id), self.arguments(expr.args, depth + 1))])
        if depth < DEEPEST and isinstance(expr, s.List):
            return Group([Entry("", self.value(item, depth + 1, True)) for item in expr.items], listed=True)
        text = t.expression(expr, inside)
        return text if isinstance(expr, s.Bool) else self.scalar(text, expr.span)

    def arguments(self, args: Sequence[s.Arg], depth: int) -> Group:
        """Named arguments as a mapping."""
        for arg in () if distinct(args) else args:
            message = "in YAML every argument here has a name, and no two have the same"
            self.said.append(NOT_CONVERTIBLE.at(arg.span, message, help="write `name: value`"))
        return Group([Entry(plain(arg.name.id), self.value(arg.value, depth)) for arg in args if arg.name])

    def scalar(self, text: str, span: Span) -> str:
        """A string of the language: as it is if it is one name or number, else quoted."""
        return plain(text) if PLAIN.fullmatch(text) else self.quoted(text, span)

    def quoted(self, text: str, span: Span) -> str:
        """A string in quotes that needs no escapes."""
        if '"' not in text and "\\" not in text:
            found = f'"{text}"'
        elif "'" not in text:
            found = f"'{text}'"
        else:
            found = ""
        if not found or STRANGE.search(found):
            message = "YAML needs an escape for a character of this text"
            self.said.append(
                NOT_CONVERTIBLE.at(span, message, help="leave out quotes, backslashes and control characters")
            )
        return found

    def twice(self, span: Span, key: str, first: Span) -> None:
        """Reports a second statement where a key has one."""
        labels = (Label(first, "the first"),)
        message = f"in YAML the key `{key}` stands once, and here is a second one"
        self.said.append(NOT_CONVERTIBLE.at(span, message, labels=labels, help="leave one of them out"))


def key_of(statement: s.Statement) -> str:
    """The key of the file that a statement stands under."""
    return "equations" if isinstance(statement, s.Let | s.Vertex) else keyword(statement)


def hoisted(entry: Entry) -> Entry:
    """An entry with the lines above its first part above itself, and with the comments beside its last part."""
    assert isinstance(entry.value, Group)
    first, last = entry.value.entries[0], entry.value.entries[-1]
    entry.above, first.above = first.above, []
    entry.after, last.after = last.after, []
    return entry


def distinct(args: Sequence[s.Arg]) -> bool:
    """Whether all arguments have names, no two the same."""
    found = [arg.name.id for arg in args if arg.name]
    return len(found) == len(args) == len(set(found))


def names(nodes: Sequence[s.Name]) -> str | Group:
    """One name, or a list of names."""
    if len(nodes) == 1:
        return plain(nodes[0].id)
    return Group([Entry("", plain(node.id)) for node in nodes], listed=True)


def plain(name: str) -> str:
    """A name or number without quotes, unless some reader would take it for something else."""
    return f'"{name}"' if name.lower() in OTHERS else name
