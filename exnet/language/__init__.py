"""Text to syntax tree and back: the grammar's parser with recovery, and the formatter. Free of torch."""

from exnet.language.format import format_file
from exnet.language.parse import parse_expression, parse_file

__all__ = ["format_file", "parse_expression", "parse_file"]
