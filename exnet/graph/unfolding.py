"""How many applications a program unfolds into, counted before the first one is opened."""

from collections.abc import Iterable, Sequence

from exnet.graph.limits import Limits
from exnet.graph.rules import TOO_MANY_APPLICATIONS
from exnet.graph.scope import Scope
from exnet.language import syntax
from exnet.source import Diagnostic
from exnet.spec.model import Spec
from exnet.spec.walk import nodes


def check_unfolding(spec: Spec, file: Scope, blocks: Sequence[Scope], limits: Limits) -> Diagnostic | None:
    """The application of the file with which its paths through blocks become too many. No block applies itself.

    paths(application of b) = 1 + sum of paths over the applications in the body of b
    """
    known: dict[int, int] = {}

    def paths(block: int) -> int:
        if block not in known:
            scope = blocks[block]
            body = scope.block.block.body if scope.block else ()
            known[block] = 1 + sum(paths(scope.visible[call.function.id]) for call in _calls(body, scope))
        return known[block]

    total = 0
    for call in _calls((*spec.equations, spec.root), file):
        total += paths(file.visible[call.function.id])
        if total > limits.applications:
            return _message(call, total, limits)
    return None


def _calls(body: Iterable[object], scope: Scope) -> list[syntax.Call]:
    """The applications of blocks in some statements, in the order of the text."""
    found = [node for node in nodes(tuple(body)) if isinstance(node, syntax.Call) and node.function.id in scope.visible]
    return sorted(found, key=lambda call: call.span.start)


def _message(call: syntax.Call, total: int, limits: Limits) -> Diagnostic:
    message = f"`{call.function.id}` brings the file to {total} applications, one inside the other; the limit is"
    hint = "an index makes many instances of one application"
    return TOO_MANY_APPLICATIONS.at(call.span, f"{message} {limits.applications}", help=hint)
