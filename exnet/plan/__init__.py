"""From spec and graph to a plan: which products run, in which order, on which rows. Free of torch."""

from exnet.plan.make import make_plan, plan_spec
from exnet.plan.model import Arcs, Group, Groups, Plan, Stack

__all__ = ["Arcs", "Group", "Groups", "Plan", "Stack", "make_plan", "plan_spec"]
