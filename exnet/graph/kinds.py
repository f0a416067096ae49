"""Names, kinds and ranks of every expression, checked before any array is made; all mistakes in one run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from exnet.graph import rules
from exnet.graph.clauses import check_clauses
from exnet.graph.integers import FUNCTIONS
from exnet.graph.limits import Limits
from exnet.graph.scope import Family, Kind, Report, Scope, Statement, block_scope, file_scope, yield_of
from exnet.graph.unfolding import check_unfolding
from exnet.language import syntax
from exnet.source import Diagnostic, Label, Span, nearest
from exnet.spec.library import STANDARD
from exnet.spec.model import Spec
from exnet.spec.walk import called_names, used_names

ARRAY_FUNCTIONS = {"flatten": None, "reverse": 1, "transpose": 2}
"""Functions of arrays: the rank that they want, None for any."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: which indices it may use, and which are bound only later."""

    scope: Scope
    indices: frozenset[str] = frozenset()
    later: Mapping[str, syntax.Binder] = field(default_factory=dict)
    slot: bool = False


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 index`, `2 indices`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


class Program:
    """A spec with the scopes of its file and of its blocks, and the kinds of what they yield."""

    def __init__(self, spec: Spec, report: Report, limits: Limits) -> None:
        self.spec, self.report, self.limits = spec, report, limits
        self.file = file_scope(spec, report)
        self.blocks = [block_scope(source, report) for source in spec.blocks]
        self.nets = frozenset(spec.networks)
        self._yields: dict[int, Kind] = {}
        self._families: dict[tuple[int, str], Kind] = {}

    def check(self) -> None:
        """Checks the whole program; the mistakes are in the report."""
        self._check_recursion()
        if not self.report.failed:
            self._check_unfolding()
        for scope in (self.file, *self.blocks):
            if scope.block is not None:
                self._check_formals(scope)
            for statement in scope.statements():
                self._check_equation(scope, statement)
            self._check_families(scope)
        for i in range(len(self.blocks)):
            self.yield_kind(i)
        self._check_root()

    def _check_families(self, scope: Scope) -> None:
        for family in scope.families.values():
            head = family.equations[0].head
            guards = [s.head.guard for s in family.equations if isinstance(s.head.guard, syntax.Otherwise)]
            if guards and len(guards) == len(family.equations):
                message = f"`{family.name}` has no other equation, so `otherwise` has nothing to complete"
                self.report.add(rules.LONELY_OTHERWISE.at(guards[0].span, message, help="leave out `otherwise`"))
            if family.rank > self.limits.rank:
                message = f"`{family.name}` has {family.rank} indices; the limit is {self.limits.rank}"
                self.report.add(rules.RANK_TOO_HIGH.at(head.span, message))
            if len(family.equations) > self.limits.equations:
                message = f"`{family.name}` has {len(family.equations)} equations; the limit is {self.limits.equations}"
                hint = "equations over a range of indices say the same in one line"
                self.report.add(rules.TOO_MANY_EQUATIONS.at(head.span, message, help=hint))

    # Blocks

    def _check_recursion(self) -> None:
        """Blocks may not apply themselves, and nest only so deep."""
        calls = [
            [scope.visible[name] for name in sorted(called_names(scope.block.block.body)) if name in scope.visible]
            for scope in self.blocks
            if scope.block
        ]
        done: dict[int, int] = {}
        for start in range(len(calls)):
            self._descend(start, calls, [], done)

    def _check_unfolding(self) -> None:
        found = check_unfolding(self.spec, self.file, self.blocks, self.limits)
        if found:
            self.report.add(found)

    def _descend(self, block: int, calls: list[list[int]], path: list[int], done: dict[int, int]) -> int:
        if block in path:
            self._recursive([*path[path.index(block) :], block])
            return 0
        if block not in done:
            done[block] = 1 + max((self._descend(b, calls, [*path, block], done) for b in calls[block]), default=0)
            if done[block] == self.limits.block_depth + 1:
                name = self.blocks[block].name
                message = f"`{name}` nests blocks {done[block]} deep; the limit is {self.limits.block_depth}"
                self.report.add(rules.BLOCKS_TOO_DEEP.at(self._name_span(block), message))
        return done[block]

    def _name_span(self, block: int) -> Span:
        return self.spec.blocks[block].block.name.span

    def _recursive(self, circle: list[int]) -> None:
        names = [self.blocks[b].name for b in circle]
        for block in circle:
            self._yields.setdefault(block, None)
        message = f"`{names[0]}` applies itself"
        if len(circle) > 2:
            message = ", which applies ".join([f"`{names[0]}` applies `{names[1]}`", *(f"`{n}`" for n in names[2:])])
        hint = "use a level index, as `tree` does"
        self.report.add(rules.RECURSIVE_BLOCK.at(self._name_span(circle[0]), message, help=hint))

    def yield_kind(self, block: int) -> Kind:
        """The kind of what a block yields."""
        if block not in self._yields:
            self._yields[block] = None
            source, scope = self.spec.blocks[block], self.blocks[block]
            if any(isinstance(s, syntax.Yield) for s in source.block.body):
                self._yields[block] = self._node(yield_of(source), Place(scope))
        return self._yields[block]

    def _check_formals(self, scope: Scope) -> None:
        assert scope.block is not None
        seen, later = set[str](), {f.name.id for f in scope.block.block.formals}
        for formal in scope.block.block.formals:
            place = Place(_left_of(scope, later))
            if formal.default is not None:
                self._integer(formal.default, place, scope.ints.get(formal.name.id, "int"))
            for dim in formal.dims or ():
                if not isinstance(dim, syntax.Name):
                    self._integer(dim, Place(scope))
            if formal.dims is not None and len(formal.dims) > 4:
                message = f"`{formal.name.id}` has {len(formal.dims)} axes; the limit is 4"
                self.report.add(rules.RANK_TOO_HIGH.at(formal.span, message))
            later.discard(formal.name.id)
            seen.add(formal.name.id)

    # Equations

    def _check_equation(self, scope: Scope, statement: Statement) -> None:
        place = self._check_head(scope, statement.head)
        if isinstance(statement, syntax.Vertex):
            self._check_children(statement, place)
        else:
            self._check_let(scope, statement, place)
        check_clauses(self, statement, place)

    def _check_head(self, scope: Scope, head: syntax.Head) -> Place:
        bound: dict[str, Span] = {}
        named = {b.name.id: b for b in head.binders if b.name}
        for at, binder in enumerate(head.binders):
            later = {b.name.id: b for b in head.binders[at:] if b.name and b.name.id not in bound}
            place = Place(scope, frozenset(bound), later)
            if isinstance(binder.domain, syntax.Range):
                self._integer(binder.domain.lo, place)
                self._integer(binder.domain.hi, place)
            elif not self._is_bare_index(binder, place):
                self._integer(binder.domain, place)
            if binder.name:
                self._bind(scope, binder.name, bound)
        place = Place(scope, frozenset(named))
        if isinstance(head.guard, syntax.When):
            self._integer(head.guard.condition, place, "bool")
        return place

    def _is_bare_index(self, binder: syntax.Binder, place: Place) -> bool:
        name = binder.domain
        if not isinstance(name, syntax.Name) or name.id in place.indices or name.id in place.scope.names():
            return False
        hint = f"write `{name.id}: 0..n`"
        self.report.add(rules.INDEX_WITHOUT_DOMAIN.at(name.span, f"`{name.id}` has no domain", help=hint))
        return True

    def _bind(self, scope: Scope, name: syntax.Name, bound: dict[str, Span]) -> None:
        if name.id in bound:
            labels = (Label(bound[name.id], "bound here"),)
            self.report.add(rules.DUPLICATE_INDEX.at(name.span, f"index `{name.id}` is bound twice", labels=labels))
            return
        bound[name.id] = name.span
        if name.id in scope.places:
            what, span = scope.places[name.id]
            message = f"`{name.id}` is already the {what} of line {span.first.line}"
            labels = (Label(span, "defined here"),)
            self.report.add(rules.SHADOWED_NAME.at(name.span, message, labels=labels, help="use another name"))

    def _check_let(self, scope: Scope, statement: syntax.Let, place: Place) -> None:
        value = statement.value
        if isinstance(value, syntax.Tuple):
            text = f"write `vertex {statement.head.span.text} = {value.span.text}`"
            self.report.add(rules.LET_OF_TUPLE.at(value.span, "`let` only renames", help=text))
            return
        if not statement.head.binders:
            self.family_kind(scope, scope.families[statement.head.name.id])
            return
        kind = self._node(value, place)
        if isinstance(kind, int) and kind > 0:
            name = statement.head.name.id
            message = f"`{name}` names one node for each index; `{value.span.text}` is an array of rank {kind}"
            inside = ", ".join(b.name.id if b.name else b.span.text for b in statement.head.binders)
            text = f"write `{value.span.text}[{inside}]`, or `let {name} = ..` without indices for the whole array"
            self.report.add(rules.KIND_DIFFERS.at(value.span, message, help=text))

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
        kind = self._node(family.equations[0].value, Place(scope))
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

    # Children

    def _check_children(self, statement: syntax.Vertex, place: Place) -> None:
        value = statement.value
        if isinstance(value, syntax.Tuple):
            for item in value.items:
                self._check_child(item, place)
        elif isinstance(value, syntax.Paren):
            self._check_child(value.inner, place)
        else:
            kind = self._node(value, place)
            if kind == 0:
                name, text = statement.head.span.text, value.span.text
                hint = f"write `let {name} = {text}` to rename, or `({text})` for one child"
                self.report.add(rules.VERTEX_NEEDS_CHILDREN.at(value.span, "one vertex is not a tuple", help=hint))
            else:
                self._splice_rank(value, kind)

    def _check_child(self, item: syntax.Expr, place: Place) -> None:
        inner = item
        while isinstance(inner, syntax.Paren):
            inner = inner.inner
        if isinstance(inner, syntax.Tuple):
            hint = f"name the inner one: `vertex u = {inner.span.text}`"
            self.report.add(rules.NESTED_TUPLE.at(item.span, "children are vertices", help=hint))
            return
        self._splice_rank(item, self._node(item, place))

    def _splice_rank(self, item: syntax.Expr, kind: Kind) -> None:
        if isinstance(kind, int) and kind > 1:
            message = f"children are an array of rank 1; `{item.span.text}` has rank {kind}"
            hint = f"write `flatten({item.span.text})`"
            self.report.add(rules.WRONG_RANK.at(item.span, message, help=hint))

    def _check_root(self) -> None:
        root = self.spec.root
        place = Place(self.file)
        if isinstance(root.value, syntax.Tuple):
            hint = f"write `vertex top = {root.value.span.text}` and `root top`"
            self.report.add(
                rules.ROOT_NOT_A_VERTEX.at(root.value.span, "the root is one vertex, not a tuple", help=hint)
            )
            return
        kind = self._node(root.value, place)
        if isinstance(kind, int) and kind > 0:
            message = f"the root is one vertex; `{root.value.span.text}` is an array of rank {kind}"
            hint = f"write `tree({root.value.span.text})`" if kind == 1 else "choose one of its vertices"
            self.report.add(rules.ROOT_NOT_A_VERTEX.at(root.value.span, message, help=hint))
        check_clauses(self, root, place)

    # Expressions

    def kind(self, expr: syntax.Expr, place: Place) -> Kind:
        """The kind of an expression; mistakes inside go to the report, once, and give None."""
        match expr:
            case syntax.Int():
                return "int"
            case syntax.Bool():
                return "bool"
            case syntax.Slot():
                return self._slot(expr, place)
            case syntax.Name():
                return self._name(expr, place)
            case syntax.Paren():
                return self.kind(expr.inner, place)
            case syntax.Unary() | syntax.Binary() | syntax.Compare():
                return self._operator(expr, place)
            case syntax.Subscript():
                return self._subscript(expr, place)
            case syntax.Call():
                return self._call(expr, place)
            case _:
                what = {"Float": "a number with a point", "Str": "a text", "List": "a list"}
                message = f"{what.get(type(expr).__name__, 'a tuple')} has no place in an equation"
                self.report.add(rules.KIND_DIFFERS.at(expr.span, message))
                return None

    def _slot(self, expr: syntax.Slot, place: Place) -> Kind:
        if not place.slot:
            message = "`slot` is the position of a child; only a `complementary` key may use it"
            self.report.add(rules.MISPLACED_SLOT.at(expr.span, message))
            return None
        return "int"

    def _name(self, expr: syntax.Name, place: Place) -> Kind:
        name, scope = expr.id, place.scope
        if name in place.indices:
            return "int"
        if name in scope.ints:
            return scope.ints[name]
        if name in scope.arrays:
            return scope.arrays[name]
        if name in scope.families:
            return self.family_kind(scope, scope.families[name])
        if name in scope.inputs:
            return scope.inputs[name]
        self._unknown(expr, place)
        return None

    def _unknown(self, expr: syntax.Name, place: Place) -> None:
        name = expr.id
        if name in place.later:
            binder = place.later[name]
            message, hint = f"`{name}` is bound after it is used", f"put `{binder.span.text}` first"
            if any(used.id == name for used in used_names(binder.domain)):
                message, hint = f"the bounds of `{name}` use `{name}` itself", "bounds use earlier indices only"
        elif name in self.nets and name in place.scope.places:
            message, hint = f"`{name}` is a network, not a node", "networks are chosen by `with (primary: ..)`"
        elif name in place.scope.visible:
            message, hint = f"`{name}` is a block", f"apply it: `{name}(..)`"
        else:
            message = f"`{name}` is not defined here"
            near = nearest(name, [*place.scope.names(), *place.indices])
            hint = f"did you mean `{near}`?" if near else self._closed(name, place.scope)
        self.report.add(rules.UNKNOWN_NAME.at(expr.span, message, help=hint))

    def _closed(self, name: str, scope: Scope) -> str:
        if scope.block is not None and scope.block.origin == "file" and name in self.file.names():
            return f"a block sees only its formals: add `{name}` to those of `{scope.name}`"
        return ""

    def _integer(self, expr: syntax.Expr, place: Place, wanted: str = "int") -> None:
        kind = self.kind(expr, place)
        if kind is None or kind == wanted:
            return
        words = {"int": "an integer", "bool": "a condition"}
        is_what = words.get(kind, "") if isinstance(kind, str) else _nodes(kind)
        message = f"`{expr.span.text}` is {is_what}, where {words[wanted]} is wanted"
        hint = f"write `{expr.span.text} != 0`" if (kind, wanted) == ("int", "bool") else ""
        self.report.add(rules.KIND_DIFFERS.at(expr.span, message, help=hint))

    def integer_key(self, expr: syntax.Expr, place: Place) -> None:
        """Checks a key of `share by`: an integer or a condition."""
        kind = self.kind(expr, place)
        if isinstance(kind, int):
            message = f"`{expr.span.text}` is {_nodes(kind)}, where a key is wanted"
            self.report.add(rules.KIND_DIFFERS.at(expr.span, message))

    def _node(self, expr: syntax.Expr, place: Place) -> Kind:
        kind = self.kind(expr, place)
        if isinstance(kind, str) and kind != "open":
            what = "an integer" if kind == "int" else "a condition"
            message = f"`{expr.span.text}` is {what}, where a vertex is wanted"
            self.report.add(rules.KIND_DIFFERS.at(expr.span, message))
            return None
        return kind

    def _operator(self, expr: "syntax.Unary | syntax.Binary | syntax.Compare", place: Place) -> Kind:
        if isinstance(expr, syntax.Compare):
            kinds = [self.kind(operand, place) for operand in expr.operands]
            wanted = "bool" if kinds[0] == "bool" and set(expr.operators) <= {"==", "!="} else "int"
            for operand in expr.operands:
                self._integer(operand, place, wanted)
            return "bool"
        wanted = "bool" if expr.operator in ("not", "and", "or") else "int"
        for operand in (expr.operand,) if isinstance(expr, syntax.Unary) else (expr.left, expr.right):
            self._integer(operand, place, wanted)
        return wanted

    def _subscript(self, expr: syntax.Subscript, place: Place) -> Kind:
        base = self._node(expr.base, place)
        for sub in expr.subscripts:
            if isinstance(sub, syntax.Range):
                self._integer(sub.lo, place)
                self._integer(sub.hi, place)
            elif not isinstance(sub, syntax.All):
                self._integer(sub, place)
        if not isinstance(base, int):
            return None
        given, text = len(expr.subscripts), expr.base.span.text
        if given != base:
            has = counted(base, "index", "indices") if base else "no index"
            labels = self._defined(expr.base, place)
            self.report.add(rules.WRONG_RANK.at(expr.span, f"`{text}` has {has}, {given} given", labels=labels))
            return None
        return sum(isinstance(sub, syntax.Range | syntax.All) for sub in expr.subscripts)

    def _defined(self, expr: syntax.Expr, place: Place) -> tuple[Label, ...]:
        if isinstance(expr, syntax.Name) and expr.id in place.scope.places:
            return (Label(place.scope.places[expr.id][1], "defined here"),)
        return ()

    def _call(self, expr: syntax.Call, place: Place) -> Kind:
        name = expr.function.id
        if name in FUNCTIONS:
            return self._integer_function(expr, place)
        if name in place.scope.visible:
            block = place.scope.visible[name]
            self._check_arguments(expr, block, place)
            return self.yield_kind(block)
        if name in ARRAY_FUNCTIONS:
            return self._array_function(expr, place)
        for arg in expr.args:
            self.kind(arg.value, place)
        near = nearest(name, [*FUNCTIONS, *ARRAY_FUNCTIONS, *STANDARD, *place.scope.visible])
        hint = f"did you mean `{near}`?" if near else ""
        what = (
            "a network; `with` chooses networks"
            if name in self.nets
            else "not a block or function that is visible here"
        )
        self.report.add(rules.UNKNOWN_NAME.at(expr.function.span, f"`{name}` is {what}", help=hint))
        return None

    def _positional(self, expr: syntax.Call, fewest: int, most: int) -> bool:
        name = expr.function.id
        for arg in expr.args:
            if arg.name:
                message = f"`{name}` has no named arguments"
                self.report.add(rules.UNKNOWN_ARGUMENT.at(arg.name.span, message))
                return False
        if not fewest <= len(expr.args) <= most:
            message = f"`{name}` wants {counted(fewest, 'argument')}, {len(expr.args)} given"
            self.report.add(rules.MISSING_ARGUMENT.at(expr.span, message))
            return False
        return True

    def _integer_function(self, expr: syntax.Call, place: Place) -> Kind:
        for arg in expr.args:
            self._integer(arg.value, place)
        self._positional(expr, *FUNCTIONS[expr.function.id])
        return "int"

    def _array_function(self, expr: syntax.Call, place: Place) -> Kind:
        if not self._positional(expr, 1, 1):
            return None
        wanted, arg = ARRAY_FUNCTIONS[expr.function.id], expr.args[0].value
        rank = self._node(arg, place)
        if not isinstance(rank, int):
            return None
        if rank == 0 or wanted not in (None, rank):
            want = f"an array of rank {wanted}" if wanted else "an array"
            message = f"`{expr.function.id}` wants {want}; `{arg.span.text}` is {_nodes(rank)}"
            rule = rules.KIND_DIFFERS if rank == 0 else rules.WRONG_RANK
            self.report.add(rule.at(arg.span, message))
            return None
        return 1 if expr.function.id == "flatten" else rank

    # Applications

    def _check_arguments(self, call: syntax.Call, block: int, place: Place) -> None:
        formals = self.spec.blocks[block].block.formals
        scope = self.blocks[block]
        given = self._match(call, formals, place)
        for formal in formals:
            if formal.name.id in given:
                self._check_argument(given[formal.name.id], formal, scope, place)
        missing = [f for f in formals if f.name.id not in given and f.default is None]
        named = {arg.name.id for arg in call.args if arg.name}
        if missing and named <= {f.name.id for f in formals}:
            wanted = ", ".join(f"`{f.span.text}`" for f in missing)
            self.report.add(rules.MISSING_ARGUMENT.at(call.span, f"`{call.function.id}` wants {wanted}"))

    def _match(self, call: syntax.Call, formals: Sequence[syntax.Formal], place: Place) -> Mapping[str, syntax.Expr]:
        given: dict[str, syntax.Expr] = {}
        names = [f.name.id for f in formals]
        for at, arg in enumerate(call.args):
            name = arg.name.id if arg.name else (names[at] if at < len(names) else None)
            if name is None or name not in names:
                self._unknown_argument(call, arg, names)
                self.kind(arg.value, place)
            elif name in given:
                message = f"`{call.function.id}` gets `{name}` twice"
                self.report.add(rules.UNKNOWN_ARGUMENT.at(arg.span, message))
            else:
                given[name] = arg.value
        return given

    def _unknown_argument(self, call: syntax.Call, arg: syntax.Arg, names: Sequence[str]) -> None:
        known = ", ".join(f"`{n}`" for n in names) if names else "no arguments"
        near = nearest(arg.name.id, names) if arg.name else None
        hint = f"did you mean `{near}`?" if near else ""
        span = arg.name.span if arg.name else arg.span
        self.report.add(rules.UNKNOWN_ARGUMENT.at(span, f"`{call.function.id}` has {known}", help=hint))

    def _check_argument(self, value: syntax.Expr, formal: syntax.Formal, scope: Scope, place: Place) -> None:
        wanted: Kind = scope.arrays.get(formal.name.id, scope.ints.get(formal.name.id))
        kind = self.kind(value, place)
        if kind is None or kind == wanted:
            return
        self.report.add(_argument_differs(value, formal, scope.name, kind, wanted))


def _argument_differs(value: syntax.Expr, formal: syntax.Formal, block: str, kind: Kind, wanted: Kind) -> Diagnostic:
    text, want = value.span.text, formal.span.text.split("=")[0].strip()
    labels = (Label(formal.span, f"`{block}` wants this"),)
    if isinstance(kind, int) and isinstance(wanted, int) and kind > 0 and wanted > 0:
        message = f"`{want}` has {counted(wanted, 'index', 'indices')}, `{text}` has {kind}"
        hint = f"write `flatten({text})`" if wanted == 1 else ""
        return rules.WRONG_RANK.at(value.span, message, help=hint, labels=labels)
    words = {"int": "an integer", "bool": "`true` or `false`"}
    wants = words[wanted] if isinstance(wanted, str) else ("one vertex" if wanted == 0 else "an array")
    is_what = words[kind] if isinstance(kind, str) else _nodes(kind)
    hint = ""
    if kind == 0 and wanted == 1 and isinstance(value, syntax.Subscript) and len(value.subscripts) == 1:
        sub, base = value.subscripts[0], value.base.span.text
        if isinstance(sub, syntax.Int):
            hint = f"write `{base}[{sub.value}..{sub.value + 1}]` or `{base}`"
        else:
            hint = f"write `{base}`"
    message = f"`{block}` wants `{want}`, {wants}; `{text}` is {is_what}"
    return rules.KIND_DIFFERS.at(value.span, message, help=hint, labels=labels)


def _nodes(rank: Kind) -> str:
    return "one vertex" if rank == 0 else f"an array of rank {rank}"


def _left_of(scope: Scope, later: Iterable[str]) -> Scope:
    """The scope as a default sees it: without formals that stand to its right."""
    hidden = set(later)
    return Scope(scope.name, scope.block, scope.visible, {k: v for k, v in scope.ints.items() if k not in hidden})
