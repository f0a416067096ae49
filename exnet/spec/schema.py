"""The JSON Schema of the YAML form, for editors: the structure of `Form`, and options from the tables of kinds.

A value may always be an expression over constants, so a number may be a string too. What no schema can say about names,
types and domains `exnet lint` says.
"""

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from exnet.spec.form import NAME, Form
from exnet.spec.objective import OBJECTIVE
from exnet.spec.registry import (
    LEARNING_RULES,
    LOSSES,
    MODES,
    NESTED,
    NETWORKS,
    OPTIMISERS,
    SCHEDULES,
    TOKENISERS,
    Kind,
    Kinds,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TABLES: Mapping[str, Kinds] = {
    "network": NETWORKS,
    "tokeniser": TOKENISERS,
    "mode": MODES,
    "learning_rule": LEARNING_RULES,
    "optimiser": OPTIMISERS,
    "schedule": SCHEDULES,
    "loss": LOSSES,
}
EXPRESSION = {"type": "string", "pattern": "^[^\\n#]+$", "description": "An expression over constants."}
LIMITS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
LENGTHS = {"min_length": "minItems", "max_length": "maxItems"}
SCALARS: Mapping[Any, str] = {int: "integer", float: "number", bool: "boolean"}


def json_schema() -> dict[str, Any]:
    """The schema as a JSON value, draft 2020-12."""
    schema = Form.model_json_schema(by_alias=True)
    definitions, properties = schema["$defs"], schema["properties"]
    definitions |= {name: table_schema(name, kinds) for name, kinds in TABLES.items()}
    definitions["sum_of_tokenisers"] = {
        "anyOf": [{"$ref": "#/$defs/tokeniser"}, {"type": "string", "pattern": "\\+"}],
        "description": "One tokeniser, or a sum as a string: `linear + position`.",
    }
    for key, name in (("net", "network"), ("tokenise", "sum_of_tokenisers")):
        properties[key]["patternProperties"] = {NAME: {"$ref": f"#/$defs/{name}"}}
    for key, name in (("mode", "mode"), ("learn", "learning_rule")):
        properties[key] = {"$ref": f"#/$defs/{name}", "description": properties[key]["description"]}
    head = {"$schema": DIALECT, "title": "exnet", "description": "An extraction network in the YAML form of exnet."}
    return head | {key: value for key, value in closed(schema).items() if key not in head}


def table_schema(name: str, kinds: Kinds) -> dict[str, Any]:
    """One of some kinds: its name alone, or with options; a call as a string is allowed too."""
    call = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z_0-9]*\\("}
    options = {kind: options_schema(kind, entry, name) for kind, entry in kinds.items()}
    table = {
        "type": "object",
        "properties": options,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    return {"description": f"A {name.replace('_', ' ')}.", "anyOf": [{"enum": [*kinds]}, call, table]}


def options_schema(name: str, kind: Kind, table: str) -> dict[str, Any]:
    """The options of one kind; nothing at all stands for its defaults."""
    fields = kind.model.model_fields
    known = {option: option_schema(fields[option]) for option in kind.option_names if option in fields}
    if table == "learning_rule":
        known |= {option: objective_schema(option) for option in OBJECTIVE}
    about = first_line(kind.model.__doc__ or name)
    return {"type": ["object", "null"], "description": about, "properties": known, "additionalProperties": False}


def objective_schema(option: str) -> dict[str, Any]:
    """`weights: {outputs: {y: 0.5}}`, `losses: {outputs: {y: {huber: {delta: 0.5}}}}`."""
    value: dict[str, Any] = (
        {"$ref": "#/$defs/loss"} if option == "losses" else {"type": ["number", "string"], "minimum": 0}
    )
    table = {"type": "object", "additionalProperties": value}
    outputs = {
        "type": "object",
        "properties": {"outputs": table},
        "required": ["outputs"],
        "additionalProperties": False,
    }
    return {"description": f"The {option} of outputs.", "anyOf": [outputs, EXPRESSION]}


def option_schema(field: FieldInfo) -> dict[str, Any]:
    """The values of one option."""
    found = value_schema(field.annotation, tuple(field.metadata))
    default = field.get_default(call_default_factory=True)
    plain = isinstance(default, bool | int | float | str) and not field.is_required()
    return {**found, "default": default} if plain else found


def value_schema(wanted: Any, limits: tuple[Any, ...] = ()) -> dict[str, Any]:
    """The values of a type of Python as options may have it."""
    origin, members = get_origin(wanted), get_args(wanted)
    if origin is Annotated:
        return value_schema(
            members[0], (*limits, *(m for given in members[1:] for m in getattr(given, "metadata", [given])))
        )
    if origin in (Union, UnionType):
        parts = [value_schema(member, limits) for member in members if member is not NoneType]
        return parts[0] if len(parts) == 1 else {"anyOf": parts}
    if origin is Literal:
        return {"enum": [*members]}
    if origin is tuple:
        return tuple_schema(members, limits)
    if wanted in NESTED:
        return {"$ref": f"#/$defs/{NESTED[wanted][0]}"}
    if wanted not in SCALARS:
        return {"type": "string"} if wanted is str else {}
    return {"anyOf": [{"type": SCALARS[wanted], **bounds(limits, LIMITS)}, EXPRESSION]}


def tuple_schema(members: tuple[Any, ...], limits: tuple[Any, ...]) -> dict[str, Any]:
    """A list of equal items, or of a fixed number of them."""
    if members[1:] == (Ellipsis,):
        return {"type": "array", "items": value_schema(members[0]), **bounds(limits, LENGTHS)}
    count = len(members)
    return {"type": "array", "prefixItems": [*map(value_schema, members)], "minItems": count, "maxItems": count}


def bounds(limits: tuple[Any, ...], names: Mapping[str, str]) -> dict[str, Any]:
    """The bounds of a type under the names that JSON Schema has for them."""
    return {
        names[key]: getattr(limit, key) for limit in limits for key in names if getattr(limit, key, None) is not None
    }


def first_line(text: str) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join(text.strip().split("\n\n")[0].split())


def closed(value: Any) -> Any:
    """A schema whose tables hold names only, without the titles that pydantic makes of field names."""
    if isinstance(value, list):
        return [closed(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {k: closed(v) for k, v in value.items() if k != "title" or not isinstance(v, str)}
    return found | ({"additionalProperties": False} if "patternProperties" in found else {})
