"""Heads: binders, guards, and what the heads of a family must have in common."""

from typing import TYPE_CHECKING

from exnet.graph import rules
from exnet.graph.places import Place
from exnet.graph.scope import Scope
from exnet.language import syntax
from exnet.source import Label, Span

if TYPE_CHECKING:
    from exnet.graph.program import Program


def check_head(program: "Program", scope: Scope, head: syntax.Head) -> Place:
    """Reports what is wrong in a head; gives the place where the right side stands."""
    bound: dict[str, Span] = {}
    named = {b.name.id: b for b in head.binders if b.name}
    for at, binder in enumerate(head.binders):
        later = {b.name.id: b for b in head.binders[at:] if b.name and b.name.id not in bound}
        place = Place(scope, frozenset(bound), later)
        if isinstance(binder.domain, syntax.Range):
            program.integer(binder.domain.lo, place)
            program.integer(binder.domain.hi, place)
        elif not _is_bare_index(program, binder, place):
            program.integer(binder.domain, place)
        if binder.name:
            _bind(program, scope, binder.name, bound)
    place = Place(scope, frozenset(named))
    if isinstance(head.guard, syntax.When):
        program.integer(head.guard.condition, place, "bool")
    return place


def _is_bare_index(program: "Program", binder: syntax.Binder, place: Place) -> bool:
    name = binder.domain
    if not isinstance(name, syntax.Name) or name.id in place.indices or name.id in place.scope.names():
        return False
    hint = f"write `{name.id}: 0..n`"
    program.report.add(rules.INDEX_WITHOUT_DOMAIN.at(name.span, f"`{name.id}` has no domain", help=hint))
    return True


def _bind(program: "Program", scope: Scope, name: syntax.Name, bound: dict[str, Span]) -> None:
    if name.id in bound:
        labels = (Label(bound[name.id], "bound here"),)
        program.report.add(rules.DUPLICATE_INDEX.at(name.span, f"index `{name.id}` is bound twice", labels=labels))
        return
    bound[name.id] = name.span
    if name.id in scope.places:
        what, span = scope.places[name.id]
        message = f"`{name.id}` is already the {what} of line {span.shown.first.line}"
        labels = (Label(span, "defined here"),)
        program.report.add(rules.SHADOWED_NAME.at(name.span, message, labels=labels, help="use another name"))


def check_families(program: "Program", scope: Scope) -> None:
    """Reports families with too many indices or equations, and an `otherwise` that stands alone."""
    for family in scope.families.values():
        head = family.equations[0].head
        guards = [s.head.guard for s in family.equations if isinstance(s.head.guard, syntax.Otherwise)]
        if guards and len(guards) == len(family.equations):
            message = f"`{family.name}` has no other equation, so `otherwise` has nothing to complete"
            program.report.add(rules.LONELY_OTHERWISE.at(guards[0].span, message, help="leave out `otherwise`"))
        if family.rank > program.limits.rank:
            message = f"`{family.name}` has {family.rank} indices; the limit is {program.limits.rank}"
            program.report.add(rules.RANK_TOO_HIGH.at(head.span, message))
        if len(family.equations) > program.limits.equations:
            message = f"`{family.name}` has {len(family.equations)} equations; the limit is {program.limits.equations}"
            hint = "equations over a range of indices say the same in one line"
            program.report.add(rules.TOO_MANY_EQUATIONS.at(head.span, message, help=hint))
