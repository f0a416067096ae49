"""YAML text to nodes with places: strings, lists and mappings, nothing resolved. What specs do not use is refused.

PyYAML's parser gives the events, libyaml's where it is there; bounds hold while they arrive, before anything is built.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeAlias

from exnet.language.rules import (
    ANCHOR,
    CHARACTER,
    DUPLICATE_KEY,
    LONG_TEXT,
    MERGE_KEY,
    NESTING,
    SEVERAL_DOCUMENTS,
    TAG,
    UNQUOTED,
    YAML_SYNTAX,
)
from exnet.source import Diagnostic, Label, Source, Span

DEEPEST = 64  # lists and mappings inside one another
LARGEST = 100_000  # nodes; ten thousand equations have sixty thousand
SHOWN = 20  # messages; after them nothing more is read
STRANGE = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
COMMENT = re.compile(r"(?:(?<=\s)|\A)#[^\n]*")
TEXT_KEY = re.compile(
    r"(?:^|[\s{,\-])(let|vertex|is|root|yield|type|by)\s*:\s+(?P<text>(?=[^\s\"'|>&*!{])(?:[^,\n]|,(?!\s*[a-z]+\s*:\s))*)"
)
TYPE = re.compile(r"(?:^|[\s{,\-])([A-Za-z_]\w*)\s*:\s+(?P<text>[A-Za-z_]\w*\[[^\n]*)")
HEADS = {"let": "head", "vertex": "head"}


@dataclass(frozen=True, slots=True)
class Scalar:
    """One string or number.

    Args:
        text: what YAML reads.
        span: its characters, quotes included.
        inner: its characters without the quotes.
        quoted: whether it stands in quotes.
        exact: whether `inner` is `text`, character by character: one line, without escapes.
    """

    text: str
    span: Span
    inner: Span
    quoted: bool
    exact: bool

    @property
    def is_null(self) -> bool:
        """Whether it is nothing, as YAML 1.2 writes it."""
        return not self.quoted and self.text in ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple["Node", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping; no two of its keys are equal."""

    pairs: tuple[tuple[Scalar, "Node"], ...]
    span: Span


Node: TypeAlias = Scalar | Items | Table


@dataclass(frozen=True, slots=True)
class Tree:
    """The one document of a text (None if it is empty), its comments, and what is wrong with it."""

    root: Node | None
    comments: tuple[Span, ...]
    said: tuple[Diagnostic, ...]


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    start: Span
    is_table: bool
    is_flow: bool
    nodes: list[Node] = field(default_factory=list)


def read_tree(source: Source, pure: bool = False) -> Tree:
    """The nodes of a YAML text; `pure` keeps libyaml out."""
    strange = STRANGE.search(source.text)
    if strange:
        place = Span(source, strange.start(), strange.end())
        message = f"the character U+{ord(strange.group()):04X} has no place in YAML"
        return Tree(None, (), (CHARACTER.at(place, message, help="remove it"),))
    crowd = _crowd(source, _parser(source.text, pure)) if len(source.text) > LARGEST else None
    if crowd is not None:
        return Tree(None, (), (_too_many(crowd),))
    reader = _Reader(source)
    reader.read(_parser(source.text, pure))
    comments = tuple(islice(_comments(source, reader.scalars), LARGEST + 1))
    if len(comments) > LARGEST:
        way_out = "a spec needs no such number of comments"
        too_many = LONG_TEXT.at(comments[-1], f"this file has more than {LARGEST:,} comments", help=way_out)
        return Tree(None, (), (too_many,))
    return Tree(reader.root, comments, tuple(reader.said))


def _parser(text: str, pure: bool) -> Any:
    """What makes events of a text."""
    import yaml

    fast = None if pure else getattr(yaml, "CSafeLoader", None)
    return (fast or yaml.SafeLoader)(text)


def _crowd(source: Source, parser: Any) -> Span | None:
    """Where the first node too many begins. Counting alone takes a third of the time of making nodes.

    Stops where the text is no YAML, nested too deeply, or full of anchors, which is for the reader to say.
    """
    import yaml

    opening, closing = (yaml.SequenceStartEvent, yaml.MappingStartEvent), (yaml.SequenceEndEvent, yaml.MappingEndEvent)
    count = depth = anchors = 0
    try:
        while (event := parser.get_event()) is not None and depth <= DEEPEST and anchors < SHOWN:
            anchors += getattr(event, "anchor", None) is not None
            if isinstance(event, opening):
                depth += 1
            elif isinstance(event, closing):
                depth -= 1
            if isinstance(event, (yaml.ScalarEvent, yaml.AliasEvent, *closing)):
                count += 1
            if count > LARGEST:
                begin, end = event.start_mark, event.end_mark
                return Span(source, begin.index, end.index) if begin and end else None
    except yaml.YAMLError:
        pass
    finally:
        parser.dispose()
    return None


def _too_deep(place: Span) -> Diagnostic:
    message = f"lists and mappings are nested more than {DEEPEST} deep"
    return NESTING.at(place, message, help="no part of a spec needs that; close some of them")


def _too_many(place: Span) -> Diagnostic:
    message = f"this file has more than {LARGEST:,} strings, lists and mappings"
    return LONG_TEXT.at(_head(place), message, help="write families with indices instead of single vertices")


def _comments(source: Source, scalars: list[Span]) -> Iterator[Span]:
    """The comments of a text: what begins with `#` outside scalars."""
    rest = iter(scalars)
    scalar = next(rest, None)
    for match in COMMENT.finditer(source.text):
        while scalar is not None and scalar.end <= match.start():
            scalar = next(rest, None)
        if scalar is None or match.start() < scalar.start:
            yield Span(source, match.start(), match.start() + len(match.group().rstrip()))


class _StopError(Exception):
    """Nothing after this place can be read."""


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.root: Node | None = None
        self.said: list[Diagnostic] = []
        self.scalars: list[Span] = []
        self._open: list[_Open] = []
        self._documents = 0

    def read(self, parser: Any) -> None:
        """Take all events of a parser."""
        import yaml

        try:
            while (event := parser.get_event()) is not None:
                self._take(event)
        except yaml.YAMLError as error:
            self.root = None
            self.said.append(_not_yaml(self.source, error))
        except _StopError:
            self.root = None
        finally:
            parser.dispose()

    def _take(self, event: Any) -> None:
        kind = type(event).__name__
        place = Span(self.source, event.start_mark.index, event.end_mark.index)
        if kind == "ScalarEvent":
            if event.anchor is not None or event.tag is not None:
                self._refuse(event, place)
            self._add(self._scalar(event, place))
        elif kind == "DocumentStartEvent":
            self._documents += 1
            if self._documents > 1:
                self._stop(
                    SEVERAL_DOCUMENTS.at(place, "a second document begins here", help="put it into another file")
                )
        elif kind in ("SequenceStartEvent", "MappingStartEvent"):
            self._refuse(event, place)
            self._open.append(_Open(place, kind == "MappingStartEvent", bool(event.flow_style)))
            if len(self._open) > DEEPEST:
                self._stop(_too_deep(place))
        elif kind in ("SequenceEndEvent", "MappingEndEvent"):
            self._add(self._closed(self._open.pop(), place))
        elif kind == "AliasEvent":
            self._say(
                ANCHOR.at(
                    place,
                    f"`{place.text}` is an alias",
                    help="write what it stands for; a string of the language needs quotes",
                )
            )
            self._add(Scalar("", place, place, False, True))

    def _add(self, node: Node) -> None:
        """A node is complete: it belongs to what is open, or is the document."""
        if self._open:
            self._open[-1].nodes.append(node)
        else:
            self.root = node

    def _scalar(self, event: Any, place: Span) -> Scalar:
        quoted = event.style in ("'", '"')
        inner = Span(self.source, place.start + 1, place.end - 1) if quoted else place
        if place.end > place.start:
            self.scalars.append(place)
        return Scalar(
            event.value, place, inner, quoted, event.style in (None, "", "'", '"') and inner.text == event.value
        )

    def _closed(self, opened: _Open, end: Span) -> Items | Table:
        """A list or mapping with all its nodes. In block style it ends with the last of them."""
        last = opened.nodes[-1].span.end if opened.nodes else opened.start.end
        span = Span(self.source, opened.start.start, end.end if opened.is_flow else max(last, opened.start.start))
        if not opened.is_table:
            return Items(tuple(opened.nodes), span)
        return Table(self._pairs(opened.nodes), span)

    def _pairs(self, nodes: list[Node]) -> tuple[tuple[Scalar, Node], ...]:
        """Keys and values; keys that are no strings, and repeated ones, are reported and left out."""
        found, first = list[tuple[Scalar, Node]](), dict[str, Scalar]()
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if isinstance(key, Scalar) and not (key.text == "<<" and not key.quoted) and key.text not in first:
                first[key.text] = key
                found.append((key, value))
            else:
                self._say(_wrong_key(key, first))
        return tuple(found)

    def _refuse(self, event: Any, place: Span) -> None:
        """Anchors and tags."""
        if event.anchor is not None:
            way_out = "write the value at each place; a string of the language needs quotes"
            self._say(ANCHOR.at(self._word(place, "&"), f"`&{_short(event.anchor)}` is an anchor", help=way_out))
        if event.tag is not None:
            way_out = "remove it: what a value is follows from its key"
            self._say(TAG.at(self._word(place, "!"), f"`{_short(self._word(place, '!').text)}` is a tag", help=way_out))

    def _word(self, place: Span, sign: str) -> Span:
        """The word that begins with a sign, at or just before a place."""
        text = self.source.text
        at = text.find(sign, place.start, place.end)
        at = at if at >= 0 else max(text.rfind(sign, 0, place.start), 0)
        match = re.compile(r"[^\s,\[\]{}]*").match(text, at)
        return Span(self.source, at, min(match.end() if match else at + 1, at + 80))

    def _say(self, diagnostic: Diagnostic) -> None:
        self.said.append(diagnostic)
        if len(self.said) == SHOWN:
            raise _StopError

    def _stop(self, diagnostic: Diagnostic) -> None:
        self.said.append(diagnostic)
        raise _StopError


def _wrong_key(key: Node, first: dict[str, Scalar]) -> Diagnostic:
    """The message about a key that is no string, merges, or has been there."""
    place = _head(key.span)
    if not isinstance(key, Scalar):
        way_out = "a string of the language stands in quotes"
        return YAML_SYNTAX.at(place, "a key is a name, and here is a list or mapping", help=way_out)
    if key.text not in first:
        return MERGE_KEY.at(place, "`<<` merges nothing here", help="write the keys themselves")
    labels = (Label(first[key.text].span, "first given here"),)
    message = f"the key `{' '.join(_short(key.text).split())}` is given twice"
    return DUPLICATE_KEY.at(place, message, labels=labels, help="leave one out")


def _not_yaml(source: Source, error: Any) -> Diagnostic:
    """The message about a text that YAML cannot read."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    at = min(mark.index if mark is not None else len(source.text), len(source.text))
    place = Span(source, at, min(at + 1, len(source.text)))
    if "nesting depth" in str(getattr(error, "problem", None)):  # newer libyaml gives up before any event
        return _too_deep(place)
    line, start = source.line(place.first.line), source.line_starts[place.first.line - 1]
    found = [
        m
        for pattern in (TYPE, TEXT_KEY)
        for m in pattern.finditer(line)
        if start + m.start("text") <= at and any(s in m["text"] for s in ":[]{},")
    ]
    if found:
        key, start = found[-1][1], start + found[-1].start("text")
        what = HEADS.get(key, "text")
        message = f"this {what} is not quoted, and YAML reads its signs as its own"
        return UNQUOTED.at(Span(source, start, start + 1), message, help=f'quote the {what}: `{key}: "..."`')
    if "\t" in line[: len(line) - len(line.lstrip())]:
        tab = source.line_starts[place.first.line - 1] + line.index("\t")
        return YAML_SYNTAX.at(
            Span(source, tab, tab + 1), "a tab indents this line", help="YAML is indented with spaces"
        )
    problem, context = (str(getattr(error, name, None) or "") for name in ("problem", "context"))
    if "quoted scalar" in context and "stream" in problem:
        opening = getattr(error, "context_mark", None)
        start = opening.index if opening is not None else at
        return YAML_SYNTAX.at(
            Span(source, start, start + 1), "this quote is not closed", help="close it on the same line"
        )
    said = " ".join(problem.split()) or "it cannot be read"
    way_out = "check brackets, commas and indentation; a string of the language stands in quotes"
    return YAML_SYNTAX.at(place, f"this is no YAML: {said[:1].lower()}{said[1:120]}", help=way_out)


def _head(span: Span) -> Span:
    """The first line of a span, as much of it as a line can show."""
    end = span.source.text.find("\n", span.start, span.end)
    return Span(span.source, span.start, min(span.end if end < 0 else end, span.start + 80))


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}..."
