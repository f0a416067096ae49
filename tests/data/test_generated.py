import numpy as np
import pytest

import exnet
from exnet import data
from exnet.data import Generator
from exnet.source import ExnetError

TASKS = ("recall(length: 6)", "parity(length: 6)", "sum-mod(length: 6, modulus: 7)", "sorting(length: 6, values: 9)")


def generator(name: str) -> Generator:
    train = data.load(name).train
    assert isinstance(train, Generator)
    return train


def test_answers() -> None:
    parity = generator("parity(length: 6)").draw(0, 0, 500)
    np.testing.assert_array_equal(parity.targets["parity"], [sum(bits) % 2 for bits in parity.inputs["bits"].tolist()])
    sums = generator("sum-mod(length: 6, modulus: 7)").draw(0, 0, 500)
    np.testing.assert_array_equal(sums.targets["sum"], [sum(terms) % 7 for terms in sums.inputs["terms"].tolist()])
    assert set(sums.inputs["terms"].ravel()) == set(range(7))
    ordered = generator("sorting(length: 6, values: 9)").draw(0, 0, 500)
    wanted = np.array([sorted(row) for row in ordered.inputs["tokens"].tolist()])
    np.testing.assert_array_equal(np.stack([ordered.targets[f"at{i}"] for i in range(6)], 1), wanted)
    third = generator("sorting(length: 6, values: 9, rank: 2)").draw(0, 0, 500)
    np.testing.assert_array_equal(third.targets["ranked"], wanted[:, 2])


@pytest.mark.parametrize("name", TASKS)
def test_instances_are_functions_of_seed_step_and_number(name: str) -> None:
    train, key = generator(name), next(iter(data.load(name).test.inputs))
    first = train.draw(3, 7, 32).inputs[key]
    np.testing.assert_array_equal(train.draw(3, 7, 8).inputs[key], first[:8])
    for other in (train.draw(4, 7, 32), train.draw(3, 8, 32), train.held(32)):
        assert (other.inputs[key] != first).any()
    np.testing.assert_array_equal(train.held(8).inputs[key], train.held(32).inputs[key][:8])
    assert (train.held(32).inputs[key] != data.load(name).test.inputs[key][:32]).any()


@pytest.mark.parametrize("name", TASKS)
def test_the_lines_that_are_shown_fit(name: str) -> None:
    found = data.load(name)
    described = data.describe(found)
    leaf = described.arrays[0].name
    spec = exnet.parse(f"exnet t {' '.join(described.lines)} vertex v = ({leaf}[0], {leaf}[1]) root v")
    assert data.fit(spec, found, validation=0.1).draw(0, 0, 5).inputs[leaf].shape == (5, 6)


@pytest.mark.parametrize(
    "name",
    [
        "parity(length: 0)",
        "sum-mod(modulus: 1)",
        "sorting(values: 1)",
        "sorting(length: 4, rank: 4)",
        "sorting(rank: -2)",
        "parity(steps: 0)",
        "sorting(test: 0)",
    ],
)
def test_values_out_of_range_of_tasks(name: str) -> None:
    with pytest.raises(ExnetError) as caught:
        data.load(name)
    assert caught.value.code == "EXN601"
    assert caught.value.hint
