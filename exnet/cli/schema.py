"""`exnet schema`: the JSON Schema of the YAML form."""

import json
import sys
from pathlib import Path

import typer

from exnet.cli.common import out


def register(app: typer.Typer) -> None:
    """Add the verb."""
    about = "Print the JSON Schema of the YAML form. Editors and validators read it."
    app.command(help=about, epilog="Example: exnet schema > exnet.schema.json")(schema)


def schema() -> None:
    """Print the JSON Schema of the YAML form."""
    out(text())


def text() -> str:
    """The schema as it stands in docs/exnet.schema.json."""
    from exnet.spec.schema import json_schema

    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the committed copy in the checkout that this file stands in."""
    target = Path(__file__).parents[2] / "docs" / "exnet.schema.json"
    target.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{target}\n")


if __name__ == "__main__":
    main()
