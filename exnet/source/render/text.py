"""Diagnostics for people: the message, the lines of the source with carets under what is meant, and the way out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exnet.source.diagnostic import Diagnostic
from exnet.source.render.paint import PLAIN, Paint
from exnet.source.render.visible import visible, width
from exnet.source.text import Source, Span

WINDOW = 160  # columns of a source line that are shown


@dataclass(frozen=True, slots=True)
class Mark:
    """A span to underline, and what stands beside the underline."""

    span: Span
    text: str
    primary: bool


def render_text(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """All diagnostics, an empty line between them."""
    paint = Paint() if color else PLAIN
    return "\n".join(render_one(diagnostic, paint) for diagnostic in diagnostics)


def render_one(d: Diagnostic, paint: Paint) -> str:
    """One diagnostic, ending with a line end."""
    head = f"{paint.severity(d.severity, f'{d.severity.value}[{d.code}]')} {d.name}: {visible(d.message)}"
    marks = marks_of(d)
    gutter = max((len(str(mark.span.first.line)) for mark in marks), default=1) + 1
    lines = [paint.strong(head)]
    for source, group in by_source(marks):
        lines += snippet(source, group, gutter, paint, d)
    lines += [f"{' ' * gutter} {paint.frame('=')} {line}" for line in tail(d)]
    return "\n".join(lines) + "\n"


def tail(d: Diagnostic) -> list[str]:
    """The lines below the picture."""
    fix = f"  [fix: {'safe' if d.fix.safe else 'unsafe'}]" if d.fix else ""
    lines = [f"note: {visible(note)}" for note in d.notes]
    lines += [f"help: {visible(d.help)}{fix}"] if d.help else []
    return [*lines, f"see: exnet explain {d.code}"]


def marks_of(d: Diagnostic) -> list[Mark]:
    """Everything to underline, the primary place first."""
    primary = [Mark(d.span, d.label, True)] if d.span else []
    return primary + [Mark(label.span, label.text, False) for label in d.labels]


def by_source(marks: Sequence[Mark]) -> list[tuple[Source, list[Mark]]]:
    """The marks of each source, the source of the primary mark first."""
    groups = dict[int, tuple[Source, list[Mark]]]()
    for mark in marks:
        groups.setdefault(id(mark.span.source), (mark.span.source, []))[1].append(mark)
    return list(groups.values())


def snippet(source: Source, marks: list[Mark], gutter: int, paint: Paint, d: Diagnostic) -> list[str]:
    """The lines of one source that have marks, each with its underlines."""
    first = marks[0].span.first
    arrow = "-->" if marks[0].primary else ":::"
    bar = paint.frame("|")
    lines = [f"{' ' * gutter}{paint.frame(arrow)} {visible(source.name)}:{first.line}:{first.column}"]
    lines.append(f"{' ' * gutter} {bar}")
    for number in sorted({mark.span.first.line for mark in marks}):
        here = sorted((m for m in marks if m.span.first.line == number), key=lambda m: (m.span.start, not m.primary))
        start, text = window(source.line(number), min(m.span.first.column for m in here) - 1)
        lines.append(f"{paint.frame(str(number).rjust(gutter))} {bar} {visible(text)}".rstrip())
        lines += [f"{' ' * gutter} {bar} {underline(m, text, start, paint, d)}" for m in here]
    return lines


def window(line: str, column: int) -> tuple[int, str]:
    """The part of a line that is shown, and where it starts: all of it unless it is very long."""
    if len(line) <= WINDOW:
        return 0, line
    start = 0 if column < WINDOW // 2 else column - WINDOW // 4
    return start, line[start : start + WINDOW]


def underline(mark: Mark, text: str, start: int, paint: Paint, d: Diagnostic) -> str:
    """Spaces, carets or dashes, and the label. A span over several lines is underlined up to the end of its first."""
    left = max(mark.span.first.column - 1 - start, 0)
    length = max(min(mark.span.end - mark.span.start, len(text) - left), 0)
    indent = width(visible(text[:left]))
    sign = ("^" if mark.primary else "-") * max(width(visible(text[left : left + length])), 1)
    line = f"{sign} {visible(mark.text)}".rstrip()
    painted = paint.severity(d.severity, line) if mark.primary else paint.frame(line)
    return " " * indent + painted
