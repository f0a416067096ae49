"""The plain nets that stand beside an extraction network: an MLP on the flattened inputs, or a GRU for tokens.

Both are made as wide as gives them the number of parameters that a prediction of the extraction network uses. They are
trained end to end by torch's autograd, with the optimiser, schedule, batches and epochs of the spec.
"""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from exnet.spec.model import Input, Spec


class Mlp(nn.Module):
    """Two hidden layers of equal width, GELU, torch's initial values; integers enter as one-hot vectors.

    Shapes:
        inputs [B, leaves, width] or integers [B, leaves]; returns [B, out].
    """

    def __init__(self, spec: Spec, width: int) -> None:
        super().__init__()
        self._inputs = spec.inputs
        ends = sum(source.leaves * size_of(source) for source in spec.inputs), sum(o.type.width for o in spec.outputs)
        self.layers = nn.Sequential(
            nn.Linear(ends[0], width), nn.GELU(), nn.Linear(width, width), nn.GELU(), nn.Linear(width, ends[1])
        )

    def forward(self, x: Mapping[str, Tensor]) -> Tensor:
        flat = [self._numbers(source, x[source.name]).flatten(1) for source in self._inputs]
        return self.layers(torch.cat(flat, 1))

    def _numbers(self, source: Input, values: Tensor) -> Tensor:
        if source.type.kind != "index":
            return values
        return one_hot(values.reshape(len(values), -1), source.type.sizes[0]).to(self.layers[0].weight.dtype)


class Gru(nn.Module):
    """A GRU over the tokens of one input, and a linear read-out of its last state.

    It is told the length: the bias of its update gate starts at log(length), so that it keeps its state from the start.
    The embedding of the first token is the first state, as it is in a chain.

    Shapes:
        integers [B, T]; returns [B, out].
    """

    def __init__(self, spec: Spec, width: int) -> None:
        super().__init__()
        (source,), (output,) = spec.inputs, spec.outputs
        self._name = source.name
        self.embed = nn.Embedding(source.type.sizes[0], width)
        self.gru = nn.GRU(width, width, batch_first=True)
        self.read = nn.Linear(width, output.type.width)
        with torch.no_grad():
            self.gru.bias_ih_l0[width : 2 * width] = math.log(source.leaves)
            self.gru.bias_hh_l0[width : 2 * width] = 0.0

    def forward(self, x: Mapping[str, Tensor]) -> Tensor:
        tokens = x[self._name]
        vectors = self.embed(tokens.reshape(len(tokens), -1))
        states, _ = self.gru(vectors[:, 1:], vectors[None, :, 0].contiguous())
        return self.read(states[:, -1])


PLAIN: Mapping[str, Callable[[Spec, int], nn.Module]] = {"mlp": Mlp, "gru": Gru}
"""The kinds, by the word in zoo.toml."""


def plain_net(kind: str, spec: Spec, parameters: int, seed: int) -> nn.Module:
    """The net of a kind whose number of parameters is nearest to the wanted one."""
    low, high = 1, 2
    while size(kind, spec, high) < parameters:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if size(kind, spec, middle) < parameters else (low, middle)
    width = min((low, high), key=lambda w: abs(size(kind, spec, w) - parameters))
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        return PLAIN[kind](spec, width)


def size(kind: str, spec: Spec, width: int) -> int:
    """How many parameters a width gives; nothing is allocated."""
    with torch.device("meta"):
        return count(PLAIN[kind](spec, width))


def count(net: nn.Module) -> int:
    """The parameters of a net."""
    return sum(parameter.numel() for parameter in net.parameters())


def size_of(source: Input) -> int:
    """Numbers of a leaf as the MLP sees them."""
    return source.type.sizes[0] if source.type.kind == "index" else source.type.width
