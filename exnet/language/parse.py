"""Text to syntax tree, in either form. A text that follows the grammar is read in one go, any other chunk by chunk."""

from typing import Any

from lark.exceptions import UnexpectedToken

from exnet.language import syntax
from exnet.language.bounds import bracket_bound, depth_bound, length_bound, literal_bounds
from exnet.language.grammar import building_parser
from exnet.language.recover import expression_errors, file_errors
from exnet.language.scan import Tokens, scan
from exnet.language.which import in_yaml, other_form
from exnet.language.yaml_file import parse_yaml
from exnet.source import Diagnostic, Outcome, Source, Span


def parse_file(source: Source) -> Outcome[syntax.File]:
    """The syntax tree of a whole file, or all its independent syntax errors.

    A source whose name ends in `.yaml` or `.yml` is read in the YAML form, any other as `.exn`; of one that is no file,
    such as `<stdin>`, the text says it.
    """
    yaml = in_yaml(source)
    other = other_form(source, yaml)
    if other is not None:
        return Outcome(None, (other,))
    return parse_yaml(source) if yaml else parse_exn(source)


def parse_exn(source: Source) -> Outcome[syntax.File]:
    """The syntax tree of a text in the `.exn` form, whatever its name."""
    tokens = bounded(source)
    if isinstance(tokens, Diagnostic):
        return Outcome(None, (tokens,))
    bounds = literal_bounds(tokens.tokens)
    try:
        name, edition, statements = read(tokens, "file") if not bounds else (None, None, ())
    except UnexpectedToken:
        name, edition, statements = None, None, ()
    if name is None:
        return Outcome(None, file_errors(tokens, bounds))
    file = syntax.File(name, edition, statements, tokens.comments, Span(source, 0, len(source.text)))
    deep = depth_bound(statements)
    return Outcome(None, (deep,)) if deep else Outcome(file)


def parse_expression(source: Source) -> Outcome[syntax.Expr]:
    """One expression alone, as it stands in a string of the YAML form or on the command line."""
    tokens = bounded(source)
    if isinstance(tokens, Diagnostic):
        return Outcome(None, (tokens,))
    bounds = literal_bounds(tokens.tokens)
    try:
        found: syntax.Expr | None = read(tokens, "expr") if not bounds else None
    except UnexpectedToken:
        found = None
    if found is None:
        return Outcome(None, expression_errors(tokens, bounds))
    deep = depth_bound((found,))
    return Outcome(None, (deep,)) if deep else Outcome(found)


def bounded(source: Source) -> Tokens | Diagnostic:
    """The tokens of a text, or the bound that it passes."""
    deep = bracket_bound(source)
    if deep:
        return deep
    tokens = scan(source)
    return length_bound(tokens) or tokens


def read(tokens: Tokens, start: str) -> Any:
    """What the builder makes of all the tokens.

    Raises:
        UnexpectedToken: at the first token that the grammar does not allow.
    """
    parser: Any = building_parser().parse_interactive(start=start)
    for token in tokens.tokens:
        parser.feed_token(token)
    return parser.feed_token(tokens.end)
