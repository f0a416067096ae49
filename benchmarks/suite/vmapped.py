"""W2 with torch.func: the modules of a level as one ensemble, `vmap` over `stack_module_state`."""

from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn.functional import cross_entropy

from suite.cells import Cells, zeros_or_gradient
from suite.naive import Cell


class Ensemble:
    """Components of equal shape that run together.

    Args:
        names: of their classes.
        cells: the parameters by class.
    """

    def __init__(self, names: list[str], cells: Cells, activation: str) -> None:
        self.names = names
        modules = [Cell(cells[name], activation, "/trainer" not in name) for name in names]
        self.parameters, _ = stack_module_state(modules)  # pyright: ignore[reportArgumentType]
        base = deepcopy(modules[0]).to("meta")

        def call(parameters: dict[str, Tensor], a: Tensor, b: Tensor) -> Tensor:
            return functional_call(base, parameters, (a, b))

        self._call = vmap(call)

    def __call__(self, a: Tensor, b: Tensor) -> Tensor:
        """Shapes: a, b [modules, B, d]; returns [modules, B, out]."""
        return self._call(self.parameters, a, b)

    def gradients(self) -> Cells:
        """By class, as exnet lays parameters out."""
        found = {name: zeros_or_gradient(value) for name, value in self.parameters.items()}
        named = {
            "w0": found["first.weight"].mT,
            "b0": found["first.bias"],
            "w1": found["second.weight"].mT,
            "b1": found["second.bias"],
        }
        return {name: {p: value[i] for p, value in named.items()} for i, name in enumerate(self.names)}


class Vmapped(nn.Module):
    """W2, level by level.

    Args:
        depth: number of levels.
        cells: the parameters by class.
        activation: of all components.
    """

    def __init__(self, depth: int, cells: Cells, activation: str) -> None:
        super().__init__()
        self.depth = depth
        self.phi, self.psi, self.dag = list[Ensemble](), list[Ensemble](), list[Ensemble]()
        for level in range(1, depth + 1):
            keys = [f"l={level}, i={i}" for i in range(2 ** (depth - level))]
            arcs = [f"h/complementary[{key}, slot={slot}]" for key in keys for slot in (0, 1)]
            self.phi.append(Ensemble([f"h/primary[{key}]" for key in keys], cells, activation))
            self.psi.append(Ensemble([f"h/trainer[{key}]" for key in keys], cells, activation))
            self.dag += [Ensemble(arcs, cells, activation)] if level > 1 else []

    def step(self, x: Tensor, y: Tensor) -> None:
        """One step of Xprop. Shapes: x [B, leaves, d], y [B]."""
        for ensemble in (*self.phi, *self.psi, *self.dag):
            for value in ensemble.parameters.values():
                value.grad = None
        e = self._up(x)
        c = self._down(e)
        total = x.new_zeros(())
        for level, psi in enumerate(self.psi, 1):
            result = psi(e[level], c[level])
            target = y.expand(result.shape[:-1]).flatten()
            total = total + cross_entropy(result.flatten(0, 1), target) * len(result)
        total.backward()

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        """The prediction, [B, K]."""
        root = self._up(x)[-1]
        return self.psi[-1](root, torch.zeros_like(root))[0]

    def gradients(self) -> Cells:
        """Of the last step."""
        parts = [ensemble.gradients() for ensemble in (*self.phi, *self.psi, *self.dag)]
        return {name: values for part in parts for name, values in part.items()}

    def _up(self, x: Tensor) -> list[Tensor]:
        """For each level [vertices, B, d]."""
        e = [x.transpose(0, 1)]
        for phi in self.phi:
            below = e[-1].detach()
            e.append(phi(below[0::2], below[1::2]))
        return e

    def _down(self, e: list[Tensor]) -> list[Tensor]:
        c = [torch.zeros_like(e[-1])]
        for level in range(self.depth - 1, 0, -1):
            siblings = e[level].detach().unflatten(0, (-1, 2)).flip(1).flatten(0, 1)
            c.insert(0, self.dag[level - 1](c[0].detach().repeat_interleave(2, 0), siblings))
        return [c[0], *c]
