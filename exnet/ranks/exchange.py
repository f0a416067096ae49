"""Vertex-parallel passes: extractions that are read on other ranks are sent when they are there, and waited for when
they are needed. No gradient is ever sent.

Receives are begun before the passes, so that a message may come early. What goes between two ranks after one level (or
depth) is one message: rows of one buffer, one after the other, as bytes. From a GPU they go through the host's memory.
"""

from collections.abc import Iterable

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import Tensor

from exnet.plan.model import Plan
from exnet.plan.share import DOWN, UP, Message, Share
from exnet.ranks.peers import Peers, as_bytes
from exnet.ranks.traffic import Traffic


class Exchange:
    """What one rank sends and receives in the two passes of a step.

    The passes call it: `begin`, `done_up` after every product, `begin_down`, `done_down` after every product, `end`.

    Args:
        share: of this rank.
        peers: all ranks.
        traffic: counts what is sent.

    Attributes:
        breaks_up, breaks_down: the groups of the passes before which something is sent or waited for: no product may
            reach across their beginning.
    """

    def __init__(self, share: Share, peers: Peers, traffic: Traffic) -> None:
        self._peers, self._traffic = peers, traffic
        self._leaves, self._ghosts = share.plan.leaves, len(share.ghosts)
        self._widths = {"primary": share.plan.primary, "complementary": share.plan.complementary}
        self._receives = share.receives
        self._before, self._after = (
            _by_group(share.receives, share.plan, last=False),
            _by_group(share.sends, share.plan),
        )
        self.breaks_up, self.breaks_down = (self._breaks(phase) for phase in (UP, DOWN))
        self._waiting: dict[int, tuple[dist.Work, Tensor]] = {}
        self._going: list[tuple[dist.Work, Tensor]] = []

    def begin(self, primary: Tensor) -> None:
        """Before the up pass: begins to receive. `primary` is the buffer E [N, B, p] that it will fill."""
        batch = primary.shape[1]
        primary.narrow(0, self._leaves, self._ghosts).zero_()  # not all of them are received
        with self._peers.talking():
            for message in self._receives:
                shape = (len(message.rows), batch, self._widths[message.kind])
                buffer = torch.empty(shape, dtype=primary.dtype)
                work = self._peers.receive(as_bytes(buffer), message.peer, message.number)
                self._waiting[message.number] = work, buffer
        self._wait(UP, 0, primary, None)

    def done_up(self, group: int, primary: Tensor) -> None:
        """After `group`, the last one of a product of the up pass.

        Sends what its level has made, and waits for what the next group reads.
        """
        self._send(UP, group, primary)
        self._wait(UP, group + 1, primary, None)

    def begin_down(self, primary: Tensor, complementary: Tensor) -> None:
        """Before the down pass; `complementary` is the buffer E' [V, B, q], zero at its start."""
        self._wait(DOWN, 0, primary, complementary)

    def done_down(self, group: int, primary: Tensor, complementary: Tensor) -> None:
        """As `done_up`, for a group of the down pass and its depth."""
        self._send(DOWN, group, complementary)
        self._wait(DOWN, group + 1, primary, complementary)

    def _breaks(self, phase: str) -> frozenset[int]:
        waits = {group for at, group in self._before if at == phase}
        return frozenset(waits | {group + 1 for at, group in self._after if at == phase})

    def _wait(self, phase: str, group: int, primary: Tensor, complementary: Tensor | None) -> None:
        """Waits for what is read from a group on, and puts it into the buffers."""
        for message in self._before.get((phase, group), ()):
            work, buffer = self._waiting.pop(message.number)
            with self._peers.talking():
                work.wait()
            self._write(message, buffer, primary, complementary)

    def _send(self, phase: str, group: int, buffer: Tensor) -> None:
        for message in self._after.get((phase, group), ()):
            first = self._leaves if message.kind == "primary" else 0
            packed = _rows(buffer, message.rows + first).cpu()
            with self._peers.talking(), self._traffic.part():
                work = self._peers.send(as_bytes(packed), message.peer, message.number)
            self._going.append((work, packed))

    def end(self) -> None:
        """After the down pass: all that was sent has gone."""
        with self._peers.talking():
            for work, _ in self._going:
                work.wait()
        self._going.clear()
        self._traffic.step_ended()

    def _write(self, message: Message, buffer: Tensor, primary: Tensor, complementary: Tensor | None) -> None:
        rows, target = message.rows + self._leaves, primary
        if message.kind == "complementary":
            assert complementary is not None
            rows, target = message.rows, complementary
        target.index_copy_(0, torch.from_numpy(rows).to(target.device), buffer.to(target.device))


def _by_group(messages: Iterable[Message], plan: Plan, last: bool = True) -> dict[tuple[str, int], list[Message]]:
    """The messages by phase and the last group (or the first) of their level or depth."""
    steps = {UP: plan.up.step, DOWN: plan.down.step}
    made = dict[tuple[str, int], list[Message]]()
    for message in messages:
        groups = np.flatnonzero(steps[message.phase] == message.step)
        made.setdefault((message.phase, int(groups[-1 if last else 0])), []).append(message)
    return made


def _rows(buffer: Tensor, rows: NDArray[np.int64]) -> Tensor:
    return buffer.index_select(0, torch.from_numpy(rows).to(buffer.device))
