"""What exnet uses of PyG, imported in one place.

Importing PyG runs deprecated parts of torch (`torch.jit.script`); programs that turn warnings into errors could not
import exnet otherwise.
"""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from torch_geometric.data import Batch, Data
    from torch_geometric.nn import MessagePassing
    from torch_geometric.utils import is_sparse, scatter

__all__ = ["Batch", "Data", "MessagePassing", "is_sparse", "scatter"]
