"""Pictures as mermaid flowcharts, parents above their children."""

from exnet.view.captions import Caption, answer_caption, arcs_caption, captions
from exnet.view.frames import framed
from exnet.view.quotient import Quotient
from exnet.view.style import ink
from exnet.view.unfolded import Unfolded

ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "#": "&#35;", "`": "&#96;"}
"""What mermaid would read as markup, even inside quotes."""


def mermaid(picture: Quotient) -> str:
    """A flowchart of the quotient."""
    texts = [_text(caption) for caption in captions(picture)]
    outputs = [_text(answer_caption(answer)) for answer in picture.outputs]
    first, leaves = len(texts), len(picture.leaves)
    lines = ["flowchart TD"]
    lines += [f'  b{first + i}(["{text}"])' for i, text in enumerate(outputs)]
    boxes = [f'b{i}["{text}"]' for i, text in enumerate(texts[leaves:], leaves)]
    lines += framed(picture, boxes, lambda n, title: f'subgraph s{n}["{escaped(title)}"]', "end")
    lines += [f'  b{i}[/"{text}"/]' for i, text in enumerate(texts[:leaves])]
    lines += [f"  b{first + i} --- b{picture.root}" for i in range(len(outputs))]
    lines += [f'  b{a.parents} -->|"{_text(arcs_caption(a))}"| b{a.children}' for a in picture.arcs]
    lines.append(f"  style b{picture.root} stroke-width:3px")
    return "\n".join(lines) + "\n"


def mermaid_unfolded(picture: Unfolded) -> str:
    """A flowchart of every node. Vertices of one colour share their primary propagator."""
    lines = ["flowchart TD"]
    for i, node in enumerate(picture.nodes):
        left, right = ("([", "])") if node.colour is None else ("[", "]")
        kind = "" if node.colour is None else f":::c{node.colour}"
        lines.append(f'  n{i}{left}"{escaped(node.short)}"{right}{kind}')
    lines += [f"  n{arc.parent} --> n{arc.child}" for arc in picture.arcs]
    for number in sorted({node.colour for node in picture.nodes if node.colour is not None}):
        lines.append(f"  classDef c{number} fill:{picture.colour(number)},color:{ink(picture.colour(number))}")
    lines.append(f"  style n{picture.root} stroke-width:4px")
    return "\n".join(lines) + "\n"


def _text(caption: Caption) -> str:
    return "<br/>".join(map(escaped, caption.lines))


def escaped(text: str) -> str:
    """A text inside the quotes of a label."""
    return "".join(ENTITIES.get(character, character) for character in text)
