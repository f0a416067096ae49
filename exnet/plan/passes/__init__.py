"""The passes that make a plan, in the order in which they run, and what must hold after each."""

from collections.abc import Callable
from dataclasses import dataclass

from exnet.plan import verify
from exnet.plan.draft import Draft
from exnet.plan.passes.form_stacks import form_stacks
from exnet.plan.passes.group_down import group_down
from exnet.plan.passes.group_local import group_local
from exnet.plan.passes.group_up import group_up
from exnet.plan.passes.link_arcs import link_arcs
from exnet.plan.passes.list_stacks import list_stacks
from exnet.plan.passes.order_arcs import order_arcs
from exnet.plan.passes.order_vertices import order_vertices
from exnet.plan.passes.rank_nodes import rank_nodes


@dataclass(frozen=True, slots=True)
class Pass:
    """A named step from draft to draft; `holds` names the checks of its result. `late`: it checks what it makes itself,
    when that is first read.
    """

    name: str
    run: Callable[[Draft], Draft]
    holds: tuple[verify.Check, ...]
    late: bool = False


PASSES: tuple[Pass, ...] = (
    Pass("list-stacks", list_stacks, (verify.stacks_are_sorted, verify.classes_have_stacks)),
    Pass("rank-nodes", rank_nodes, (verify.leaves_are_permuted,)),
    Pass("order-vertices", order_vertices, (verify.vertices_are_permuted, verify.levels_rise, verify.children_first)),
    Pass("group-up", group_up, (verify.up_groups_are_whole, verify.up_follows_levels)),
    Pass("order-arcs", order_arcs, (verify.arcs_are_permuted,)),
    Pass("link-arcs", link_arcs, (verify.arcs_match_graph, verify.incoming_is_canonical)),
    Pass("group-down", group_down, (verify.down_groups_are_whole, verify.down_follows_depths)),
    Pass("group-local", group_local, (verify.local_groups_are_whole,), late=True),
    Pass("form-stacks", form_stacks, (verify.rows_are_full,)),
)
"""The whole of planning. Each pass reads what the ones before it have found."""
