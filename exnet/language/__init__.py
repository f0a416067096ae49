"""Text to syntax tree and back, in both forms: parser with recovery, formatter, conversion. Free of torch."""

from exnet.language.exn_text import exn_text
from exnet.language.format import format_file
from exnet.language.parse import parse_expression, parse_file
from exnet.language.which import in_yaml
from exnet.language.yaml_file import is_spec, is_yaml
from exnet.language.yaml_text import yaml_text

__all__ = ["exn_text", "format_file", "in_yaml", "is_spec", "is_yaml", "parse_expression", "parse_file", "yaml_text"]
