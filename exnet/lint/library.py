"""Files that hold blocks for others to import: they need no root, and nobody applies what they hold."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from exnet.graph.rules import UNUSED_NAME
from exnet.language import parse_file, syntax
from exnet.source import Diagnostic, Source

FRAME = "exnet frame  input  _leaf : real[1]  output _said : class[2]  vertex _top = (_leaf)  root   _top"
"""The smallest net: what a library lacks to be a whole file."""


def is_library(file: syntax.File) -> bool:
    """Whether a file holds blocks and imports, and nothing else."""
    kinds = {type(statement) for statement in file.statements}
    return syntax.Block in kinds and kinds <= {syntax.Block, syntax.Import}


def completed(file: syntax.File) -> syntax.File:
    """A library with the smallest net beside its blocks, so that every stage can look at it."""
    return replace(file, statements=(*file.statements, *_frame()))


@cache
def _frame() -> tuple[syntax.Statement, ...]:
    return parse_file(Source("<frame>", FRAME)).unwrap().statements


def without_unused(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """What remains to be said about a library: that its own file applies none of its blocks is no doubt."""
    return tuple(d for d in diagnostics if d.code != UNUSED_NAME.code)
