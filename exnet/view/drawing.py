"""The quotient graph as mermaid and as DOT text. Boxes of one application stand in one frame."""

from collections.abc import Callable, Iterator

from exnet.view.quotient import Family, Quotient


def mermaid(picture: Quotient) -> str:
    """A mermaid flowchart, parents above their children."""
    lines = ["flowchart TD"]
    for i in range(len(picture.leaves)):
        lines.append(f'  b{i}[/"{_leaves_text(picture, i, "<br/>")}"/]')
    lines += _frames(picture, _mermaid_box, lambda n, title: f'subgraph s{n}["{title}"]', "end")
    lines += [f"  b{a} -->|{count:,}| b{b}" for a, b, count in picture.arcs]
    return "\n".join(lines) + "\n"


def dot(picture: Quotient) -> str:
    """A DOT digraph, parents above their children."""
    lines = [f'digraph "{picture.name}" {{', "  node [shape=box, fontname=Helvetica]"]
    for i in range(len(picture.leaves)):
        lines.append(f'  b{i} [shape=parallelogram, label="{_leaves_text(picture, i, chr(92) + "n")}"]')
    lines += _frames(picture, _dot_box, lambda n, title: f'subgraph cluster_{n} {{ label="{title}"', "}")
    lines += [f'  b{a} -> b{b} [label="{count:,}"]' for a, b, count in picture.arcs]
    return "\n".join([*lines, "}"]) + "\n"


def _leaves_text(picture: Quotient, i: int, line: str) -> str:
    leaves = picture.leaves[i]
    return f"{leaves.name} : {leaves.type}{line}{_count(leaves.leaves, 'leaf', 'leaves')}"


def _family_text(family: Family, line: str) -> str:
    low, high = family.levels
    level = f"level {low}" if low == high else f"levels {low} to {high}"
    name = f"{family.name} (root)" if family.root else family.name
    classes = " / ".join(f"{n:,}" for n in family.classes)
    return line.join((name, _count(family.vertices, "vertex", "vertices"), level, f"classes {classes}"))


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _mermaid_box(number: int, family: Family) -> str:
    left, right = ('(["', '"])') if family.root else ('["', '"]')
    return f"b{number}{left}{_family_text(family, '<br/>')}{right}"


def _dot_box(number: int, family: Family) -> str:
    style = ", style=bold" if family.root else ""
    return f'b{number} [label="{_family_text(family, chr(92) + "n")}"{style}]'


Box = Callable[[int, Family], str]


def _frames(picture: Quotient, box: Box, opened: Callable[[int, str], str], closed: str) -> Iterator[str]:
    """The boxes inside the frames of their applications; a frame is opened once and holds its inner frames."""
    children = dict[tuple[str, ...], list[tuple[str, ...]]]()
    inside = dict[tuple[str, ...], list[int]]()
    for i, family in enumerate(picture.families):
        inside.setdefault(family.sites, []).append(i)
        for depth in range(len(family.sites)):
            frames = children.setdefault(family.sites[:depth], [])
            if family.sites[: depth + 1] not in frames:
                frames.append(family.sites[: depth + 1])
    numbers = {frame: n for n, frame in enumerate(frame for frames in children.values() for frame in frames)}

    def draw(frame: tuple[str, ...], indent: str) -> Iterator[str]:
        for i in inside.get(frame, ()):
            yield indent + box(len(picture.leaves) + i, picture.families[i])
        for inner in children.get(frame, ()):
            yield indent + opened(numbers[inner], inner[-1])
            yield from draw(inner, indent + "  ")
            yield indent + closed

    return draw((), "  ")
