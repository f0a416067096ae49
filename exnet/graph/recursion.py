"""Blocks that apply themselves, directly or through others, and blocks that nest too deep."""

from typing import TYPE_CHECKING

from exnet.graph import rules
from exnet.source import Span
from exnet.spec.walk import called_names

if TYPE_CHECKING:
    from exnet.graph.program import Program


def check_recursion(program: "Program") -> None:
    """Blocks may not apply themselves, and nest only so deep."""
    calls = [
        [scope.visible[name] for name in sorted(called_names(scope.block.block.body)) if name in scope.visible]
        for scope in program.blocks
        if scope.block
    ]
    done: dict[int, int] = {}
    for start in range(len(calls)):
        _descend(program, start, calls, [], done)


def _descend(program: "Program", block: int, calls: list[list[int]], path: list[int], done: dict[int, int]) -> int:
    if block in path:
        _recursive(program, [*path[path.index(block) :], block])
        return 0
    if block not in done:
        done[block] = 1 + max((_descend(program, b, calls, [*path, block], done) for b in calls[block]), default=0)
        if done[block] == program.limits.block_depth + 1:
            name = program.blocks[block].name
            message = f"`{name}` nests blocks {done[block]} deep; the limit is {program.limits.block_depth}"
            program.report.add(rules.BLOCKS_TOO_DEEP.at(_name_span(program, block), message))
    return done[block]


def _name_span(program: "Program", block: int) -> Span:
    return program.spec.blocks[block].block.name.span


def _recursive(program: "Program", circle: list[int]) -> None:
    names = [program.blocks[b].name for b in circle]
    for block in circle:
        program.yields.setdefault(block, None)
    message = f"`{names[0]}` applies itself"
    if len(circle) > 2:
        message = ", which applies ".join([f"`{names[0]}` applies `{names[1]}`", *(f"`{n}`" for n in names[2:])])
    hint = "use a level index, as `tree` does"
    program.report.add(rules.RECURSIVE_BLOCK.at(_name_span(program, circle[0]), message, help=hint))
