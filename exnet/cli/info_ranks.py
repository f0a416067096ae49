"""What `exnet info --ranks N` says: the cut of a net for several processes, and what would cross it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from exnet.source.sizes import readable

if TYPE_CHECKING:
    from exnet.plan.cut import Cut
    from exnet.plan.model import Plan
    from exnet.spec.rule import LearningRule

SHOWN = 3
"""Classes that are named of those that would be shared by several ranks."""
NARROW = 0.9
"""Predicted efficiency below which a cut along the levels is explained."""


def parts(plan: "Plan", rule: "LearningRule", ranks: int, batch: int) -> dict[str, Any]:
    """The cut in numbers.

    Raises:
        ExnetError: EXN660, if a rank would have no vertex.
    """
    from exnet.plan.cost import BYTES, cost
    from exnet.plan.cut import cut, parted_classes
    from exnet.plan.parallel import choose, largest_bytes

    made = cut(plan, ranks, batch)
    chosen = choose(plan, rule, ranks, batch)
    parted = parted_classes(plan, made.owner)
    return {
        "count": ranks,
        "manner": made.manner,
        "parts": _parts(plan, made, batch),
        "balance": round(made.balance, 4),
        "efficiency": round(made.efficiency, 4),
        "bytes": {
            "vertex": largest_bytes(plan, made.crossings.sent(ranks), batch),
            "data": BYTES * cost(plan).parameters,
        },
        "parted": {"count": len(parted), "names": [plan.class_name(*one) for one in parted[:SHOWN]]},
        "parallel": {"kind": chosen.kind, "reason": chosen.reason},
    }


def _parts(plan: "Plan", made: "Cut", batch: int) -> list[dict[str, Any]]:
    """What each rank has and sends."""
    import numpy as np

    from exnet.plan.cost import BYTES
    from exnet.plan.share import parameters_of

    sent, owned = made.crossings.sent(made.ranks), np.bincount(made.owner, minlength=made.ranks)
    held = parameters_of(plan, made)
    return [
        {
            "rank": rank,
            "vertices": int(owned[rank]),
            "step_flops": int(made.flops[rank]),
            "parameters": held[rank],
            "messages": int(sent.messages[rank]),
            "bytes_up": int(sent.primary[rank]) * batch * plan.primary * BYTES,
            "bytes_down": int(sent.complementary[rank]) * batch * plan.complementary * BYTES,
        }
        for rank in range(made.ranks)
    ]


def ranks_text(numbers: dict[str, Any]) -> str:
    """The cut for people."""
    rows: list[Sequence[str]] = [("rank", "vertices", "step FLOPs", "parameters", "messages", "e up", "e' down")]
    for part in numbers["parts"]:
        counts = (f"{part[name]:,}" for name in ("rank", "vertices", "step_flops", "parameters", "messages"))
        rows.append((*counts, readable(part["bytes_up"]), readable(part["bytes_down"])))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    return "\n" + "".join(f"  {line}".rstrip() + "\n" for line in [*lines, "", *_conclusions(numbers)])


def _conclusions(numbers: dict[str, Any]) -> list[str]:
    """The lines below the table."""
    manner = {"across": "every level is divided", "along": "consecutive levels"}[numbers["manner"]]
    balance, efficiency, sizes = numbers["balance"], numbers["efficiency"], numbers["bytes"]
    said = [
        f"cut by vertices ({manner}): balance {balance:.3f}, predicted efficiency {efficiency:.3f}",
        f"bytes that a rank sends in a step: {readable(sizes['vertex'])} of extractions, "
        f"or {readable(sizes['data'])} of gradients with `--parallel data`",
    ]
    if numbers["manner"] == "along" and efficiency < NARROW:
        said.append("the levels are too narrow to share: the passes go through one rank after the other")
    parted = numbers["parted"]
    if parted["count"]:
        names, more = ", ".join(f"`{name}`" for name in parted["names"]), parted["count"] - len(parted["names"])
        said.append(f"shared across the cut: {names}" + (f" and {more:,} more" if more else ""))
    chosen = numbers["parallel"]
    return [*said, f"`--parallel auto` takes `{chosen['kind']}`: {chosen['reason']}"]
