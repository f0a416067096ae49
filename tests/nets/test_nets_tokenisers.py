"""Tokenisers: fixed, by leaf, the sum of their parts."""

import pytest
import torch

from exnet.nets.tokenisers import Tokeniser
from exnet.source import Source, Span
from exnet.spec.learned import LeafGrid
from exnet.spec.model import Input, InputType
from exnet.spec.tokeniser import Embedding, Identity, Linear, Orthogonal, Position, TokeniserPart

SPAN = Span(Source("t.exn", "x"), 0, 1)


def tokeniser(
    *parts: TokeniserPart,
    name: str = "x",
    leaves: int = 3,
    width: int = 4,
    p: int = 6,
    seed: int = 0,
    vocabulary: int = 0,
) -> Tokeniser:
    kind = InputType(kind="index", sizes=(vocabulary,)) if vocabulary else InputType(kind="real", sizes=(width,))
    source = Input(name, (leaves,), kind, parts, (LeafGrid(name, (leaves,)),), None, SPAN)
    return Tokeniser(source, p, seed, torch.float64)


def values(batch: int = 2, leaves: int = 3, width: int = 4) -> torch.Tensor:
    return torch.randn(batch, leaves, width, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("width", "p"), [(4, 6), (6, 4), (5, 5)])
def test_orthogonal(width: int, p: int) -> None:
    weight = tokeniser(Orthogonal(scale=2.0), width=width, p=p).weight
    assert weight is not None
    small = weight @ weight.T if width <= p else weight.T @ weight
    torch.testing.assert_close(small, 4.0 * torch.eye(min(width, p), dtype=torch.float64))


def test_orthogonal_keeps_lengths_where_there_is_room() -> None:
    x = values()
    torch.testing.assert_close(tokeniser(Orthogonal())(x).norm(dim=-1), x.norm(dim=-1).T)


def test_linear_has_unit_gain() -> None:
    x = torch.ones(1, 3, 400, dtype=torch.float64)
    assert float(tokeniser(Linear(), width=400, p=300)(x).var()) == pytest.approx(1.0, rel=0.3)


def test_identity_pads_with_zeros() -> None:
    made = tokeniser(Identity())(values())
    assert made.shape == (3, 2, 6)
    assert torch.equal(made[..., :4], values().transpose(0, 1))
    assert (made[..., 4:] == 0).all()


def test_embedding_reads_a_table() -> None:
    whole = tokeniser(Embedding(), vocabulary=9)
    x = torch.tensor([[1, 8, 1], [0, 0, 4]])
    made = whole(x)
    assert made.shape == (3, 2, 6)
    assert torch.equal(made[0, 0], made[2, 0])
    assert torch.equal(made[0, 1], made[1, 1])
    assert not torch.isclose(made[0, 0], made[1, 0]).any()


def test_position_belongs_to_the_leaf() -> None:
    made = tokeniser(Position(scale=0.5))(values())
    assert torch.equal(made[:, 0], made[:, 1])
    assert not torch.isclose(made[0], made[1]).any()


def test_parts_add_up() -> None:
    x = values()
    both = tokeniser(Linear(), Identity(), Position())(x)
    torch.testing.assert_close(both, sum(tokeniser(part)(x) for part in (Linear(), Identity(), Position())))


def test_numbers_depend_on_seed_and_name_alone() -> None:
    x = values()
    assert torch.equal(tokeniser(Orthogonal())(x), tokeniser(Orthogonal())(x))
    assert not torch.isclose(tokeniser(Orthogonal())(x), tokeniser(Orthogonal(), seed=1)(x)).any()
    assert not torch.isclose(tokeniser(Orthogonal())(x), tokeniser(Orthogonal(), name="z")(x)).any()


def test_nothing_is_trained() -> None:
    made = tokeniser(Linear(), Position())
    assert list(made.parameters()) == []
    assert set(made.state_dict()) == {"weight", "position"}
