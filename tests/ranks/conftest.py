from collections.abc import Iterator

import pytest
import torch
from processes import Processes

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def processes() -> Iterator[Processes]:
    """The processes of all tests here."""
    made = Processes()
    yield made
    made.close()
