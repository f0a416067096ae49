"""Canonical text: as the formatter writes it, without comments, set params at their values, imports inlined."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from exnet.language import format_file, parse_file, syntax
from exnet.source import Source, Span
from exnet.spec.walk import called_names

if TYPE_CHECKING:
    from exnet.spec.model import BlockSource, Spec


PARAGRAPHS: tuple[tuple[type[syntax.Statement], ...], ...] = (
    (syntax.Settings,),
    (syntax.Input, syntax.Output),
    (syntax.Net, syntax.Tokenise, syntax.Default),
    (syntax.Let, syntax.Vertex, syntax.Root),
    (syntax.Mode, syntax.Learn),
    (syntax.Block,),
)
"""Kinds of statement that stand together in canonical text, in this order."""


def canonical_text(spec: "Spec") -> str:
    """The canonical text of a spec: statements by kind, else in their order. Parsing it gives an equal spec."""
    statements = _statements(spec)
    paragraphs = [f"exnet {spec.name}"]
    for kinds in PARAGRAPHS:
        chosen = [s for s in statements if isinstance(s, kinds)]
        merged = _merged(chosen) if kinds == PARAGRAPHS[0] else chosen
        if merged:
            paragraphs.append("\n".join(_text(spec.file, statement) for statement in merged))
    file = parse_file(Source(spec.name, "\n\n".join(paragraphs) + "\n")).unwrap()
    return format_file(file)


def canonical_key(spec: "Spec") -> tuple[str, ...]:
    """Equal for specs that mean the same: each statement as text, sorted, with named arguments in order."""
    single = [
        replace(statement, settings=(setting,)) if isinstance(statement, syntax.Settings) else statement
        for statement in _statements(spec)
        for setting in (statement.settings if isinstance(statement, syntax.Settings) else (None,))
    ]
    return (spec.name, *sorted(_text(spec.file, _rewritten(statement, _in_order)) for statement in single))


def _text(file: syntax.File, statement: syntax.Statement) -> str:
    """A statement on one line: what is left of its layout is nothing."""
    alone = format_file(replace(file, edition=None, statements=(statement,), comments=()))
    return " ".join(alone.split("\n", 1)[1].split())


def _merged(settings: list[Any]) -> list[syntax.Settings]:
    """One statement for each of const, param and space."""
    found = dict[str, syntax.Settings]()
    for keyword in ("const", "param", "space"):
        same = [statement for statement in settings if statement.keyword == keyword]
        if same:
            found[keyword] = replace(same[0], settings=tuple(s for statement in same for s in statement.settings))
    return list(found.values())


def _statements(spec: "Spec") -> list[syntax.Statement]:
    """The statements of the file without imports, set params at their values, then all blocks that it needs."""
    names = _block_names(spec)
    scope = {name: names[i] for name, i in spec.visible.items() if i in names}
    statements = list[syntax.Statement]()
    for statement in spec.file.statements:
        match statement:
            case syntax.Import() | syntax.Block():
                pass
            case syntax.Settings(keyword="param"):
                statements.append(_with_values(statement, spec.overrides))
            case _:
                statements.append(_renamed(statement, scope))
    for i, name in names.items():
        block, visible = spec.blocks[i].block, spec.blocks[i].visible
        renamed = _renamed(block, {other: names[j] for other, j in visible.items() if j in names})
        statements.append(replace(renamed, name=replace(block.name, id=name)))
    return statements


def _block_names(spec: "Spec") -> dict[int, str]:
    """The name of each block that the canonical text must hold: a clash between files is resolved by a number."""
    names = {i: name for name, i in spec.visible.items() if spec.blocks[i].origin == "file"}
    taken = set(names.values())
    for i in _reached(spec):
        block = spec.blocks[i]
        name = block.block.name.id
        if i in names or (block.origin == "standard" and name not in taken):
            continue
        number, unique = 2, name
        while unique in taken:
            unique, number = f"{name}_{number}", number + 1
        names[i] = unique
        taken.add(unique)
    return names


def _reached(spec: "Spec") -> Iterator[int]:
    """The blocks that the file can come to apply, imported and standard ones included, each once."""
    own = [i for i in spec.visible.values() if spec.blocks[i].origin == "file"]
    called = called_names(tuple(s for s in spec.file.statements if not isinstance(s, syntax.Block)))
    queue = own + [i for name, i in sorted(spec.visible.items()) if name in called]
    seen = set[int]()
    while queue:
        i = queue.pop(0)
        if i in seen:
            continue
        seen.add(i)
        yield i
        block: BlockSource = spec.blocks[i]
        queue += [block.visible[name] for name in sorted(called_names(block.block)) if name in block.visible]


def _with_values(statement: syntax.Settings, values: Mapping[str, int | bool]) -> syntax.Settings:
    settings = (
        replace(s, value=_literal(values[s.name.id], s.value.span)) if s.name.id in values else s
        for s in statement.settings
    )
    return replace(statement, settings=tuple(settings))


def _literal(value: int | bool, span: Span) -> syntax.Expr:
    if isinstance(value, bool):
        return syntax.Bool(value, span)
    return syntax.Int(value, span) if value >= 0 else syntax.Unary("-", syntax.Int(-value, span), span)


T = TypeVar("T")


def _renamed(node: T, names: Mapping[str, str]) -> T:
    """The same piece of syntax with applied blocks called by other names."""
    if all(old == new for old, new in names.items()):
        return node

    def rename(call: syntax.Call) -> syntax.Call:
        return replace(call, function=replace(call.function, id=names.get(call.function.id, call.function.id)))

    return _rewritten(node, lambda inner: rename(inner) if isinstance(inner, syntax.Call) else inner)


def _in_order(node: Any) -> Any:
    """Named arguments by name after the others, equations of a block in a fixed order, numbers spelt in one way."""
    if isinstance(node, syntax.Float):
        return replace(node, text=repr(node.value))
    if isinstance(node, syntax.Int):
        return replace(node, span=Span(node.span.source, 0, 0))  # its text would keep the spelling, `1_000`
    if isinstance(node, syntax.Block):
        return replace(node, body=tuple(sorted(node.body, key=repr)))
    if not isinstance(node, syntax.Call | syntax.Default | syntax.With):
        return node
    return replace(node, args=tuple(sorted(node.args, key=lambda arg: arg.name.id if arg.name else "")))


def _rewritten(node: Any, change: Callable[[Any], Any]) -> Any:
    """A piece of syntax with every node changed, inner ones first."""
    if isinstance(node, tuple):
        return tuple(_rewritten(item, change) for item in node)
    if not is_dataclass(node) or isinstance(node, Span | type):
        return node
    inner = {f.name: _rewritten(getattr(node, f.name), change) for f in fields(node) if f.name != "span"}
    return change(replace(node, **inner))
