"""Rows as views or gathers, blocks in the order that is wanted, stacks cut for groups."""

import numpy as np
import pytest
import torch

from exnet.passing.rows import Arrangement, read, rows_of, write
from exnet.passing.traced import BlockRows

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("numbers", "view"),
    [
        ([3], True),
        ([0, 1, 2], True),
        ([2, 4, 6, 8], True),
        ([1, 4], True),
        ([4, 1], False),
        ([2, 2], False),
        ([0, 1, 3], False),
        ([0, 2, 3, 6], False),
        ([], True),
    ],
)
def test_reading_and_writing(numbers: list[int], view: bool) -> None:
    buffer = torch.arange(30.0).view(10, 3)
    rows = rows_of(np.array(numbers, np.int32), CPU)
    assert isinstance(rows, slice) == view
    assert torch.equal(read(buffer, rows), buffer[torch.tensor(numbers, dtype=torch.int64)])
    if len(set(numbers)) == len(numbers):
        write(buffer, rows, torch.full((len(numbers), 3), -1.0))
        assert (buffer == -1).sum() == 3 * len(numbers)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ([[0, 1], [2, 3]], [[0, 1], [2, 3]]),
        ([[0, 1], [2, 3]], [[0, 1, 2, 3]]),
        ([[2, 0], [3], [1]], [[0, 1], [3, 2]]),
        ([[], [1, 0]], [[0], [1]]),
    ],
)
def test_arrangements(given: list[list[int]], wanted: list[list[int]]) -> None:
    arrays = [np.array(rows, np.int32) for rows in given]
    arrangement = Arrangement(arrays, [np.array(rows, np.int32) for rows in wanted], CPU)
    blocks = [torch.tensor(rows, dtype=torch.float64).view(-1, 1) for rows in given]
    assert [part.flatten().tolist() for part in arrangement.parts(blocks)] == wanted


@pytest.mark.parametrize("numbers", [[0, 1], [1, 5, 5], [7, 2, 0], [3, 4, 5], [5, 4, 3], [6]])
def test_operands_from_several_blocks(numbers: list[int]) -> None:
    starts = np.array([0, 3, 4, 6])
    whole = torch.arange(16.0).view(8, 1, 2)
    blocks = list(whole.split([3, 1, 2, 2]))
    operand = BlockRows(np.array(numbers, np.int32), starts, CPU)
    assert torch.equal(operand.read(blocks), whole[torch.tensor(numbers)])
