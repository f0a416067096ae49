"""What the tests of this folder share."""

from collections.abc import Mapping

from exnet.source import Diagnostic, Source
from exnet.spec import Spec, analyse_source

TAIL = "input x[4] : real[2]\noutput y : class[3]\nroot tree(x)\n"
Place = tuple[str, int, int]


def say(body: str, overrides: Mapping[str, int | bool] | None = None) -> tuple[Diagnostic, ...]:
    """All messages about a file with these lines (the first is line 2), then an input, an output and a root."""
    return analyse_source(Source("t.exn", f"exnet t\n{body}\n{TAIL}"), overrides).diagnostics


def places(body: str, overrides: Mapping[str, int | bool] | None = None) -> list[Place]:
    """Name, line and column of each message."""
    return [(d.name, *(d.span.first if d.span else (0, 0))) for d in say(body, overrides)]


def spec_of(body: str, overrides: Mapping[str, int | bool] | None = None) -> Spec:
    """The meaning of such a file, which must be free of mistakes."""
    return analyse_source(Source("t.exn", f"exnet t\n{body}\n{TAIL}"), overrides).unwrap()
