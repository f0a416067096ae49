"""What `import exnet` gives."""

import subprocess
import sys
from collections.abc import Callable

import pytest

import exnet
from exnet.source import ExnetError
from exnet.spec import Spec

LIGHT = """
import sys, exnet
spec = exnet.parse("exnet t  input x[4] : real[2]  output y : class[3]  root tree(x)")
assert isinstance(spec, exnet.Spec)
print(sorted({"torch", "torch_geometric", "networkx", "sklearn"} & set(sys.modules)))
"""


def test_parse_needs_no_torch() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_parse_raises_everything_that_is_wrong() -> None:
    with pytest.raises(ExnetError) as caught:
        exnet.parse("exnet t  input x[4] : real[2]  output y : class[1]  mode odd  root tree(x)", name="mine")
    assert [d.name for d in caught.value.diagnostics] == ["wrong-size", "unknown-kind"]
    assert caught.value.span is not None
    assert caught.value.span.source.name == "mine"


def test_line_ends_and_byte_order_marks() -> None:
    text = "exnet t\ninput x[4] : real[2]\noutput y : class[3]\nroot tree(x)\n"
    assert exnet.parse("\ufeff" + text.replace("\n", "\r\n")) == exnet.parse(text)


def test_public_names() -> None:
    assert exnet.Spec is Spec
    assert exnet.ExnetError is ExnetError
    assert all(hasattr(exnet, name) for name in exnet.__all__)
    with pytest.raises(AttributeError, match="bulid"):
        exnet.bulid  # noqa: B018


@pytest.mark.parametrize("call", [lambda: exnet.build("x.exn"), lambda: exnet.load("folder")])
def test_without_torch_there_is_an_error_with_a_way_out(
    call: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exnet, "find_spec", lambda name: None)
    with pytest.raises(ExnetError) as caught:
        call()
    assert (caught.value.name, caught.value.hint) == ("missing-torch", "pip install 'exnet[torch]'")
