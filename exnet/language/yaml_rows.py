"""Mappings and lists to lines of YAML: on one line where they fit and no part has a comment, else below each other."""

from dataclasses import dataclass, field

from exnet.language.rows import WIDTH

STEP = 2


@dataclass(slots=True)
class Entry:
    """One pair of a mapping, or one item of a list (`key` is empty): scalars are written already.

    `above` holds lines (comments, and "" for an empty one), `after` the comments at its end.
    """

    key: str
    value: "str | Group"
    above: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Group:
    """A mapping, or a list (`listed`). `tall` ones always have one entry on a line."""

    entries: list[Entry]
    listed: bool = False
    tall: bool = False


def text_of(group: Group, rest: list[str]) -> str:
    """The text of a whole file, with the lines that follow its last entry."""
    lines = [*rows(group, 0), *rest]
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return "\n".join(kept).strip("\n") + "\n"


def rows(group: Group, indent: int) -> list[str]:
    """The lines of a mapping or a list."""
    lines = list[str]()
    for entry in group.entries:
        lines += [" " * indent + line if line else "" for line in entry.above]
        own = entry_rows(entry, " " * indent + ("-" if group.listed else f"{entry.key}:"), indent)
        if isinstance(entry.value, Group) and ends_in_comment(entry.value):
            lines += [" " * indent + line for line in entry.after]
        elif entry.after:
            own[-1] += "  " + " ".join(entry.after)
        lines += own
    return lines


def entry_rows(entry: Entry, lead: str, indent: int) -> list[str]:
    """The lines of one entry behind its key or dash."""
    value = entry.value
    if isinstance(value, str) or (is_plain(value) and (not value.entries or len(f"{lead} {flow(value)}") <= WIDTH)):
        return [f"{lead} {flow(value)}"]
    inner = rows(value, indent + STEP)
    if entry.key or value.listed:
        return [lead, *inner]
    return [f"{lead} {inner[0].lstrip()}", *inner[1:]]


def ends_in_comment(group: Group) -> bool:
    """Whether a comment stands at the end of the last line."""
    if not group.entries:
        return False
    last = group.entries[-1]
    return bool(last.after) or (isinstance(last.value, Group) and ends_in_comment(last.value))


def is_plain(group: Group) -> bool:
    """Whether a mapping or list may stand on one line: neither it nor a part of it is tall or has a comment."""
    if group.tall:
        return False
    for entry in group.entries:
        if any(entry.above) or entry.after or (isinstance(entry.value, Group) and not is_plain(entry.value)):
            return False
    return True


def flow(value: str | Group) -> str:
    """A value on one line."""
    if isinstance(value, str):
        return value
    parts = [flow(e.value) if value.listed else f"{e.key}: {flow(e.value)}" for e in value.entries]
    return f"[{', '.join(parts)}]" if value.listed else f"{{{', '.join(parts)}}}"
