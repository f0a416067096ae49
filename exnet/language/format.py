"""The formatter: one layout for every file."""

from exnet.language import syntax as s
from exnet.language import text as t


def format_file(file: s.File) -> str:
    """The canonical text of a file."""
    edition = f" edition {file.edition.value}" if file.edition else ""
    return "\n".join([f"exnet {file.name.id}{edition}", *(statement(node) for node in file.statements)]) + "\n"


def statement(node: s.Statement | s.Yield) -> str:
    """A statement on one line, a block on several."""
    match node:
        case s.Import():
            return f"import {t.expression(node.path)}"
        case s.Settings():
            return f"{node.keyword} " + ", ".join(f"{x.name.id} = {t.expression(x.value)}" for x in node.settings)
        case s.Input():
            return f"input {node.name.id}{t.dims(node.dims)} : {t.type_text(node.type)}"
        case s.Output():
            return f"output {node.name.id} : {t.type_text(node.type)}"
        case s.Net():
            return f"net {node.name.id} = {t.expression(node.value)}"
        case s.Tokenise():
            return f"tokenise {node.name.id} with {t.expression(node.value)}"
        case s.Default():
            return f"default vertex ({t.arguments(node.args)})"
        case s.Mode() | s.Learn() | s.Yield():
            return f"{type(node).__name__.lower()} {t.expression(node.value)}"
        case s.Let() | s.Vertex():
            text = f"{type(node).__name__.lower()} {t.head(node.head)} = {t.expression(node.value)}"
            return " ".join([text, *map(t.clause, node.clauses)])
        case s.Root():
            return " ".join([f"root {t.expression(node.value)}", *map(t.clause, node.clauses)])
        case s.Block():
            body = "".join(f"  {statement(part)}\n" for part in node.body)
            return f"block {node.name.id}({', '.join(map(t.formal, node.formals))}) {{\n{body}}}"
