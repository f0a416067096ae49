"""The fused route, a plain `edge_index` and a PyG `Batch` compute the same; all go through `propagate`."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from passing_nets import EVERYTHING, inputs, net, passes, rows

from exnet.passing.net import ExtractionNet
from exnet.passing.pyg import Batch, MessagePassing
from exnet.source import ExnetError


def close(a: torch.Tensor, b: torch.Tensor) -> None:
    torch.testing.assert_close(a, b, rtol=0, atol=1e-12)


def batch_of(made: ExtractionNet, x: dict[str, torch.Tensor]) -> Batch:
    size = len(next(iter(x.values())))
    return Batch.from_data_list([made.data(rows(x, slice(b, b + 1))) for b in range(size)])


@pytest.mark.parametrize(("name", "mode"), EVERYTHING)
def test_routes_agree(name: str, mode: str) -> None:
    made = net(name, mode)
    x = inputs(made, 3)
    primary, complementary, draws = passes(made, x)
    shuffled = made.edge_index[:, torch.randperm(made.edge_index.shape[1], generator=torch.Generator().manual_seed(0))]
    with torch.no_grad():
        close(made.up(x, shuffled), primary)
        close(made.down(primary, draws, shuffled), complementary)
        union = batch_of(made, x)
        close(made.up(union), primary)
        close(made.down(primary, draws, union), complementary)
        close(made.predict(union), made.predict(x))


@pytest.mark.parametrize("name", ["attention", "mixed", "chain"])
def test_routes_have_the_same_gradients(name: str) -> None:
    made = net(name)
    x = inputs(made, 3)
    fused = torch.autograd.grad(made.up(x)[-1].square().sum(), list(made.parameters()), allow_unused=True)
    plain = torch.autograd.grad(
        made.up(x, made.edge_index)[-1].square().sum(), list(made.parameters()), allow_unused=True
    )
    for a, b in zip(fused, plain, strict=True):
        assert (a is None) == (b is None)
        if a is not None and b is not None:
            close(a, b)


def test_dropout_is_the_same_on_all_routes() -> None:
    made = net("mixed")
    x = inputs(made, 3)
    without, _, _ = passes(made.eval(), x)
    for stack in made.plan.stacks:
        object.__setattr__(stack.network, "dropout", 0.3) if hasattr(stack.network, "dropout") else None
    dropping = ExtractionNet(made.spec, made.plan, dtype=torch.float64)
    primary, complementary, draws = passes(dropping, x)
    assert not torch.isclose(primary[-1], without[-1]).all()
    with torch.no_grad():
        close(dropping.up(x, made.edge_index), primary)
        close(dropping.down(primary, draws, made.edge_index), complementary)
        union = batch_of(made, x)
        close(dropping.up(union), primary)
        close(dropping.down(primary, draws, union), complementary)
        close(dropping.local(primary, complementary, draws)[-1], dropping.predict(x))
        close(dropping.eval().up(x), without)
    for stack in made.plan.stacks:
        object.__setattr__(stack.network, "dropout", 0.0) if hasattr(stack.network, "dropout") else None


@contextmanager
def counted(*modules: MessagePassing) -> Iterator[list[tuple[str, str]]]:
    """Class and layout of the edges of every `propagate`."""
    calls = list[tuple[str, str]]()

    def note(module: MessagePassing, given: tuple[torch.Tensor, ...]) -> None:
        calls.append((type(module).__name__, str(given[0].layout)))

    hooks = [module.register_propagate_forward_pre_hook(note) for module in modules]
    yield calls
    for hook in hooks:
        hook.remove()


def test_everything_goes_through_propagate() -> None:
    made = net("attention")
    x = inputs(made, 3)
    up, down = ("UpPass", "torch.sparse_csr"), ("DownPass", "torch.sparse_csr")
    with counted(made.up_pass, made.down_pass) as calls:
        made(x)
        assert calls == [up]
        made.local_predictions(x)
        assert calls == [up, up, down]
        with torch.no_grad():
            made(x)
        assert calls == [up, up, down, up]


def test_plain_route_propagates_by_level() -> None:
    made = net("tree")
    x = inputs(made, 3)
    with counted(made.up_pass, made.down_pass) as calls:
        primary = made.up(x, made.edge_index)
        assert calls == [("UpPass", "torch.strided")] * made.plan.levels
        made.down(primary, None, made.edge_index)
        assert calls[made.plan.levels :] == [("DownPass", "torch.strided")] * (made.plan.levels - 1)


def test_passes_are_modules_of_pyg_with_importable_classes() -> None:
    made = net("tree")
    for module in (made.up_pass, made.down_pass):
        kind = type(module)
        assert isinstance(module, MessagePassing)
        assert module.fuse
        assert getattr(__import__(kind.__module__, fromlist=["x"]), kind.__name__) is kind


@pytest.mark.parametrize("spoil", [lambda e: e[:, 1:], lambda e: e.flip(0), lambda e: e.int(), lambda e: e[0]])
def test_other_graphs_are_refused(spoil: object) -> None:
    made = net("tree")
    assert callable(spoil)
    with pytest.raises(ExnetError) as caught:
        made.up(inputs(made, 2), spoil(made.edge_index))
    assert caught.value.code == "EXN613"
