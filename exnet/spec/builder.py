"""Specs in Python, statement by statement as in the language; mistakes are shown at the program's own lines.

    b = exnet.Builder("tree_digits")
    b.input("x", 16, type="real[4]")
    b.output("y", "class[10]")
    b.let("h[0, i: 0..16]", "x[i]")
    b.vertex("h[l: 1..=4, i: 0..16 >> l]", "h[l-1, 2*i]", "h[l-1, 2*i+1]", share="by l")
    b.root("h[4, 0]")
    net = exnet.build(b)

Heads, right sides, types and keys are texts of the language. Options are Python values: numbers, truth values, lists,
texts (words and expressions), and `exnet.call("adam", lr=2e-3)` or `{"adam": {"lr": 2e-3}}`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from numbers import Integral, Real
from pathlib import Path
from types import TracebackType
from typing import TypeAlias, Union

from exnet.language import format_file, parse_file, syntax
from exnet.source import Outcome, Source, Span
from exnet.spec.analysis import analyse
from exnet.spec.callsite import CallSite, Label, call_site
from exnet.spec.model import Spec
from exnet.spec.rules import WRONG_PYTHON_VALUE
from exnet.spec.written import Statement, WrittenSource, strange_pieces, written

Value: TypeAlias = Union[bool, int, float, str, "Call", Sequence["Value"], Mapping[str, "Value"]]
"""What an option may be."""
Text: TypeAlias = str | int
"""A text of the language; an integer may stand for itself."""
Clauses: TypeAlias = str | Sequence[str] | None

LARGEST = 10**64
"""Integers beyond this are no integers of the language."""


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A name with options, such as `adam(lr: 2e-3)`, and where the program says it."""

    name: str
    options: Mapping[str, Value]
    site: CallSite


def call(name: str, /, **options: Value) -> Call:
    """`adam(lr: 2e-3)` of the language: `exnet.call("adam", lr=2e-3)`."""
    return Call(name, options, call_site())


class _Equations(ABC):
    """What holds equations: a spec, or a block."""

    def let(
        self,
        head: str,
        value: Text,
        /,
        *,
        share: Clauses = None,
        per: Clauses = None,
        with_: Mapping[str, Value] | None = None,
    ) -> None:
        """`let h[0, i: 0..16] = x[i]`, with the clauses `share`, `per` and `with` of an application."""
        self._add("let ").equation(head, (value,), share, per, with_)

    def vertex(
        self,
        head: str,
        /,
        *children: Text,
        share: Clauses = None,
        per: Clauses = None,
        with_: Mapping[str, Value] | None = None,
    ) -> None:
        """`vertex v[i: 0..8] = (x[2*i], x[2*i+1]) share all`.

        Args:
            head: `v[i: 0..8]`.
            children: two or more, each an expression; or one text that says all of them, `(a, b)` or `x[0..3]`.
            share: `all`, `none`, `by l`, `primary by l, trainer all`; a sequence of texts is joined by commas.
            per: names of indices.
            with_: networks by component, `{"trainer": "judge"}`.
        """
        self._add("vertex ").equation(head, children, share, per, with_)

    @abstractmethod
    def _add(self, start: str) -> "_Line":
        """A new statement at the end of them."""


class Builder(_Equations):
    """A spec that is written by a program.

    Statements may come in any order, as in a file. Nothing is checked before `spec`, `text` or `exnet.build` asks; then
    everything that is wrong is reported together.

    Args:
        name: of the net.
    """

    def __init__(self, name: str, /) -> None:
        self._header = _Line(call_site(), "exnet ").name(name, 0).statement
        self._statements: list[Statement] = []

    # What it makes

    def spec(self, overrides: Mapping[str, int | bool] | None = None) -> Spec:
        """The meaning of all statements.

        Args:
            overrides: values of params, as `--set` gives them.

        Raises:
            ExnetError: with everything that is wrong in them, at the program's lines.
        """
        return self.outcome(overrides).unwrap()

    def text(self) -> str:
        """The statements as formatted `.exn` text.

        Raises:
            ExnetError: with everything that does not follow the grammar.
        """
        return format_file(self._parsed()[1].unwrap())

    def outcome(self, overrides: Mapping[str, int | bool] | None = None) -> Outcome[Spec]:
        """As `spec`, as a value."""
        source, parsed = self._parsed()
        if parsed.value is None:
            return Outcome(None, parsed.diagnostics)
        analysed = analyse(parsed.value, source, overrides)
        return Outcome(analysed.value, (*parsed.diagnostics, *analysed.diagnostics))

    def _parsed(self) -> tuple[WrittenSource, Outcome[syntax.File]]:
        """The text of the statements that could be written, and its syntax or everything that is wrong with it."""
        statements = [self._header, *self._statements]
        source = written(self._name(), _whole(statements))
        wrong = tuple(diagnostic for statement in statements for diagnostic in statement.wrong)
        if self._header.wrong:
            return source, Outcome(None, wrong)
        parsed = parse_file(source)
        if parsed.value is None or wrong:
            return source, Outcome(None, (*wrong, *parsed.diagnostics))
        strange = strange_pieces(source, parsed.value)
        return source, Outcome(None, tuple(strange)) if strange else parsed

    def _name(self) -> str:
        """What messages call the text; imports are found beside the program."""
        file = self._header.site.file
        return f"{file}:builder" if Path(file).is_file() else "<builder>"

    # Statements

    def imports(self, path: str, /) -> None:
        """`import "parts.exn"`; the path is relative to the folder of the program."""
        self._add("import ").path(path, 0)

    def const(self, /, **values: Value) -> None:
        """`const a = 1, b = 2`."""
        self._add("const ").settings(values)

    def param(self, /, **values: Value) -> None:
        """`param n = 16, d = 32`: integers, truth values or expressions, which `--set` may change."""
        self._add("param ").settings(values)

    def space(self, /, **widths: Value) -> None:
        """`space primary = 32, complementary = 16`."""
        self._add("space ").settings(widths)

    def input(self, name: str, /, *shape: Text, type: str) -> str:
        """`input x[16] : real[4]`, said as `b.input("x", 16, type="real[4]")`. Gives the name back."""
        line = self._add("input ").name(name, 0)
        for i, size in enumerate(shape):
            line.glue(", " if i else "[").text(size, "an expression", i + 1)
        line.glue("] : " if shape else " : ").text(type, "a type", "type")
        return name

    def output(self, name: str, type: str, /) -> str:
        """`output y : class[10]`. Gives the name back."""
        self._add("output ").name(name, 0).glue(" : ").text(type, "a type", 1)
        return name

    def net(self, name: str, kind: "str | Call", /, **options: Value) -> str:
        """`net mix = mlp(hidden: [64])`, said as `b.net("mix", "mlp", hidden=[64])`. Gives the name back."""
        self._add("net ").name(name, 0).glue(" = ").kind(kind, options, 1)
        return name

    def tokenise(self, input: str, /, *parts: "str | Call") -> None:
        """`tokenise x with linear + position`, said as `b.tokenise("x", "linear", "position")`."""
        line = self._add("tokenise ").name(input, 0).glue(" with ")
        for i, part in enumerate(parts):
            line.glue(" + " if i else "").value(part, i + 1)

    def default(self, /, **components: Value) -> None:
        """`default vertex (primary: mix, trainer: judge)`, said as `b.default(primary="mix", trainer="judge")`."""
        self._add("default vertex ").arguments(components)

    def root(
        self,
        value: Text,
        /,
        *,
        share: Clauses = None,
        per: Clauses = None,
        with_: Mapping[str, Value] | None = None,
    ) -> None:
        """`root h[4, 0]`, or an application such as `root tree(x)` with its clauses."""
        self._add("root ").text(value, "an expression", 0).clauses(share, per, with_)

    def mode(self, kind: "str | Call", /, **options: Value) -> None:
        """`mode stochastic(draw: instance)`, said as `b.mode("stochastic", draw="instance")`."""
        self._add("mode ").kind(kind, options, 0)

    def learn(self, kind: "str | Call", /, **options: Value) -> None:
        """`learn xprop(batch: 32)`, said as `b.learn("xprop", batch=32)`."""
        self._add("learn ").kind(kind, options, 0)

    def block(self, name: str, /, *formals: str) -> "Block":
        """`block join(a: vertex, b: vertex) { .. }`: its equations are statements of what this gives.

        with b.block("join", "a: vertex", "b: vertex") as join:
            join.vertex("v", "a", "b")
            join.yields("v")
        """
        site = call_site()
        line = _Line(site, "block ").name(name, 0).glue("(")
        for i, formal in enumerate(formals):
            line.glue(", " if i else "").text(formal, "a formal", i + 1)
        closing = Statement(site, "}")
        self._statements += [line.glue(") {").statement, closing]
        return Block(self._statements, closing)

    def _add(self, start: str) -> "_Line":
        line = _Line(call_site(), start)
        self._statements.append(line.statement)
        return line


class Block(_Equations):
    """The equations of a block; made by `Builder.block`."""

    def __init__(self, statements: list[Statement], closing: Statement) -> None:
        self._statements = statements
        self._closing = closing

    def __enter__(self) -> "Block":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing has to be closed."""

    def yields(self, value: Text, /) -> None:
        """`yield v`."""
        self._add("yield ").text(value, "an expression", 0)

    def _add(self, start: str) -> "_Line":
        line = _Line(call_site(), start)
        self._statements.insert(self._statements.index(self._closing), line.statement)
        return line


class _Line:
    """Writes one statement; what cannot be written gathers in `statement.wrong`."""

    def __init__(self, site: CallSite, start: str) -> None:
        self.statement = Statement(site, start)

    def glue(self, text: str) -> "_Line":
        self.statement.glue(text)
        return self

    def name(self, value: object, label: Label) -> "_Line":
        return self.text(value, "a name", label)

    def text(self, value: object, what: str, label: Label, site: CallSite | None = None) -> "_Line":
        """A text of the language; where an expression is wanted, an integer too."""
        if isinstance(value, str):
            self.statement.piece(value, what, label, value, site)
            return self
        if what == "an expression" and isinstance(value, Integral):
            return self.value(value, label, site)
        return self.wrong(
            "an integer or a text" if what == "an expression" else f"{what} as a text", value, label, site
        )

    def path(self, value: object, label: Label) -> "_Line":
        if not isinstance(value, str) or any(c in value for c in '"\n\r'):
            return self.wrong("a path as a text, without quotes in it", value, label)
        self.statement.glue('"').piece(value, "a path", label, value).glue('"')
        return self

    def settings(self, values: Mapping[str, Value]) -> "_Line":
        if not values:
            return self.wrong("at least one `name=value`", None, 0)
        for i, (name, value) in enumerate(values.items()):
            self.glue(", " if i else "").name(name, name).glue(" = ").value(value, name)
        return self

    def kind(self, value: object, options: Mapping[str, Value], label: Label) -> "_Line":
        """A name with the options that the statement itself was given, or a call that has its own."""
        if not isinstance(value, str):
            return self.value(value, label)
        self.name(value, label) if options else self.text(value, "an expression", label)
        return self.arguments(options) if options else self

    def equation(
        self,
        head: object,
        children: Sequence[object],
        share: Clauses,
        per: Clauses,
        with_: Mapping[str, Value] | None,
    ) -> "_Line":
        self.text(head, "a head", 0).glue(" = ")
        if not children:
            return self.wrong("the children after the head", None, 1)
        self.glue("(" if len(children) > 1 else "")
        for i, child in enumerate(children):
            self.glue(", " if i else "").text(child, "an expression", i + 1)
        return self.glue(")" if len(children) > 1 else "").clauses(share, per, with_)

    def clauses(self, share: object, per: object, with_: object) -> "_Line":
        if share is not None:
            self.glue(" share ").several(share, "a sharing clause", "share")
        if per is not None:
            many = isinstance(per, Sequence) and not isinstance(per, str) and len(per) > 1
            self.glue(" per (" if many else " per ").several(per, "the name of an index", "per").glue(
                ")" if many else ""
            )
        if isinstance(with_, Mapping):
            self.glue(" with ").arguments(with_, "with_")
        elif with_ is not None:
            self.wrong("networks by component, `{'trainer': 'judge'}`", with_, "with_")
        return self

    def several(self, value: object, what: str, label: Label) -> "_Line":
        """One text, or several with commas between them."""
        if isinstance(value, str):
            return self.text(value, what, label)
        if not isinstance(value, Sequence) or not value:
            return self.wrong(f"{what} as a text, or several", value, label)
        for i, item in enumerate(value):
            self.glue(", " if i else "").text(item, f"a part of {what}", label)
        return self

    def arguments(
        self, options: Mapping[str, Value], label: Label | None = None, site: CallSite | None = None
    ) -> "_Line":
        """`(hidden: [64], norm: layer)`. Without a label every option is a keyword argument of its own."""
        self.glue("(")
        for i, (name, value) in enumerate(options.items()):
            own = name if label is None else label
            self.glue(", " if i else "").text(name, "a name", own, site).glue(": ").value(value, own, site)
        return self.glue(")")

    def value(self, value: object, label: Label, site: CallSite | None = None) -> "_Line":
        """An option."""
        match value:
            case bool():
                self.statement.piece("true" if value else "false", "an expression", label, value, site)
            case str():
                self.statement.piece(value, "an expression", label, value, site)
            case Call():
                self.text(value.name, "a name", 0, value.site).arguments(value.options, None, value.site)
            case Integral() if abs(int(value)) < LARGEST:
                self.statement.piece(str(int(value)), "an expression", label, value, site)
            case Real() if not isinstance(value, Integral) and isfinite(value):
                self.statement.piece(repr(float(value)), "an expression", label, value, site)
            case Mapping():
                self._table(value, label, site)
            case Sequence() if not isinstance(value, bytes | bytearray):
                self.glue("[")
                for i, item in enumerate(value):
                    self.glue(", " if i else "").value(item, label, site)
                self.glue("]")
            case _:
                self.wrong("a number, a truth value, a text, a list, or a call", value, label, site)
        return self

    def _table(self, value: Mapping[str, Value], label: Label, site: CallSite | None) -> None:
        """`{"adam": {"lr": 2e-3}}`."""
        inner = next(iter(value.values()), None)
        if len(value) != 1 or not isinstance(inner, Mapping | None):
            self.wrong('one name with its options, `{"adam": {"lr": 2e-3}}`', value, label, site)
            return
        self.text(next(iter(value)), "a name", label, site)
        if inner:
            self.arguments(inner, label, site)

    def wrong(self, wanted: str, value: object, label: Label, site: CallSite | None = None) -> "_Line":
        """Something that the language cannot write."""
        site, word = site or self.statement.site, self.statement.text.split(None, 1)[0]
        shown = repr(value) if value is None or isinstance(value, int | float | str) else type(value).__name__
        option = f"`{label}` of `{word}`" if isinstance(label, str) else f"`{word}`"
        message = f"{option} wants {wanted}; `{shown[:60]}` is not"
        found = site.literal(label, value)
        place = found[0] if found else site.argument(label) or site.span or _line(site)
        self.statement.wrong.append(WRONG_PYTHON_VALUE.at(place, message, help=f"write {wanted}"))
        return self


def _whole(statements: Sequence[Statement]) -> list[Statement]:
    """Those that could be written; of a block whose head could not, nothing."""
    kept, dropped = list[Statement](), False
    for statement in statements:
        dropped = dropped or (bool(statement.wrong) and statement.text.startswith("block "))
        if not dropped and not statement.wrong:
            kept.append(statement)
        dropped = dropped and statement.text != "}"
    return kept


def _line(site: CallSite) -> Span:
    """The line of a call whose text is not known."""
    return Span(Source(site.file, "\n" * (site.first - 1) + " "), site.first - 1, site.first)
