"""What exnet uses of PyG, imported in one place.

PyG reads the annotations of its hooks and does not know `X | None`: hooks write `Maybe..`.

Importing PyG runs deprecated parts of torch (`torch.jit.script`); programs that turn warnings into errors could not
import exnet otherwise.
"""

import warnings
from typing import Optional, TypeAlias

from torch import Tensor

from exnet.nets.dropout import Masks

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from torch_geometric.data import Batch, Data
    from torch_geometric.nn import MessagePassing
    from torch_geometric.utils import is_sparse, scatter

MaybeTensor: TypeAlias = Optional[Tensor]  # noqa: UP045
MaybeMasks: TypeAlias = Optional[Masks]  # noqa: UP045

__all__ = ["Batch", "Data", "MaybeMasks", "MaybeTensor", "MessagePassing", "is_sparse", "scatter"]
