"""The clauses of an equation: which names they may use, and what they say about sharing and networks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from exnet.graph import rules
from exnet.language import syntax
from exnet.source import nearest
from exnet.spec.model import COMPONENTS
from exnet.spec.walk import nodes, used_names

if TYPE_CHECKING:
    from exnet.graph.places import Place
    from exnet.graph.program import Program

Clausal: TypeAlias = syntax.Let | syntax.Vertex | syntax.Root


@dataclass(frozen=True, slots=True)
class Clauses:
    """What the clauses of an equation say, sorted.

    Attributes:
        keys: `all`, `none` and `by` items by component; None stands for all components.
        over: the indices removed by `over`, by component.
        alias: the name after `as`.
        per: the indices of `per`.
        networks: the networks chosen by `with`, by component.
    """

    keys: dict[str | None, syntax.ShareItem]
    over: dict[str | None, frozenset[str]]
    alias: str | None
    per: tuple[str, ...]
    networks: dict[str, str]

    def key(self, component: str) -> syntax.ShareItem | None:
        """The key of a component; one that is not named takes the primary's. None: nothing is shared."""
        named = self.keys.get(component) or self.keys.get(None)
        return named or self.keys.get("primary")

    def over_of(self, component: str) -> frozenset[str]:
        """The lifted indices that do not take part in the keys of a component."""
        return self.over.get(component, frozenset()) | self.over.get(None, frozenset())


def clauses_of(statement: Clausal) -> Clauses:
    """The sorted clauses of a statement that has been checked."""
    keys: dict[str | None, syntax.ShareItem] = {}
    over: dict[str | None, frozenset[str]] = {}
    alias, per, networks = None, tuple[str, ...](), dict[str, str]()
    for clause in statement.clauses:
        match clause:
            case syntax.Share():
                alias = clause.alias.id if clause.alias else alias
                for item in clause.items:
                    component = item.component.id if item.component else None
                    if item.kind == "over":
                        over[component] = over.get(component, frozenset()) | {n.id for n in item.names}
                    else:
                        keys[component] = item
            case syntax.Per():
                per += tuple(name.id for name in clause.names)
            case syntax.With():
                networks |= {a.name.id: a.value.id for a in clause.args if a.name and isinstance(a.value, syntax.Name)}
    return Clauses(keys, over, alias, per, networks)


def applications(statement: "Clausal | syntax.Yield", visible: Iterable[str]) -> Iterator[syntax.Call]:
    """The applications of blocks in the right side of a statement, in the order of the text."""
    known = set(visible)
    for node in nodes(statement.value):
        if isinstance(node, syntax.Call) and node.function.id in known:
            yield node


def lifted_names(call: syntax.Call, indices: Iterable[str], per: Iterable[str]) -> tuple[str, ...]:
    """The indices that an application is lifted over, in the order of the head: free in it, or named by `per`."""
    free = {name.id for arg in call.args for name in used_names(arg.value)} | set(per)
    return tuple(index for index in indices if index in free)


def check_clauses(program: "Program", statement: Clausal, place: "Place") -> None:
    """Reports what is wrong in the clauses of an equation."""
    calls = list(applications(statement, place.scope.visible))
    seen: dict[tuple[str, str | None], syntax.ShareItem] = {}
    for clause in statement.clauses:
        match clause:
            case syntax.Share():
                for item in clause.items:
                    _check_item(program, statement, item, place, calls)
                    _check_repeated(program, item, seen)
                if not isinstance(statement, syntax.Vertex) and clause.alias and not calls:
                    _idle(program, clause.alias, "as")
            case syntax.Per():
                _check_per(program, statement, clause, calls)
            case syntax.With():
                _check_with(program, clause)


def _check_repeated(
    program: "Program", item: syntax.ShareItem, seen: dict[tuple[str, str | None], syntax.ShareItem]
) -> None:
    kind = "over" if item.kind == "over" else "key"
    component = item.component.id if item.component else None
    if (kind, component) in seen:
        message = f"a second key for {f'`{component}`' if component else 'the equation'}"
        program.report.add(rules.CLAUSE_WITHOUT_EFFECT.at(item.span, message, help="write one of them"))
    seen[kind, component] = item


def _check_item(
    program: "Program", statement: Clausal, item: syntax.ShareItem, place: "Place", calls: list[syntax.Call]
) -> None:
    component = item.component.id if item.component else None
    if item.component is not None and component not in COMPONENTS:
        near = nearest(item.component.id, COMPONENTS)
        hint = f"did you mean `{near}`?" if near else f"components are {', '.join(COMPONENTS)}"
        message = f"`{item.component.id}` is no component"
        program.report.add(rules.UNKNOWN_COMPONENT.at(item.component.span, message, help=hint))
    if item.kind == "over":
        _check_over(program, statement, item, calls)
        return
    if not isinstance(statement, syntax.Vertex):
        message = f"`share {item.span.text}` speaks of vertices; a `{_keyword(statement)}` makes none"
        hint = "`share over ..` and `share as ..` speak of the block that is applied"
        program.report.add(rules.CLAUSE_WITHOUT_EFFECT.at(item.span, message, help=hint))
        return
    for key in item.key:
        unknown = [n for n in used_names(key) if n.id not in place.indices and n.id not in place.scope.ints]
        for name in unknown:
            _unknown_index(program, statement, name)
        if not unknown:
            program.integer_key(key, replace(place, slot=component == "complementary"))


def near_index(name: str, indices: Iterable[str]) -> str | None:
    """The index that may have been meant; of names with one letter nobody can tell."""
    return nearest(name, indices) if len(name) > 1 else None


def _keyword(statement: Clausal) -> str:
    return type(statement).__name__.lower()


def _unknown_index(program: "Program", statement: Clausal, name: syntax.Name) -> None:
    family = statement.head.name.id if not isinstance(statement, syntax.Root) else "root"
    indices = _indices(statement)
    known = f": {', '.join(indices)}" if indices else ""
    near = near_index(name.id, indices)
    message = f"a key may use the indices of `{family}`{known} (and `slot` in `complementary`)"
    if not indices:
        message = f"`{family}` has no index that a key could use"
    hint = f"did you mean `{near}`?" if near else ""
    program.report.add(rules.UNKNOWN_INDEX.at(name.span, message, help=hint))


def _indices(statement: Clausal) -> list[str]:
    if isinstance(statement, syntax.Root):
        return []
    return [b.name.id for b in statement.head.binders if b.name]


def _check_over(program: "Program", statement: Clausal, item: syntax.ShareItem, calls: list[syntax.Call]) -> None:
    if not calls:
        _idle(program, item, "over")
        return
    per = [n.id for c in statement.clauses if isinstance(c, syntax.Per) for n in c.names]
    lifted = list(dict.fromkeys(n for call in calls for n in lifted_names(call, _indices(statement), per)))
    for name in item.names:
        if name.id not in lifted:
            known = f"over {', '.join(f'`{n}`' for n in lifted)}" if lifted else "over no index"
            near = near_index(name.id, lifted)
            message = f"`{calls[0].function.id}` is lifted {known}, not over `{name.id}`"
            hint = f"did you mean `{near}`?" if near else ""
            program.report.add(rules.UNKNOWN_INDEX.at(name.span, message, help=hint))


def _idle(program: "Program", at: "syntax.ShareItem | syntax.Name | syntax.Per", word: str) -> None:
    message = f"`{word}` speaks of an applied block; the right side applies none"
    program.report.add(rules.CLAUSE_WITHOUT_EFFECT.at(at.span, message, help="leave it out"))


def _check_per(program: "Program", statement: Clausal, clause: syntax.Per, calls: list[syntax.Call]) -> None:
    if not calls:
        _idle(program, clause, "per")
        return
    indices = _indices(statement)
    for name in clause.names:
        if name.id not in indices:
            near = near_index(name.id, indices)
            known = f"its indices are {', '.join(f'`{i}`' for i in indices)}" if indices else "it has none"
            message = f"`{name.id}` is no index of this equation; {known}"
            hint = f"did you mean `{near}`?" if near else ""
            program.report.add(rules.UNKNOWN_INDEX.at(name.span, message, help=hint))


def _check_with(program: "Program", clause: syntax.With) -> None:
    seen = set[str]()
    for arg in clause.args:
        if arg.name is None or arg.name.id not in COMPONENTS:
            near = nearest(arg.name.id, COMPONENTS) if arg.name else None
            hint = f"did you mean `{near}`?" if near else f"components are {', '.join(COMPONENTS)}"
            message = f"`{arg.name.id}` is no component" if arg.name else "`with` names components"
            program.report.add(rules.UNKNOWN_COMPONENT.at((arg.name or arg.value).span, message, help=hint))
        elif arg.name.id in seen:
            program.report.add(rules.UNKNOWN_COMPONENT.at(arg.span, f"`{arg.name.id}` is chosen twice"))
        seen |= {arg.name.id} if arg.name else set()
        _check_network(program, arg.value)


def _check_network(program: "Program", value: syntax.Expr) -> None:
    if not isinstance(value, syntax.Name):
        message = f"`{value.span.text}` is no network; `with` takes the name of one"
        hint = f"write `net core = {value.span.text}` and use `core`" if isinstance(value, syntax.Call) else ""
        program.report.add(rules.KIND_DIFFERS.at(value.span, message, help=hint))
    elif value.id not in program.nets:
        near = nearest(value.id, program.nets)
        hint = f"did you mean `{near}`?" if near else f"write `net {value.id} = mlp`"
        program.report.add(rules.UNKNOWN_NAME.at(value.span, f"no network is called `{value.id}`", help=hint))
