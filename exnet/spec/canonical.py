"""Canonical text: as the formatter writes it, without comments, set params at their values, imports inlined."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from exnet.language import format_file, syntax
from exnet.source import Span
from exnet.spec.walk import called_names

if TYPE_CHECKING:
    from exnet.spec.model import BlockSource, Spec


def canonical_file(spec: "Spec") -> syntax.File:
    """The syntax tree of the canonical text: it means the same and needs no other file."""
    names = _block_names(spec)
    statements = list[syntax.Statement]()
    for statement in spec.file.statements:
        match statement:
            case syntax.Import():
                pass
            case syntax.Settings(keyword="param"):
                statements.append(_with_values(statement, spec.overrides))
            case syntax.Block():
                statements.append(_renamed(statement, spec.blocks[spec.visible[statement.name.id]].visible, names))
            case _:
                statements.append(_recall(statement, {n: names[i] for n, i in spec.visible.items() if i in names}))
    inlined = [i for i in names if spec.blocks[i].block not in spec.file.statements]
    for i in inlined:
        block = _renamed(spec.blocks[i].block, spec.blocks[i].visible, names)
        statements.append(replace(block, name=replace(block.name, id=names[i])))
    return replace(spec.file, statements=tuple(statements), comments=())


def canonical_text(spec: "Spec") -> str:
    """The canonical text of a spec; parsing it gives an equal spec."""
    return format_file(canonical_file(spec))


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


def _renamed(block: syntax.Block, visible: Mapping[str, int], names: Mapping[int, str]) -> syntax.Block:
    return _recall(block, {name: names[i] for name, i in visible.items() if i in names})


def _recall(node: Any, names: Mapping[str, str]) -> Any:
    """The same piece of syntax with applied blocks called by other names."""
    if all(old == new for old, new in names.items()):
        return node
    if isinstance(node, tuple):
        return tuple(_recall(item, names) for item in node)
    if not is_dataclass(node) or isinstance(node, Span | type):
        return node
    changed = {f.name: _recall(getattr(node, f.name), names) for f in fields(node) if f.name != "span"}
    if isinstance(node, syntax.Call):
        changed["function"] = replace(node.function, id=names.get(node.function.id, node.function.id))
    return replace(node, **changed)
