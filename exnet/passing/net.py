"""The module of a spec: parameters, tokenisers, passes."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from exnet.nets.dropout import Masks, Moment
from exnet.nets.stacks import Stacks, stored
from exnet.nets.tokenisers import tokeniser_of
from exnet.passing import adjacency
from exnet.passing.down import DownPass
from exnet.passing.draws import draws as draw
from exnet.passing.draws import several
from exnet.passing.inputs import checked_inputs
from exnet.passing.installed import check_installed
from exnet.passing.local import LocalPass
from exnet.passing.parts import PartedUpdate
from exnet.passing.pyg import Data
from exnet.passing.root import RootTrainer
from exnet.passing.rows import Rows, read, rows_of
from exnet.passing.rules import WRONG_DRAWS
from exnet.passing.tape import Tape
from exnet.passing.up import UpPass
from exnet.passing.update import Judge, LocalUpdate, Slopes, Told
from exnet.plan.model import Plan
from exnet.source import ExnetError
from exnet.spec.model import Spec


class ExtractionNet(nn.Module):
    """An extraction network: y^ = psi_r(e_r, 0) with e_v = phi_v(e_c1, .., e_ck) over the graph of a spec.

    Widths p (primary) and q (complementary); L leaves, V internal vertices, N = L + V nodes; B instances. Node rows are
    the leaves, then the vertices; vertex rows are ordered by level, the root is the last one.

    Args:
        spec: the meaning of a file.
        plan: made from it.
        seed: of initial parameters, tokenisers, draws and dropout.
        dtype: of parameters and extractions; torch's default if None. With bfloat16 extractions and products are
            bfloat16, parameters, tokenisers, gradients and predictions float32.

    Attributes:
        site_counts: for the name of every parameter (as in `named_parameters`) int64 [classes], call sites of each.
    """

    def __init__(self, spec: Spec, plan: Plan, *, seed: int = 0, dtype: torch.dtype | None = None) -> None:
        super().__init__()
        self.spec = spec
        self.plan = plan
        self.seed = seed
        kind = torch.get_default_dtype() if dtype is None else dtype
        self.inputs = tuple(sorted(spec.inputs, key=lambda source: source.name))
        self.outputs = tuple(sorted(spec.outputs, key=lambda output: output.name))
        check_installed(plan)
        self.stacks = Stacks(plan.stacks, seed, kind)
        self.tokenisers = nn.ModuleList(
            tokeniser_of(source, plan.primary, seed, stored(kind)) for source in self.inputs
        )
        self.up_pass = UpPass(plan)
        self.down_pass = DownPass(plan, spec.mode)
        self.root_trainer = RootTrainer(plan)
        self.site_counts = {
            f"stacks.{stack.name}.{parameter.name}": torch.from_numpy(stack.sites)
            for stack in plan.stacks
            for parameter in stack.parameters
        }
        self._local: LocalPass | None = None
        self._update: LocalUpdate | None = None
        self._leaf: Rows | None = None
        self._adjacencies: dict[tuple[str, torch.device], Tensor] = {}

    @property
    def device(self) -> torch.device:
        """Where the parameters are."""
        return next(self.stacks.parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        """The type of parameters and predictions."""
        return next(self.stacks.parameters()).dtype

    @property
    def edge_index(self) -> Tensor:
        """int64 [2, arcs], child -> parent by node row, ordered by parent and slot."""
        return adjacency.edge_index(self.plan, self.device)

    def vertex_name(self, row: int) -> str:
        """The path of the vertex in a vertex row, such as `x[1, _].attention.out[3].tree.h[2, 0]`."""
        return self.plan.vertex_name(row)

    # Prediction

    def forward(self, x: Any, *, moment: Moment | None = None) -> Tensor | dict[str, Tensor]:
        """The prediction at the root, differentiable end to end.

        Args:
            x: a tensor, a dict of tensors by input, or a PyG `Data` or `Batch` made of `data`.
            moment: step and instances, for dropout masks in training.

        Shapes:
            inputs [B, leaves, width] of numbers or [B, leaves] of integers; returns [B, out], or for several outputs a
            dict with [B, width] of each.
        """
        return self.heads(self.predict(x, moment=moment))

    def heads(self, result: Tensor) -> Tensor | dict[str, Tensor]:
        """[.., out] as it is if there is one output, else cut into a dict by output."""
        if len(self.outputs) == 1:
            return result
        parts = result.split([output.type.width for output in self.outputs], -1)
        return {output.name: part for output, part in zip(self.outputs, parts, strict=True)}

    def predict(self, x: Any, *, moment: Moment | None = None, stacks: Stacks | None = None) -> Tensor:
        """As `forward`, with the outputs side by side in the order of their names: [B, out]; `stacks` as of `up`."""
        own = stacks or self.stacks
        if isinstance(x, Data):
            root = self.up(x, moment=moment, stacks=own)[-1:]
        else:
            leaves = self.leaves(x)
            masks = self._masks(moment, leaves.shape[1])
            root = self.up_pass(leaves, self._adjacency("up"), own, masks, root_only=True)
        return self.root_trainer.prediction(root, own, self._masks(moment, root.shape[1])).to(self.dtype)

    # The passes

    def tokenise(self, x: Any) -> Tensor:
        """The primary extractions of the leaves in the order of the inputs, [L, B, p]; `plan.leaf` has their rows in E.

        Raises:
            ExnetError: EXN610 to EXN612, if x does not fit the inputs of the spec.
        """
        values = checked_inputs(self.inputs, x, self.dtype, self.device)
        made = [tokeniser(value) for tokeniser, value in zip(self.tokenisers, values, strict=True)]
        return (made[0] if len(made) == 1 else torch.cat(made)).to(self.stacks.dtype)

    def leaves(self, x: Any) -> Tensor:
        """As `tokenise`, by leaf row as in E: [L, B, p]."""
        if self._leaf is None or (isinstance(self._leaf, Tensor) and self._leaf.device != self.device):
            self._leaf = rows_of(self.plan.leaf, self.device)
        return read(self.tokenise(x), self._leaf)

    def up(
        self, x: Any, edge_index: Tensor | None = None, *, moment: Moment | None = None, stacks: Stacks | None = None
    ) -> Tensor:
        """The primary extractions of all nodes, E [L + V, B, p]; differentiable unless gradients are off.

        Args:
            x: as of `forward`.
            edge_index: int64 [2, arcs] (child -> parent) for the plain route of PyG; the plan's schedule if None.
            moment: as of `forward`.
            stacks: parameters instead of the net's own, such as frozen copies.
        """
        own = stacks or self.stacks
        if isinstance(x, Data):
            return self._up_union(x, moment, own)
        leaves = self.leaves(x)
        edges = self._adjacency("up") if edge_index is None else edge_index
        return self.up_pass(leaves, edges, own, self._masks(moment, leaves.shape[1]))

    def down(
        self,
        primary: Tensor,
        draws: Tensor | None = None,
        edge_index: "Tensor | Data | None" = None,
        *,
        moment: Moment | None = None,
        stacks: Stacks | None = None,
    ) -> Tensor:
        """The complementary extractions of all vertices, E' [V, B, q], without gradient; the root's are zero.

        Args:
            primary: E [L + V, B, p].
            draws: int64 [V, B], positions among the incoming arcs. In stochastic mode `self.draws(0, 0..B)` if None; in
                deterministic mode not used.
            edge_index: int64 [2, arcs], or a PyG batch of B graphs, for the plain route; the plan's schedule if None.
            moment: as of `forward`.
            stacks: as of `up`.
        """
        batch, own = primary.shape[1], stacks or self.stacks
        drawn, masks = self._drawn(draws, batch), self._masks(moment, batch)
        with torch.no_grad():
            if isinstance(edge_index, Data):
                union = primary.transpose(0, 1).reshape(-1, 1, primary.shape[2])
                made = self.down_pass(union, edge_index.edge_index, drawn, own, masks)
                return made.view(batch, self.plan.vertices, -1).transpose(0, 1)
            edges = self._adjacency("down") if edge_index is None else edge_index
            return self.down_pass(primary, edges, drawn, own, masks)

    def draws(self, step: int, instances: Tensor | NDArray[np.int64]) -> Tensor | None:
        """The drawn arc of each vertex and instance, int64 [V, B]: positions among its incoming arcs in their order.

        None in deterministic mode.

        Args:
            step: the training step.
            instances: int64 [B], the number of each instance in its data set.
        """
        if self.spec.mode.kind == "deterministic":
            return None
        drawn = draw(self.plan, self.spec.mode, self.seed, step, _numbers(instances))
        if drawn.strides == (0, 0):
            return torch.zeros((), dtype=torch.int64, device=self.device).expand(*drawn.shape)
        return torch.from_numpy(drawn).to(self.device)

    def local(
        self,
        primary: Tensor,
        complementary: Tensor,
        draws: Tensor | None = None,
        *,
        moment: Moment | None = None,
        stacks: Stacks | None = None,
        some: LocalPass | None = None,
    ) -> Tensor:
        """The prediction of every vertex from what the passes left at it, [V, B, out].

        y^_v = psi_v(phi_v(e_c1, .., e_ck), combine over the (drawn) arcs of phi'_a(e'_u, siblings)), where all that is
        read is constant: the gradient of row v reaches psi_v, phi_v and the (drawn) phi'_a into v, and nothing else.

        Args:
            primary: E [L + V, B, p].
            complementary: E' [V, B, q].
            draws: the same as in `down`.
            moment: as of `forward`.
            stacks: as of `up`.
            some: what `local_pass` made for some vertices; all if None.
        """
        if some is None and (self._local is None or self._local.device != primary.device):
            self._local = self.local_pass(None)
        chosen = some or self._local
        assert chosen is not None
        drawn = self._drawn(draws, primary.shape[1])
        masks = self._masks(moment, primary.shape[1])
        return chosen.predictions(primary, complementary, drawn, stacks or self.stacks, masks).to(self.dtype)

    def local_pass(self, rows: NDArray[np.int64] | None) -> LocalPass:
        """The local update of the vertex rows `rows` alone (all if None), prepared for `local`."""
        return LocalPass(self.plan, self.spec.mode, self.device, rows)

    def local_predictions(self, x: Any, draws: Tensor | None = None, *, moment: Moment | None = None) -> Tensor:
        """Both passes, then the prediction of every vertex: [V, B, out]. Arguments as of `up` and `down`."""
        with torch.no_grad():
            primary = self.up(x, moment=moment)
            drawn = self._drawn(draws, primary.shape[1])
            complementary = self.down(primary, drawn, moment=moment)
        return self.local(primary, complementary, drawn, moment=moment)

    # The training step

    def passes(
        self,
        x: Any,
        draws: Tensor | None,
        *,
        moment: Moment,
        stacks: Stacks | None = None,
        tape: Tape | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Both passes without gradient: E [L + V, B, p] and E' [V, B, q].

        Args:
            x: as of `forward`, but for a PyG batch.
            draws: as `draws` gives them.
            moment: as of `forward`.
            stacks: as of `up`.
            tape: keeps what `learn` needs, so that nothing is computed twice.
        """
        own = stacks or self.stacks
        with torch.no_grad():
            masks = self._masks(moment, len(moment.instances))
            primary = self.up_pass(self.leaves(x), self._adjacency("up"), own, masks, tape=tape)
            return primary, self.down_pass(primary, self._adjacency("down"), draws, own, masks, tape=tape)

    def passes_from(self, leaves: Tensor, draws: Tensor | None, tape: Tape | None = None) -> tuple[Tensor, Tensor]:
        """As `passes`, by nothing but operations on tensors that are where the net is, as a captured step needs it.

        Leaves are those of `leaves`; there is no dropout. PyG's `propagate` is left out: it reads the number of arcs
        back.
        """
        with torch.no_grad():
            primary = self.up_pass.message_and_aggregate(None, leaves, self.stacks, None, False, tape)
            return primary, self.down_pass.message_and_aggregate(None, primary, draws, self.stacks, None, tape)

    def learn(
        self,
        primary: Tensor,
        complementary: Tensor,
        draws: Tensor | None,
        judge: Judge,
        slopes: Slopes,
        *,
        moment: Moment | None = None,
        tape: Tape | None = None,
        some: LocalUpdate | PartedUpdate | None = None,
    ) -> Told:
        """The local update: the sum over vertices and instances of dL_v / dW, written to `slopes`.

        Args:
            primary: of `passes`.
            complementary: of `passes`.
            draws: the same as there.
            judge: loss, slope and score of predictions.
            slopes: for each stack its gradients by parameter; those of stacks that do not learn may be missing.
            moment: as there.
            tape: of `passes` with the live parameters; without it the propagators are computed again.
            some: what `local_update` made for some vertices, or for all in parts; all at once if None.
        """
        if some is None and (self._update is None or self._update.device != primary.device):
            self._update = self.local_update(None)
        chosen = some or self._update
        assert chosen is not None
        masks, arcs = self._masks(moment, primary.shape[1]), self.down_pass.arcs(primary.device)
        with torch.no_grad():
            if isinstance(chosen, PartedUpdate):
                return chosen.run(primary, complementary, draws, self.stacks, masks, judge, slopes)
            return chosen.run(primary, complementary, draws, self.stacks, masks, judge, slopes, tape, arcs)

    def local_update(self, rows: NDArray[np.int64] | None) -> LocalUpdate:
        """The local update of the vertex rows `rows` (all if None), prepared for `learn`."""
        return LocalUpdate(self.plan, self.spec.mode, self.device, rows)

    def parted_update(self, parts: int, rows: NDArray[np.int64] | None = None) -> PartedUpdate:
        """The local update of vertex rows (all if None) in so many parts, prepared for `learn`; it needs no tape."""
        return PartedUpdate(self.plan, self.spec.mode, self.device, parts, rows)

    # PyG batches

    def data(self, x: Any) -> Data:
        """One instance as a PyG `Data`: `x` [N, p] holds the extractions of the leaves (zeros elsewhere), `edge_index`.

        Args:
            x: as of `forward`, with B = 1.
        """
        leaves = self.leaves(x)[:, 0]
        rest = leaves.new_zeros(self.plan.vertices, self.plan.primary)
        return Data(x=torch.cat((leaves, rest)), edge_index=self.edge_index)

    def _up_union(self, graphs: Data, moment: Moment | None, stacks: Stacks) -> Tensor:
        values = graphs.x
        assert isinstance(values, Tensor)
        size = self.plan.leaves + self.plan.vertices
        leaves = values.to(self.stacks.dtype).view(-1, size, self.plan.primary)[:, : self.plan.leaves].unsqueeze(2)
        masks = self._masks(moment, len(leaves))
        made = self.up_pass(leaves, graphs.edge_index, stacks, masks)
        return made.view(-1, size, self.plan.primary).transpose(0, 1)

    # Helpers

    def __getstate__(self) -> dict[str, Any]:
        """Copies do without what can be made again: sparse tensors cannot be copied."""
        return {**self.__dict__, "_adjacencies": {}, "_local": None, "_update": None, "_leaf": None}

    def _adjacency(self, which: str) -> Tensor:
        key = (which, self.device)
        if key not in self._adjacencies:
            make = adjacency.upward if which == "up" else adjacency.downward
            self._adjacencies[key] = make(self.plan, self.device)
        return self._adjacencies[key]

    def _masks(self, moment: Moment | None, batch: int) -> Masks | None:
        if not self.training:
            return None
        return Masks(self.seed, moment or Moment(0, np.arange(batch)))

    def _drawn(self, draws: Tensor | None, batch: int) -> Tensor | None:
        if self.spec.mode.kind == "deterministic":
            return None
        if draws is None:
            return self.draws(0, np.arange(batch))
        return self._checked_draws(draws, batch)

    def _checked_draws(self, draws: Tensor, batch: int) -> Tensor:
        shape = (self.plan.vertices, batch)
        if draws.dtype != torch.int64 or tuple(draws.shape) != shape:
            message = f"draws are int64 {list(shape)}, given {draws.dtype} {list(draws.shape)}"
            raise ExnetError(WRONG_DRAWS.at(None, message, help="use `net.draws(step, instances)`"))
        rows = several(self.plan)
        if len(rows):
            most = torch.from_numpy(np.diff(self.plan.arcs.incoming_ptr)[rows]).to(draws.device).unsqueeze(1)
            bad = ((draws[rows] < 0) | (draws[rows] >= most)).nonzero()
            if len(bad):
                row, column = int(rows[int(bad[0, 0])]), int(bad[0, 1])
                count = int(most[int(bad[0, 0]), 0])
                message = f"`{self.vertex_name(row)}` has {count} incoming arcs, instance {column} draws arc "
                message += f"{int(draws[row, column])}"
                raise ExnetError(WRONG_DRAWS.at(None, message, help=f"draws lie in 0..{count}"))
        return draws


def _numbers(instances: Tensor | NDArray[np.int64]) -> NDArray[np.int64]:
    return instances.cpu().numpy() if isinstance(instances, Tensor) else np.asarray(instances, np.int64)
