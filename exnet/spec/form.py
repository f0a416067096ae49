"""The Python form of a spec: the structure of the YAML form as frozen models. Heads and right sides stay strings.

Form.model_validate({"exnet": "t", "input": {"x": {"shape": [4], "type": "real[2]"}}, ...}).spec()
Form.of(exnet.parse("exnet t ..."))
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from exnet.language import yaml_text
from exnet.language.parse import parse_exn
from exnet.language.yaml_tree import Items, Node, Scalar, read_tree
from exnet.source import Source
from exnet.spec.mapping import from_mapping
from exnet.spec.model import Spec

INTEGER = re.compile(r"-?[0-9][0-9_]*\Z")
NUMBER = re.compile(r"-?[0-9][0-9_]*(?:\.[0-9_]+)?(?:[eE][+-]?[0-9]+)?\Z")
TRUTH = {"true": True, "false": False}

NAME = "^[A-Za-z_][A-Za-z_0-9]*$"
Name: TypeAlias = Annotated[str, Field(pattern=NAME, max_length=256)]
Text: TypeAlias = Annotated[str, Field(pattern="^[^\n\r#]+$", description="A string of the language, on one line.")]
Size: TypeAlias = Annotated[int | Text, Field(description="A whole number, or an expression such as `2 * n`.")]
Constant: TypeAlias = Annotated[
    bool | int | Text, Field(description="A whole number, `true`, `false`, or an expression.")
]
Sizes: TypeAlias = Size | Annotated[tuple[Size, ...], Field(strict=False)]
Keys: TypeAlias = Size | Annotated[tuple[Size, ...], Field(strict=False, min_length=1)]
Names: TypeAlias = Name | Annotated[tuple[Name, ...], Field(strict=False, min_length=1)]
Option: TypeAlias = JsonValue


class FormModel(BaseModel):
    """Frozen, strict, and without unknown keys. Keys that are words of Python have a `_` behind them there."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)


class InputForm(FormModel):
    """An input: a grid of leaves."""

    shape: Annotated[
        Sizes, Field(description="The grid of leaves; left out, there is one leaf.", examples=[[4, 4]])
    ] = ()
    type: Annotated[Text, Field(description="What each leaf reads.", examples=["real[4]", "patch[2, 2]", "index[10]"])]


class OutputForm(FormModel):
    """An output that every trainer predicts."""

    type: Annotated[Text, Field(examples=["class[10]", "real[2]", "labels[5]"])]


class SpaceForm(FormModel):
    """Widths of the two extraction spaces."""

    primary: Annotated[Size, Field(description="Width of primary extractions; 32 if left out.")] = 32
    complementary: Annotated[Size, Field(description="Width of complementary extractions; 32 if left out.")] = 32


class ComponentsForm(FormModel):
    """The network of each component, by name."""

    primary: Annotated[Name, Field(description="The primary propagator.")] = "primary"
    complementary: Annotated[Name, Field(description="The complementary propagators.")] = "complementary"
    trainer: Annotated[Name, Field(description="The trainer.")] = "trainer"


class ByForm(FormModel):
    """A sharing key: vertices with equal values share."""

    by: Annotated[
        Keys, Field(description="One expression over the indices, or a list.", examples=["l", ["l", "i % 2"]])
    ]


class OverForm(FormModel):
    """Lifted indices of an application that share all the same."""

    over: Annotated[Names, Field(examples=["i"])]


ComponentShare: TypeAlias = Literal["all", "none"] | ByForm | OverForm


class ShareForm(FormModel):
    """What shares parameters, for all components or for each, and the name of the pool."""

    by: Annotated[Keys | None, Field(description="Of all components that are not named.")] = None
    over: Annotated[Names | None, Field(description="Of all components that are not named.")] = None
    primary: ComponentShare | None = None
    complementary: ComponentShare | None = None
    trainer: ComponentShare | None = None
    as_: Annotated[Name | None, Field(alias="as", description="The name of the pool.")] = None


Share: TypeAlias = Annotated[Text | ShareForm, Field(examples=["all", "none", {"by": "l"}, {"over": "i"}])]


class Clauses(FormModel):
    """What may stand beside the right side of an equation."""

    share: Annotated[Share | None, Field(description="Which of its vertices share parameters.")] = None
    per: Annotated[Names | None, Field(description="Indices that make copies of an applied block.")] = None
    with_: Annotated[ComponentsForm | None, Field(alias="with", description="Networks of its own.")] = None


class LetForm(Clauses):
    """`let`: further names of nodes that exist."""

    let: Annotated[Text, Field(description="The head.", examples=["h[0, i: 0..n]"])]
    is_: Annotated[Text, Field(alias="is", description="The right side.", examples=["x[i]", "tree(x)"])]


class VertexForm(Clauses):
    """`vertex`: one new vertex for each index."""

    vertex: Annotated[Text, Field(description="The head.", examples=["h[l: 1..=4, i: 0..16 >> l]"])]
    is_: Annotated[Text, Field(alias="is", description="The children.", examples=["(h[l-1, 2*i], h[l-1, 2*i+1])"])]


class RootForm(Clauses):
    """`root` with clauses."""

    is_: Annotated[Text, Field(alias="is", description="The vertex that predicts.")]


Equations: TypeAlias = Annotated[tuple[LetForm | VertexForm, ...], Field(strict=False)]


class BlockForm(FormModel):
    """A block: equations with parameters."""

    formals: Annotated[tuple[Text, ...], Field(strict=False, examples=[["xs[n]", "window = n"]])] = ()
    equations: Equations = ()
    yield_: Annotated[Text, Field(alias="yield", description="What an application stands for.")]


class Form(FormModel):
    """One extraction network."""

    exnet: Annotated[Name, Field(description="The name of the net.")]
    edition: Annotated[Literal[1] | None, Field(description="The edition of the language.")] = None
    import_: Annotated[
        Text | Annotated[tuple[Text, ...], Field(strict=False)],
        Field(alias="import", description="Files whose blocks this one uses.", examples=[["parts.exn"]]),
    ] = ()
    const: Annotated[dict[Name, Constant], Field(description="Constants that hold for this file alone.")] = {}
    param: Annotated[dict[Name, Constant], Field(description="Constants that `--set` may change.")] = {}
    input: Annotated[dict[Name, Text | InputForm], Field(description="What goes in.")] = {}
    output: Annotated[dict[Name, Text | OutputForm], Field(description="What every trainer predicts.")] = {}
    space: Annotated[SpaceForm | None, Field(description="Widths of the extraction spaces.")] = None
    net: Annotated[dict[Name, Option], Field(description="Networks by name.")] = {}
    tokenise: Annotated[dict[Name, Option], Field(description="How inputs become primary extractions.")] = {}
    default: Annotated[ComponentsForm | None, Field(description="The networks of a vertex.")] = None
    equations: Annotated[Equations, Field(description="The graph. The order of equations does not matter.")] = ()
    root: Annotated[Text | RootForm | None, Field(description="The vertex that predicts.", examples=["tree(x)"])] = None
    mode: Annotated[Option, Field(description="How the down pass combines the parents of a vertex.")] = None
    learn: Annotated[Option, Field(description="The learning rule.")] = None
    block: Annotated[dict[Name, BlockForm], Field(description="Blocks that equations may apply.")] = {}

    @property
    def mapping(self) -> dict[str, object]:
        """What was given, as the YAML form says it."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def spec(self, name: str = "<form>", overrides: Mapping[str, int | bool] | None = None) -> Spec:
        """What it means.

        Raises:
            ExnetError: with everything that is wrong in it.
        """
        return from_mapping(self.mapping, name, overrides).unwrap()

    @classmethod
    def of(cls, spec: Spec) -> "Form":
        """The form of a spec: canonical, with set params at their values and the blocks of imports inlined."""
        text = yaml_text(parse_exn(Source(spec.name, spec.text)).unwrap()).unwrap()
        root = read_tree(Source(spec.name, text)).root
        assert root is not None
        return cls.model_validate(data(root))


def data(node: Node) -> JsonValue:
    """The value of a node by the core schema of YAML 1.2: what our own writer leaves without quotes."""
    if isinstance(node, Items):
        return [data(item) for item in node.items]
    if not isinstance(node, Scalar):
        return {key.text: data(value) for key, value in node.pairs}
    text = node.text.replace("_", "")
    if node.quoted or (not NUMBER.match(node.text) and node.text not in TRUTH):
        return node.text
    return TRUTH[node.text] if node.text in TRUTH else int(text) if INTEGER.match(text) else float(text)
