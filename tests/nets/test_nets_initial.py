"""Initial values are a function of (seed, parameter name, class), and have the distribution that was declared."""

import numpy as np
import pytest

from exnet.nets import initial
from exnet.nets.initial import initial_values
from exnet.spec.network import Initial, Parameter

CLASSES = np.arange(50, dtype=np.uint64) * np.uint64(7919)


def parameter(kind: str, scale: float = 0.5, shape: tuple[int, ...] = (8, 4), name: str = "w0") -> Parameter:
    return Parameter(name, shape, Initial(kind, scale))


@pytest.mark.parametrize("kind", ["uniform", "normal", "orthogonal", "constant"])
def test_a_class_has_the_same_values_wherever_it_stands(kind: str) -> None:
    whole = initial_values(parameter(kind), CLASSES, 3)
    order = np.random.default_rng(0).permutation(len(CLASSES))
    assert np.array_equal(initial_values(parameter(kind), CLASSES[order], 3), whole[order])
    assert np.array_equal(initial_values(parameter(kind), CLASSES[7:8], 3), whole[7:8])


def test_chunks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = initial_values(parameter("uniform"), CLASSES, 3)
    monkeypatch.setattr(initial, "CHUNK", 70)
    assert np.array_equal(initial_values(parameter("uniform"), CLASSES, 3), whole)


def test_seed_name_and_class_matter() -> None:
    base = initial_values(parameter("uniform"), CLASSES, 3)
    assert not np.isclose(base, initial_values(parameter("uniform"), CLASSES, 4)).any()
    assert not np.isclose(base, initial_values(parameter("uniform", name="w1"), CLASSES, 3)).any()
    assert len(np.unique(base)) == base.size


def test_uniform_fills_its_interval() -> None:
    values = initial_values(parameter("uniform"), CLASSES, 3)
    assert -0.5 <= values.min() < -0.49
    assert 0.49 < values.max() < 0.5
    assert abs(values.mean()) < 0.03


def test_normal_has_its_deviation() -> None:
    values = initial_values(parameter("normal"), CLASSES, 3)
    assert values.std() == pytest.approx(0.5, rel=0.05)
    assert abs(values.mean()) < 0.03


def test_constant() -> None:
    assert (initial_values(parameter("constant", -2.0, (3,)), CLASSES, 3) == -2.0).all()


@pytest.mark.parametrize("shape", [(8, 4), (4, 8), (5, 5)])
def test_orthogonal_rows_or_columns(shape: tuple[int, int]) -> None:
    values = initial_values(parameter("orthogonal", 0.5, shape), CLASSES, 3)
    small = values @ values.swapaxes(1, 2) if shape[0] <= shape[1] else values.swapaxes(1, 2) @ values
    np.testing.assert_allclose(small, np.broadcast_to(0.25 * np.eye(min(shape)), small.shape), atol=1e-12)


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="`cauchy`"):
        initial_values(parameter("cauchy"), CLASSES, 3)
