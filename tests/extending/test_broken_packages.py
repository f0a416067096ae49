"""Packages that are wrong in one way each: the spec, the run or the list says in which."""

from collections.abc import Callable

import pytest
import torch
from packages import Run, Site

import exnet
from exnet.data import load as load_data
from exnet.learn.heads import Heads
from exnet.source import Diagnostic, ExnetError

TEXT = """exnet t
input  x[2] : real[1]
output y    : class[2]
net    n = odd
vertex r = (x[0], x[1])  with (primary: n)
root   r
"""
DECLARED = """
from typing import ClassVar, Literal
from exnet.spec.network import Initial, Network, Parameter
class Odd(Network):
    kind: ClassVar[str] = "odd"
    {options}
    def parameters(self, signature):
        return {parameters}
    def flops(self, signature):
        return {flops}
"""
PARAMETERS = '(Parameter("w", (sum(signature.operands), signature.out), Initial("normal", 0.1)),)'
COMPUTED = """
import torch
from exnet.nets.installed import per_row
def apply(network, weights, operands, mask=None):
    return {result}
"""
RIGHT = 'torch.cat(tuple(operands), -1) @ weights["w"]'


@pytest.fixture
def odd(site: Site) -> Callable[..., None]:
    """`odd(..)` installs a package with the network `odd`, wrong as the arguments say."""

    def install(
        options: str = "pass",
        parameters: str = PARAMETERS,
        flops: str = "0",
        result: str = RIGHT,
        computed: bool = True,
    ) -> None:
        points = {"exnet.networks": {"odd": "odd_package.declared:Odd"}}
        if computed:
            points["exnet.nets"] = {"odd": "odd_package.computed:apply"}
        declared = DECLARED.format(options=options, parameters=parameters, flops=flops)
        modules = {"odd_package/declared.py": declared, "odd_package/computed.py": COMPUTED.format(result=result)}
        site("odd-package", points, modules)

    return install


def said(text: str = TEXT) -> Diagnostic:
    with pytest.raises(ExnetError) as caught:
        exnet.build(text)
    return caught.value.diagnostics[0]


def test_the_package_is_right_if_nothing_is_wrong(odd: Callable[..., None]) -> None:
    odd()
    assert exnet.build(TEXT)(torch.zeros(3, 2, 1)).shape == (3, 2)


@pytest.mark.parametrize(
    ("options", "note"),
    [
        ("per: int = 1", "its option `per` cannot be written in a spec: it is a reserved word, or no name"),
        ("share: bool = True", "its option `share` cannot be written in a spec: it is a reserved word, or no name"),
        ("table: dict = {}", "its option `table` has the type <class 'dict'>"),
        ("x: int | str = 1", "its option `x` has the type int | str"),
        ("1 / 0", "`odd_package.declared:Odd` cannot be loaded: ZeroDivisionError"),
    ],
)
def test_declarations_that_cannot_be_used(odd: Callable[..., None], options: str, note: str) -> None:
    odd(options)
    found = said()
    assert (found.code, found.name) == ("EXN473", "broken-plugin")
    assert found.message == "the network `odd` of `odd-package 1.0.0` cannot be used"
    assert found.notes[0].startswith(note)
    assert found.span is not None
    assert (found.span.text, found.span.first) == ("odd", (4, 12))


def test_options_of_every_readable_type(odd: Callable[..., None]) -> None:
    first = 'a: int = 1; b: float = 1; c: bool = True; d: str = ""; e: Literal["x", "y"] = "x"'
    odd(first + "; f: tuple[int, ...] | None = None")
    written = 'odd(a: 2, b: 0.5, c: false, d: "z", e: y, f: [1, 2])'
    network = exnet.parse(TEXT.replace("= odd", f"= {written}")).networks["n"]
    assert network.model_dump() == {"a": 2, "b": 0.5, "c": False, "d": "z", "e": "y", "f": (1, 2)}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"parameters": "None"}, "`parameters` must give a tuple of `Parameter`, and gives NoneType"),
        ({"parameters": "1 / 0"}, "the declaration of `odd` fails: ZeroDivisionError: division by zero"),
        ({"parameters": PARAMETERS + " * 2"}, "two of its parameters have one name: w, w"),
        ({"parameters": PARAMETERS.replace('"normal"', '"gauss"')}, "its parameter `w` must start in one of the ways"),
        ({"parameters": PARAMETERS.replace("signature.out", "0")}, "the shape of its parameter `w` must be positive"),
        ({"flops": "-1"}, "`flops` must give an integer that is at least 0, and gives -1"),
        ({"flops": "'many'"}, "`flops` must give an integer that is at least 0, and gives 'many'"),
    ],
)
def test_declarations_that_give_nonsense(odd: Callable[..., None], wrong: dict[str, str], message: str) -> None:
    odd(**wrong)
    found = said()
    assert message in found.message
    assert found.span is not None
    assert found.span.first.line == 5


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ("None", "the network `odd` gives NoneType for operands [3, 32]"),
        ("operands[0].sum(-1)", "the network `odd` gives [3] for operands [3, 32]"),
        ("operands[0][..., :5]", "the network `odd` gives [3, 5] for operands [3, 32], [3, 32]"),
        ("weights['v']", "the network `odd` fails on operands [3, 32], [3, 32]: KeyError: 'v'"),
        ("torch.cat(tuple(operands), 1) @ weights['w']", "the network `odd` fails on operands [2, 3, 32], [2, 3, 32]"),
    ],
)
def test_implementations_are_tried_out_before_they_run(odd: Callable[..., None], result: str, message: str) -> None:
    odd(result=result)
    found = said()
    assert found.code == "EXN475"
    assert message in found.message
    assert found.help


def test_a_declaration_without_implementation(odd: Callable[..., None], command: Run) -> None:
    odd(computed=False)
    assert exnet.parse(TEXT).networks["n"].kind == "odd"
    assert said().code == "EXN474"
    listed = command("plugins").stdout
    assert "odd   network  odd-package 1.0.0  broken\n  no package computes it" in listed


def test_no_plain_version(odd: Callable[..., None], command: Run, tmp_path: object) -> None:
    odd()
    from pathlib import Path

    Path(str(tmp_path), "t.exn").write_text(TEXT)
    done = command("compile", "t.exn", "--verify")
    assert done.returncode == 1
    assert "error[EXN476] no-reference: the reference interpreter does not know the network `odd`" in done.stderr
    assert "an entry point `odd` in the group `exnet.reference`" in done.stderr


def test_names_of_exnet_are_not_taken_away(site: Site, command: Run) -> None:
    site("taker", {"exnet.networks": {"mlp": "math:pi"}, "exnet.losses": {"squared": "math:pi"}}, {})
    assert exnet.parse(TEXT.replace("odd", "mlp")).networks["n"].kind == "mlp"
    listed = command("plugins").stdout
    assert "ignored: exnet's own `mlp` has this name" in listed
    assert "ignored: exnet's own `squared` has this name" in listed


def test_two_packages_with_one_name(odd: Callable[..., None], site: Site) -> None:
    odd()
    site("other", {"exnet.networks": {"odd": "math:pi"}}, {})
    assert said().notes == ("2 entry points have this name; uninstall all packages but one of them",)


def test_the_kind_is_the_name_of_the_entry_point(site: Site) -> None:
    module = DECLARED.format(options="pass", parameters=PARAMETERS, flops="0").replace('"odd"', '"even"')
    site("odd-package", {"exnet.networks": {"odd": "odd_package:Odd"}}, {"odd_package/__init__.py": module})
    assert said().notes == ("`odd_package:Odd` has kind 'even', and its entry point is called 'odd': they must agree",)


def test_abstract_declarations(site: Site) -> None:
    module = 'from exnet.spec.network import Network\nclass Odd(Network):\n    kind = "odd"\n'
    site("odd-package", {"exnet.networks": {"odd": "odd_package:Odd"}}, {"odd_package/__init__.py": module})
    assert said().notes == ("`odd_package:Odd` does not define `flops`, `parameters`",)


def test_an_implementation_that_nothing_declares(site: Site, command: Run) -> None:
    site("alone", {"exnet.criteria": {"hinge": "math:sin"}}, {})
    listed = command("plugins").stdout
    assert "nothing declares it: an entry point `hinge` in the group `exnet.losses` is missing" in listed


def test_nothing_is_installed(command: Run) -> None:
    assert command("plugins").stdout == "no installed package adds anything to exnet\n"
    assert command("plugins", "--json").stdout == "[]\n"


LOSS = """
from typing import ClassVar
from exnet.spec.loss import Loss
class Odd(Loss):
    kind: ClassVar[str] = "odd"
    suits = ("class",)
def compute(loss, predicted, target):
    return {result}
"""


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ("predicted", "the loss `odd` gives [4, 2] for predictions [4, 2]"),
        ("3.0", "the loss `odd` gives float for predictions [4, 2]"),
        ("predicted[9]", "the loss `odd` fails: IndexError"),
    ],
)
def test_losses_that_give_nonsense(site: Site, result: str, message: str) -> None:
    points = {"exnet.losses": {"odd": "odd_loss:Odd"}, "exnet.criteria": {"odd": "odd_loss:compute"}}
    site("odd-loss", points, {"odd_loss/__init__.py": LOSS.format(result=result)})
    text = TEXT.replace("odd", "mlp") + "learn xprop(losses: outputs(y: odd))\n"
    heads = Heads(exnet.parse(text).outputs)
    with pytest.raises(ExnetError) as caught:
        heads.loss(torch.zeros(4, 2), {"y": torch.zeros(4, dtype=torch.long)})
    assert caught.value.code == "EXN475"
    assert message in caught.value.diagnostics[0].message


TOKENS = """
import torch
from typing import ClassVar
from exnet.spec.tokeniser import TokeniserPart
class Odd(TokeniserPart):
    kind: ClassVar[str] = "odd"
class Made(torch.nn.Module):
    def __init__(self):
        super().__init__()
        {start}
    def forward(self, x):
        return {result}
def make(part, source, primary, seed):
    return {made}
"""


@pytest.mark.parametrize(
    ("start", "result", "made", "message"),
    [
        (
            "self.w = torch.nn.Parameter(torch.zeros(1))",
            "x",
            "Made()",
            "has parameters, and nothing would ever train them",
        ),
        ("pass", "x", "1", "is made as int, and must be a module of torch"),
        ("pass", "x", "1 / 0", "cannot be made: ZeroDivisionError"),
        ("pass", "x", "Made()", "gives [3, 2, 1] for [3, 2, 1]"),
        ("pass", "x[7]", "Made()", "fails on [3, 2, 1]: IndexError"),
    ],
)
def test_tokenisers_that_give_nonsense(site: Site, start: str, result: str, made: str, message: str) -> None:
    points = {"exnet.tokenisers": {"odd": "odd_tokens:Odd"}, "exnet.tokens": {"odd": "odd_tokens:make"}}
    site("odd-tokens", points, {"odd_tokens/__init__.py": TOKENS.format(start=start, result=result, made=made)})
    with pytest.raises(ExnetError) as caught:
        exnet.build(TEXT.replace("odd", "mlp") + "tokenise x with odd + position\n")(torch.zeros(3, 2, 1))
    assert caught.value.code == "EXN475"
    assert message in caught.value.diagnostics[0].message


DATA = """
from typing import ClassVar
from exnet.data import Data
class Odd(Data):
    kind: ClassVar[str] = "odd"
    def load(self):
        return {result}
"""


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ("1 / 0", "the data set `odd` cannot be loaded: ZeroDivisionError: division by zero"),
        ("[1]", "the data set `odd` is loaded as list, and must be an `exnet.data.Dataset`"),
    ],
)
def test_data_that_cannot_be_loaded(site: Site, result: str, message: str) -> None:
    site("odd-data", {"exnet.data": {"odd": "odd_data:Odd"}}, {"odd_data/__init__.py": DATA.format(result=result)})
    with pytest.raises(ExnetError) as caught:
        load_data("odd")
    assert (caught.value.code, caught.value.diagnostics[0].message) == ("EXN475", message)


def test_data_whose_package_is_broken(site: Site) -> None:
    site("odd-data", {"exnet.data": {"odd": "no_such_module:Odd"}}, {})
    with pytest.raises(ExnetError) as caught:
        load_data("odd:3")
    assert caught.value.code == "EXN473"
    with pytest.raises(ExnetError, match="did you mean `digits`"):
        load_data("digit")
