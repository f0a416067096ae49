"""The standard blocks: `.exn` files beside this one, each parsed when a spec names its block."""

from functools import cache
from importlib.resources import files

from exnet.language import parse_file, syntax
from exnet.source import Source

STANDARD = ("tree", "chain", "multilayer", "attention", "quadtree", "quadtree2", "grid", "ensemble")
"""The names of the standard blocks."""


@cache
def standard_source(name: str) -> Source:
    """The text of the file of a standard block, comments and all."""
    text = (files("exnet.spec") / "blocks" / f"{name}.exn").read_text(encoding="utf-8")
    return Source(f"<exnet>/{name}.exn", text)


@cache
def standard_block(name: str) -> syntax.Block:
    """The syntax of a standard block; `name` is one of `STANDARD`."""
    file = parse_file(standard_source(name)).unwrap()
    return next(s for s in file.statements if isinstance(s, syntax.Block) and s.name.id == name)
