"""From spec and graph to a plan: which products run, in which order, on which rows. Free of torch."""

from exnet.plan.load import load_plan
from exnet.plan.make import make_plan, plan_spec
from exnet.plan.model import Arcs, Group, Groups, Plan, Stack
from exnet.plan.origins import Origins
from exnet.plan.store import save_plan

__all__ = [
    "Arcs",
    "Group",
    "Groups",
    "Origins",
    "Plan",
    "Stack",
    "load_plan",
    "make_plan",
    "plan_spec",
    "save_plan",
]
