"""A spec with its scopes: names, kinds and ranks of every expression are checked before any array is made.

All mistakes come out in one run.
"""

from exnet.graph import rules
from exnet.graph.arguments import check_formals
from exnet.graph.equations import check_equation, check_root
from exnet.graph.heads import check_families
from exnet.graph.kinds import kind_of
from exnet.graph.limits import Limits
from exnet.graph.places import Place, rank_words
from exnet.graph.recursion import check_recursion
from exnet.graph.scope import Family, Kind, Report, Scope, block_scope, file_scope, yield_of
from exnet.graph.unfolding import check_unfolding
from exnet.language import syntax
from exnet.spec.model import Spec
from exnet.spec.walk import called_names


class Program:
    """A spec with the scopes of its file and of its blocks, and the kinds of what they yield."""

    def __init__(self, spec: Spec, report: Report, limits: Limits) -> None:
        self.spec, self.report, self.limits = spec, report, limits
        self.file = file_scope(spec, report)
        self.blocks = [block_scope(source, report) for source in spec.blocks]
        self.nets = frozenset(spec.networks)
        self.yields: dict[int, Kind] = {}
        self._families: dict[tuple[int, str], Kind] = {}

    def check(self) -> None:
        """Checks the whole program; the mistakes are in the report."""
        check_recursion(self)
        if not self.report.failed:
            self._check_unfolding()
        made = {id(item.equation) for item in self.spec.inputs}
        for scope in (self.file, *self.blocks):
            if scope.block is not None:
                check_formals(self, scope)
            for statement in scope.statements():
                if id(statement) not in made:
                    check_equation(self, scope, statement)
            check_families(self, scope)
        for i in range(len(self.blocks)):
            self.yield_kind(i)
        check_root(self)

    def _check_unfolding(self) -> None:
        found = check_unfolding(self.spec, self.file, self.blocks, self.limits)
        if found:
            self.report.add(found)

    def yield_kind(self, block: int) -> Kind:
        """The kind of what a block yields."""
        if block not in self.yields:
            self.yields[block] = None
            source, scope = self.spec.blocks[block], self.blocks[block]
            if any(isinstance(s, syntax.Yield) for s in source.block.body):
                self.yields[block] = self.node(yield_of(source), Place(scope))
        return self.yields[block]

    def family_kind(self, scope: Scope, family: Family) -> Kind:
        """The rank of a family. `let name = ..` without indices has the rank of what it names."""
        if not family.is_whole:
            return None if family.is_uneven else family.rank
        if isinstance(family.equations[0].value, syntax.Tuple):
            return None
        key = (id(scope), family.name)
        if key in self._families:
            kind = self._families[key]
            if kind == "open":
                self._families[key] = None
                self._own_meaning(scope, family)
                return None
            return kind
        self._families[key] = "open"
        kind = self.node(family.equations[0].value, Place(scope))
        if self._families[key] == "open":
            self._families[key] = kind
        return self._families[key]

    def _own_meaning(self, scope: Scope, family: Family) -> None:
        """A `let` without indices that leads back to itself."""
        value = family.equations[0].value
        leads = f"`{family.name}` = `{value.span.text}` leads back to `{family.name}`"
        if any(name in scope.visible for name in called_names(value)):
            hint = "a vertex may only read what does not read it"
            self.report.add(rules.CYCLE.at(value.span, leads, help=hint))
            return
        message = f"{leads}: these names only rename each other"
        self.report.add(rules.ALIAS_CYCLE.at(value.span, message))

    def kind(self, expr: syntax.Expr, place: Place) -> Kind:
        """The kind of an expression; mistakes inside go to the report, once, and give None."""
        return kind_of(self, expr, place)

    def integer(self, expr: syntax.Expr, place: Place, wanted: str = "int") -> None:
        """Checks that an expression is an integer, or what else is `wanted`."""
        kind = self.kind(expr, place)
        if kind is None or kind == wanted:
            return
        words = {"int": "an integer", "bool": "a condition"}
        is_what = words.get(kind, "") if isinstance(kind, str) else rank_words(kind)
        message = f"`{expr.span.text}` is {is_what}, where {words[wanted]} is wanted"
        hint = f"write `{expr.span.text} != 0`" if (kind, wanted) == ("int", "bool") else ""
        self.report.add(rules.KIND_DIFFERS.at(expr.span, message, help=hint))

    def integer_key(self, expr: syntax.Expr, place: Place) -> None:
        """Checks a key of `share by`: an integer or a condition."""
        kind = self.kind(expr, place)
        if isinstance(kind, int):
            message = f"`{expr.span.text}` is {rank_words(kind)}, where a key is wanted"
            self.report.add(rules.KIND_DIFFERS.at(expr.span, message))

    def node(self, expr: syntax.Expr, place: Place) -> Kind:
        """The rank of an expression that must be a vertex or an array; None after a message."""
        kind = self.kind(expr, place)
        if isinstance(kind, str) and kind != "open":
            what = "an integer" if kind == "int" else "a condition"
            message = f"`{expr.span.text}` is {what}, where a vertex is wanted"
            self.report.add(rules.KIND_DIFFERS.at(expr.span, message))
            return None
        return kind
