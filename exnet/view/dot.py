"""Pictures as DOT digraphs, parents above their children."""

from exnet.view.captions import Caption, answer_caption, arcs_caption, captions
from exnet.view.frames import framed
from exnet.view.quotient import Quotient
from exnet.view.style import ink
from exnet.view.unfolded import Unfolded


def dot(picture: Quotient) -> str:
    """A digraph of the quotient."""
    texts = [_text(caption) for caption in captions(picture)]
    outputs = [_text(answer_caption(answer)) for answer in picture.outputs]
    first, leaves = len(texts), len(picture.leaves)
    lines = [f'digraph "{escaped(picture.name)}" {{', *_ATTRIBUTES]
    lines += [f'  b{first + i} [shape=box, style=rounded, label="{text}"]' for i, text in enumerate(outputs)]
    boxes = [
        f'b{i} [label="{text}"{", penwidth=2.5" if i == picture.root else ""}]'
        for i, text in enumerate(texts[leaves:], leaves)
    ]
    lines += framed(picture, boxes, lambda n, title: f'subgraph cluster_{n} {{ label="{escaped(title)}"', "}")
    lines += [f'  b{i} [shape=parallelogram, label="{text}"]' for i, text in enumerate(texts[:leaves])]
    lines += [f"  b{first + i} -> b{picture.root} [dir=none]" for i in range(len(outputs))]
    lines += [f'  b{a.parents} -> b{a.children} [label="{_text(arcs_caption(a))}"]' for a in picture.arcs]
    return "\n".join([*lines, "}"]) + "\n"


_ATTRIBUTES = ("  node [shape=box, fontname=Helvetica]", "  edge [fontname=Helvetica, fontsize=11]")


def dot_unfolded(picture: Unfolded) -> str:
    """A digraph of every node, a rank for each level. Vertices of one colour share their primary propagator."""
    lines = [f'digraph "{escaped(picture.name)}" {{', *_ATTRIBUTES]
    for level in range(picture.levels, -1, -1):
        members = [i for i, node in enumerate(picture.nodes) if node.level == level]
        lines.append("  { rank=same; " + "; ".join(f"n{i}" for i in members) + " }")
    for i, node in enumerate(picture.nodes):
        look = ", style=rounded"
        if node.colour is not None:
            fill = picture.colour(node.colour)
            look = f', style=filled, fillcolor="{fill}", fontcolor="{ink(fill)}"'
        look += ", penwidth=3" if i == picture.root else ""
        lines.append(f'  n{i} [label="{escaped(node.short)}", tooltip="{escaped(node.name)}"{look}]')
    lines += [f"  n{arc.parent} -> n{arc.child}" for arc in picture.arcs]
    return "\n".join([*lines, "}"]) + "\n"


def _text(caption: Caption) -> str:
    return "\\n".join(map(escaped, caption.lines))


def escaped(text: str) -> str:
    """A text inside the quotes of a string."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
