"""The mistake that the README shows is answered as it says."""

import re
from pathlib import Path

from exnet.compiler import compile_source
from exnet.source.reading import source_of_text
from exnet.source.render.text import render_text

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_the_mistake_in_the_readme() -> None:
    spec = re.search(r"```exn\n(.*?)```", README, re.DOTALL)
    shown = re.search(r"```text\n(error.*?)```", README, re.DOTALL)
    assert spec is not None
    assert shown is not None
    source = source_of_text(spec[1].replace("0..16 >> l", "0..=16 >> l"), "specs/tree_digits.exn")
    first = compile_source(source).diagnostics[0]
    assert render_text((first,), color=False).strip() == shown[1].strip()
