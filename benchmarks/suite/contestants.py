"""Who runs at a workload: exnet and its peers with the same parameters, and the check that all compute the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from suite.cells import Cells, cells_of, error, gradients_of
from suite.fair_backprop import Attention, FairBackprop, SharedChain, SharedTree, UnsharedChain, UnsharedTree
from suite.gathers import Gathers
from suite.measuring import Action
from suite.naive import Compiled, PerVertex
from suite.pyg_levels import Bipartite, Whole
from suite.vmapped import Vmapped
from suite.workloads import Ours, Workload

TOLERANCE = {torch.float32: 1e-4, torch.float64: 1e-10}
"""Largest relative difference of a gradient that is taken for rounding."""


class XpropModule(Protocol):
    """What a peer that does Xprop is made of: an `nn.Module` with a step and its gradients by class."""

    __call__: Any

    def step(self, x: Tensor, y: Tensor) -> None:
        """Fills the gradients. Shapes: x [B, leaves, d], y [B]."""
        ...

    def gradients(self) -> Cells:
        """Of the last step."""
        ...


@dataclass(frozen=True, eq=False)
class Peer:
    """Somebody beside exnet.

    Attributes:
        name: `modules`, `PyG`, ..; with `backprop` in front if it does not do Xprop.
        step: fills its gradients.
        gradients: of the last step.
        forward: the prediction alone, if it is to be timed.
    """

    name: str
    step: Action
    gradients: Callable[[], Cells]
    forward: Action | None = None

    @property
    def is_backprop(self) -> bool:
        """Whether its gradients are those of the root's loss."""
        return self.name.startswith("backprop")


class Field:
    """exnet and the peers of a workload.

    Args:
        workload: what they work on.
        wanted: names of peers.
        dtype: of everything.
    """

    def __init__(self, workload: Workload, wanted: tuple[str, ...], dtype: torch.dtype = torch.float32) -> None:
        self.workload, self.dtype = workload, dtype
        self.ours = Ours(workload, dtype)
        self._cells = cells_of(self.ours.net)
        self.naive = self._naive() if any(name.endswith("modules") for name in wanted) else None
        self.peers = {name: self._make(name) for name in wanted}

    def _naive(self) -> PerVertex:
        return PerVertex(self.workload.graph(), self._cells, self.workload.activation)

    def _make(self, name: str) -> Peer:
        x, y, cells, activation = self.ours.x, self.ours.y, self._cells, self.workload.activation
        depth, batch = self.ours.net.plan.levels, self.workload.batch
        if "modules" in name and "compiled" not in name:
            own = self.naive
            assert own is not None
            if name.startswith("backprop"):
                return Peer(name, lambda: own.backprop(x, y), own.gradients)
            return _peer(name, own, x, y)
        if name == "backprop":
            fair = fair_backprop(self.workload, cells)
            return Peer(name, lambda: fair.step(x, y), fair.gradients)
        if name == "gathers":
            gathers = Gathers(self.workload.graph(), cells, activation)
            return Peer(name, lambda: gathers.step(x, y), gathers.gradients, lambda: gathers.up(x))
        backend = "inductor" if self.dtype == torch.float32 else "aot_eager"
        made: Mapping[str, Callable[[], XpropModule]] = {
            "compiled modules": lambda: Compiled(self.workload.graph(), cells, activation, backend),
            "PyG": lambda: Whole(depth, cells, activation, batch),
            "PyG bipartite": lambda: Bipartite(depth, cells, activation, batch),
            "vmap": lambda: Vmapped(depth, cells, activation),
        }
        return _peer(name, made[name](), x, y)

    def check(self) -> dict[str, float]:
        """For each peer the largest relative difference of a gradient from exnet's."""
        self.ours.step()
        xprop = gradients_of(self.ours.net)
        self.ours.backprop()
        backprop = gradients_of(self.ours.net, by_sites=False)
        found = dict[str, float]()
        for name, peer in self.peers.items():
            peer.step()
            theirs = peer.gradients()
            wanted = {k: v for k, v in backprop.items() if k in theirs} if peer.is_backprop else xprop
            found[name] = error(wanted, theirs)
        return found

    def actions(self) -> dict[str, Action]:
        """Everything that can be timed, by name: `exnet`, `exnet forward`, .. and the peers."""
        ours = self.ours
        made: dict[str, Action] = {"exnet": ours.step, "exnet forward": ours.forward, "exnet backprop": ours.backprop}
        for name, peer in self.peers.items():
            made[name] = peer.step
            if peer.forward is not None:
                made[f"{name} forward"] = peer.forward
        return made


def _peer(name: str, module: XpropModule, x: Tensor, y: Tensor) -> Peer:
    return Peer(name, lambda: module.step(x, y), module.gradients, lambda: _forward(module, x))


@torch.no_grad()
def _forward(module: XpropModule, x: Tensor) -> Tensor:
    return module(x)


def fair_backprop(workload: Workload, cells: Cells) -> FairBackprop:
    """The fast form of backprop for a workload."""
    sizes, activation = workload.sizes, workload.activation
    match workload.spec:
        case "w1":
            return SharedTree(sizes["depth"], cells, activation)
        case "w2":
            return UnsharedTree(sizes["depth"], cells, activation)
        case "w3":
            return SharedChain(cells, activation)
        case "w4":
            return UnsharedChain(sizes["length"], cells, activation)
        case "w5":
            return Attention(sizes["n"], cells, activation)
        case other:
            raise KeyError(other)
