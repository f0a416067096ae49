"""The same spec with its statements in another order."""

from random import Random

from exnet.language import parse_file, syntax
from exnet.source import Source


def permuted(text: str, seed: int) -> str:
    """The spec with the statements of the file, and those of every block body, shuffled. Comments are dropped."""
    random = Random(f"exnet permutation {seed}")
    file = parse_file(Source("<text>", text)).unwrap()
    statements = [_statement(s, random) for s in file.statements]
    random.shuffle(statements)
    edition = f" edition {file.edition.value}" if file.edition is not None else ""
    return "\n".join([f"exnet {file.name.id}{edition}", *statements, ""])


def _statement(statement: syntax.Statement, random: Random) -> str:
    if not isinstance(statement, syntax.Block):
        return statement.span.text
    body = [s.span.text for s in statement.body]
    random.shuffle(body)
    formals = ", ".join(formal.span.text for formal in statement.formals)
    return f"block {statement.name.id}({formals}) {{\n" + "\n".join(body) + "\n}"
