"""Xprop*: one group of vertices learns after the other, from messages of frozen copies.

    up      e_v  = xi_v(e_c1, .., e_ck)             children first, no gradient
    down    e'_v = xi'_a(e'_u, siblings), drawn or combined   parents first, no gradient
    local   L_v  = loss(psi_v(phi_v(e_c1, .., e_ck), combination of phi'_a(e'_u, siblings)), y)    v in the group

xi and xi' are frozen copies of the propagators phi and phi'. In a *turn* one group learns: psi_v, phi_v and the phi'_a
into its vertices move, all else stays as it is, bit for bit. When the turn ends, xi and xi' become phi and phi' (or
they follow after every step, by a moving average), and the next group has its turn. A shared parameter gathers the
gradients of its call sites in the group: the sum over rows divided by (batch x those sites), or by the batch alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import Parameter
from torch.optim import Optimizer

from exnet.learn.captured import Recorder, Say
from exnet.learn.gradients import Gradients, divisors
from exnet.learn.heads import Heads
from exnet.learn.report import Inputs, StepReport
from exnet.learn.rule import Rule
from exnet.learn.xprop import XpropRule
from exnet.nets.dropout import Moment
from exnet.nets.stacks import Stacks
from exnet.passing.net import ExtractionNet
from exnet.passing.parts import PartedUpdate
from exnet.passing.update import LocalUpdate, Told
from exnet.plan.model import Groups, Plan
from exnet.plan.part import site_counts
from exnet.plan.turns import group_name, make_turns
from exnet.spec.rule import XpropStar

PREPARED = 64
"""Groups whose local update is kept ready; further ones are prepared anew for each turn."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """What learns in a turn.

    Attributes:
        update: the local update of its vertices.
        rows: int64, vertex rows of what is reported: those of the group, then the root.
        sites: for the name of every parameter that moves int64 [classes], call sites of each class in the group; 1
            for a class that has none, whose gradient is zero.
        divisors: what sums over those call sites are divided by.
        moving, resting: for the name of every stack the rows with call sites in the group, and those without.
    """

    update: LocalUpdate | PartedUpdate
    rows: Tensor
    sites: Mapping[str, Tensor]
    divisors: Mapping[str, Tensor]
    moving: Mapping[str, Tensor]
    resting: Mapping[str, Tensor]


class XpropStarRule(XpropRule):
    """One step of Xprop*: fills the gradients of the components of one group, and holds all others still.

    Args:
        net: whose parameters.
        rule: the options.
        steps: in a pass over the data, for turns that are measured in passes.
        heads: losses and scores; those of the spec if None.

    Raises:
        ExnetError: EXN622 and EXN623, if the list of groups does not fit the net.
    """

    def __init__(self, net: ExtractionNet, rule: XpropStar, steps: int = 1, heads: Heads | None = None) -> None:
        super().__init__(net, rule, heads)
        self._net, self._kind, self._follow = net, rule.group, rule.follow
        self._length = rule.turn_steps(steps)
        self._turns = make_turns(net.plan, rule)
        self._propagators = [stack.name for stack in net.plan.stacks if stack.component != "trainer"]
        self.frozen: Stacks = net.stacks.frozen(self._propagators)
        self._prepared = lru_cache(PREPARED)(self._prepare)
        self._root = net.local_pass(np.array([net.plan.root]))
        self._held: list[tuple[Parameter, Tensor, Tensor]] = []
        self._turn, self._drift = 0, torch.zeros((), dtype=torch.float64)

    def step(self, net: ExtractionNet, x: Inputs, y: Inputs, step: int, instances: Tensor) -> StepReport:
        """Puts the averaged local gradients of the group into `parameter.grad`. Arguments as of `Rule.step`.

        A parameter without call sites in the group gets no gradient at all.
        """
        self._turn = step // self._length
        group = self._prepared(self._turns.at(self._turn, net.seed))
        moment, draws = Moment(step, instances.cpu().numpy()), net.draws(step, instances)
        primary, complementary = net.passes(x, draws, moment=moment, stacks=self.frozen)
        slopes, batch = Gradients(net, group.sites), primary.shape[1]
        judge = self._heads.judge(y, batch)
        told = net.learn(primary, complementary, draws, judge, slopes.stacks, moment=moment, some=group.update)
        slopes.finish(group.divisors)
        self._hold(net, group)
        loss, score = told.loss, told.score
        if len(group.rows) > len(loss):
            root = self._at_root(net, primary, complementary, draws, y, moment)
            loss = torch.cat((loss, root.loss))
            score = None if score is None or root.score is None else torch.cat((score, root.score))
        return StepReport(group.rows, loss, score, batch, primary, complementary, draws)

    def capture(self, net: ExtractionNet, record: Recorder, say: Say) -> None:
        """As of `Rule`: another group learns in every turn, so that no step is recorded."""
        Rule.capture(self, net, record, say)

    def _at_root(
        self,
        net: ExtractionNet,
        primary: Tensor,
        complementary: Tensor,
        draws: Tensor | None,
        y: Inputs,
        moment: Moment,
    ) -> Told:
        """Mean loss and score of the root, which does not learn in this turn."""
        with torch.no_grad():
            result = net.local(primary, complementary, draws, moment=moment, some=self._root)
            score = self._heads.score(result, y)
            return Told(self._heads.loss(result, y).mean(-1), None if score is None else score.mean(-1))

    def stepped(self, net: ExtractionNet, optimiser: Optimizer, step: int) -> None:
        """Undoes what the optimiser did outside the group (momentum, weight decay), then refreshes the copies.

        When another group's turn follows, the optimiser forgets all that it has gathered.
        """
        with torch.no_grad():
            for parameter, rows, values in self._held:
                parameter.index_copy_(0, rows, values)
            self._held = []
            if self._follow:
                for name, key, copy in self._copies():
                    copy.lerp_(net.stacks.named(name)[key], self._follow)
            if (step + 1) % self._length == 0:
                self._end_turn(net, optimiser)

    def figures(self) -> dict[str, object]:
        """Number and group of the turn, and how far the copies were behind when the last one ended."""
        rows = self._turns.rows(self._turns.at(self._turn, self._net.seed))
        name = group_name(self._net.plan, self._kind, int(rows[0]))
        return {"turn": {"number": self._turn, "group": name, "drift": float(self._drift)}}

    def state(self) -> dict[str, Tensor]:
        """The frozen copies as `frozen/stack/parameter`, the number of the turn and the last drift."""
        copies = {f"frozen/{name}/{key}": copy.detach().clone() for name, key, copy in self._copies()}
        return {**copies, "turn": torch.tensor(self._turn), "drift": self._drift.clone()}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Takes up what `state` gave; nothing for an empty state, as at the start of a run.

        Raises:
            ValueError: the state is one of another rule or another net.
        """
        if not state:
            return
        own = {f"frozen/{name}/{key}": copy for name, key, copy in self._copies()}
        wanted = {**{name: value.shape for name, value in own.items()}, "turn": (), "drift": ()}
        given = {name: value.shape for name, value in state.items()}
        if given != wanted:
            differing = sorted(name for name in given.keys() | wanted if given.get(name) != wanted.get(name))
            raise ValueError(f"the state does not fit this net under Xprop*: {', '.join(differing[:3])}")
        with torch.no_grad():
            for name, value in own.items():
                value.copy_(state[name])
        self._turn, self._drift = int(state["turn"]), state["drift"].detach().cpu().clone()

    def _hold(self, net: ExtractionNet, group: Group) -> None:
        """Remembers the rows that stay, of parameters of which other rows move."""
        self._held = []
        for stack, rows in group.resting.items():
            for parameter in net.stacks.named(stack).values():
                if len(rows) and parameter.grad is not None:
                    self._held.append((parameter, rows, parameter.detach().index_select(0, rows)))

    def _end_turn(self, net: ExtractionNet, optimiser: Optimizer) -> None:
        """Measures |phi - xi| / |phi| over the propagators that have moved, and replaces their copies."""
        number, following = (self._turns.at(self._turn + i, net.seed) for i in (0, 1))
        moving = self._prepared(number).moving
        apart = total = torch.zeros((), dtype=torch.float64)
        for name, key, copy in self._copies():
            live = net.stacks.named(name)[key].index_select(0, moving[name])
            apart = apart + (live - copy.index_select(0, moving[name])).double().square().sum().cpu()
            total = total + live.double().square().sum().cpu()
            if not self._follow:
                copy.index_copy_(0, moving[name], live)
        self._drift = (apart / total.clamp_min(1e-30)).sqrt()
        if following != number:
            optimiser.state.clear()

    def _copies(self) -> Iterator[tuple[str, str, Tensor]]:
        """Stack, parameter and values of every frozen copy."""
        for name in self._propagators:
            for key, copy in self.frozen.named(name).items():
                yield name, key, copy

    def _prepare(self, number: int) -> Group:
        net, rows = self._net, self._turns.rows(number)
        update = net.local_update(rows)
        counts = {stack.name: _sites(update.plan, i) for i, stack in enumerate(net.plan.stacks)}
        told = rows if rows[-1] == net.plan.root else np.append(rows, net.plan.root)
        sites = {
            f"stacks.{stack.name}.{parameter.name}": counts[stack.name].clamp_min(1)
            for stack in net.plan.stacks
            for parameter in stack.parameters
            if counts[stack.name].any()
        }
        return Group(
            update=update if self.parts == 1 else net.parted_update(self.parts, rows),
            rows=torch.from_numpy(told).to(net.device),
            sites=sites,
            divisors=divisors(net, sites) if self._by_sites else {},
            moving={name: found.nonzero().flatten().to(net.device) for name, found in counts.items()},
            resting={name: (found == 0).nonzero().flatten().to(net.device) for name, found in counts.items()},
        )


def _sites(plan: Plan, number: int) -> Tensor:
    """Call sites of each class of a stack in the local groups of a plan."""
    stack = plan.stacks[number]
    groups: Groups = {
        "primary": plan.local_primary,
        "complementary": plan.local_arcs,
        "trainer": plan.trainers,
    }[stack.component]
    return torch.from_numpy(site_counts(groups, number, len(stack.classes)))
