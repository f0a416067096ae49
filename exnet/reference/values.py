"""What an expression means in a frame: a number, a node (as a place) or an array of nodes. Nothing is followed yet."""

from collections.abc import Mapping
from math import prod

from exnet.language import syntax
from exnet.reference.arrays import ARRAY_FUNCTIONS, Bound, bound, cut, extent
from exnet.reference.frames import Application, Frame, Host, Place, Scope, View, block_scope
from exnet.reference.integers import NotDefined, Number, number
from exnet.reference.lifting import lifted_names
from exnet.spec.model import Spec

Value = Number | Place | View
Names = Mapping[str, Number]


class Evaluator:
    """Evaluates expressions of one spec. It keeps the scope of each block, nothing else."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._scopes: dict[int, Scope] = {}

    def value(self, expr: syntax.Expr, frame: Frame, host: Host, own: Names) -> Value:
        """The value of an expression on the right side of `host`, whose indices are `own`."""
        match expr:
            case syntax.Paren(inner=inner):
                return self.value(inner, frame, host, own)
            case syntax.Name(id=name) if name in frame.nodes:
                return frame.nodes[name]
            case syntax.Name(id=name) if name not in own and self._is_family(frame, name):
                return self.whole(frame, name)
            case syntax.Subscript():
                return self._subscript(expr, frame, host, own)
            case syntax.Call(function=function) if function.id in frame.scope.blocks:
                applied = self.apply(expr, frame, host, own)
                result = applied.scope.result
                return self.value(result.value, applied, result, {})
            case syntax.Call(function=function) if function.id in ARRAY_FUNCTIONS:
                return ARRAY_FUNCTIONS[function.id](self.array(expr.args[0].value, frame, host, own))
            case _:
                return number(expr, {**frame.numbers, **own})

    def array(self, expr: syntax.Expr, frame: Frame, host: Host, own: Names) -> View:
        """The value of an expression that must be an array."""
        value = self.value(expr, frame, host, own)
        if not isinstance(value, View):
            raise NotDefined(f"`{expr.span.text}` is not an array")
        return value

    def whole(self, frame: Frame, family: str) -> Place | View:
        """A family name alone: the node, if it has no indices, or the array of all its indices."""
        if set(frame.family(family)) != {()}:
            rank = max((len(index) for index in frame.family(family)), default=1)
            return self._slice(frame, family, [None] * rank)
        if family not in frame.values:
            frame.values[family] = self._single(frame, family)
        value = frame.values[family]
        assert isinstance(value, Place | View)
        return value

    def _single(self, frame: Frame, family: str) -> Place | View:
        row = frame.family(family)[()]
        if row is not None and isinstance(row.statement, syntax.Let):
            value = self.value(row.statement.value, frame, row.statement, row.names)
            if isinstance(value, View):
                return value
        return Place(frame, family, ())

    def _is_family(self, frame: Frame, name: str) -> bool:
        return name in frame.scope.families or name in frame.scope.inputs

    def _subscript(self, expr: syntax.Subscript, frame: Frame, host: Host, own: Names) -> Place | View:
        names = {**frame.numbers, **own}
        subscripts = [bound(s, names) for s in expr.subscripts]
        if isinstance(expr.base, syntax.Name) and self._is_family(frame, expr.base.id):
            family = expr.base.id
            if set(frame.family(family)) != {()}:
                return self._read(frame, family, subscripts)
        return cut(self.array(expr.base, frame, host, own), subscripts)

    def _read(self, frame: Frame, family: str, subscripts: list[Bound]) -> Place | View:
        if all(isinstance(s, int) for s in subscripts):
            index = tuple(s for s in subscripts if isinstance(s, int))
            if index not in frame.family(family):
                raise NotDefined(f"`{family}{list(index)}` does not exist")
            return Place(frame, family, index)
        return self._slice(frame, family, subscripts)

    def _slice(self, frame: Frame, family: str, subscripts: list[Bound]) -> View:
        """Some axes fixed, the others kept: those must be a full rectangle."""
        fixed = {axis: s for axis, s in enumerate(subscripts) if isinstance(s, int)}
        kept = [axis for axis, s in enumerate(subscripts) if not isinstance(s, int)]
        found = frame.matching(family, fixed)
        if fixed and not found:
            raise NotDefined(f"`{family}` has nothing at {fixed}")
        inside = [i for i in found if all(i[a] in s for a in kept if isinstance(s := subscripts[a], range))]
        spans = [extent(s, [i[a] for i in inside]) for a in kept if not isinstance(s := subscripts[a], int)]
        shape = tuple(len(span) for span in spans)
        if len(inside) != prod(shape):
            raise NotDefined(f"`{family}` at {fixed} is not a rectangle")

        def at(index: tuple[int, ...]) -> Place:
            full = dict(fixed) | {axis: span[i] for axis, span, i in zip(kept, spans, index, strict=True)}
            return Place(frame, family, tuple(full[axis] for axis in range(len(subscripts))))

        return View(shape, at)

    # Applications of blocks

    def apply(self, call: syntax.Call, frame: Frame, host: Host, own: Names) -> Frame:
        """The instance of a block for the values of the indices that its arguments (and `per`) name."""
        lifted = tuple((name, own[name]) for name in lifted_names(call, host))
        key = (id(call), tuple(value for _, value in lifted))
        if key not in frame.instances:
            frame.instances[key] = self._instance(call, frame, host, dict(lifted), lifted)
        return frame.instances[key]

    def _instance(
        self, call: syntax.Call, frame: Frame, host: Host, own: Names, lifted: tuple[tuple[str, Number], ...]
    ) -> Frame:
        source = frame.scope.blocks[call.function.id]
        if id(source) not in self._scopes:
            self._scopes[id(source)] = block_scope(source, self.spec)
        made = Frame(self._scopes[id(source)], {}, {}, Application(frame, host, call, lifted))
        positional = [arg.value for arg in call.args if arg.name is None]
        named = {arg.name.id: arg.value for arg in call.args if arg.name is not None}
        for at, formal in enumerate(source.block.formals):
            given = positional[at] if at < len(positional) else named.get(formal.name.id)
            if given is not None:
                _bind(made, formal, self.value(given, frame, host, own))
            elif formal.default is not None:
                _bind(made, formal, number(formal.default, made.numbers))
            else:
                raise NotDefined(f"`{call.span.text}` does not say `{formal.name.id}`")
        return made


def _bind(frame: Frame, formal: syntax.Formal, value: Value) -> None:
    if not isinstance(value, Place | View):
        frame.numbers[formal.name.id] = value
        return
    frame.nodes[formal.name.id] = value
    if isinstance(value, View):
        for dim, size in zip(formal.dims or (), value.shape, strict=True):
            if isinstance(dim, syntax.Name) and dim.id not in frame.numbers:
                frame.numbers[dim.id] = size
            elif number(dim, frame.numbers) != size:
                raise NotDefined(f"`{formal.span.text}` has another shape than {value.shape}")
