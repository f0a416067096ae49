"""The random specs of the invariants: 50 always, 200 in the long form. Small nets run best on one thread."""

import pytest
import torch

SHORT, LONG = range(50), range(50, 200)


@pytest.fixture(autouse=True, scope="package")
def _one_thread() -> None:
    torch.set_num_threads(1)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        seeds = [*SHORT, *(pytest.param(seed, marks=pytest.mark.full) for seed in LONG)]
        metafunc.parametrize("seed", seeds)
