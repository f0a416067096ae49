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

from exnet.plan.share import Message, Share
from exnet.ranks.peers import Peers, as_bytes
from exnet.ranks.traffic import Traffic


class Exchange:
    """What one rank sends and receives in the two passes of a step.

    Args:
        share: of this rank.
        peers: all ranks.
        traffic: counts what is sent.
    """

    def __init__(self, share: Share, peers: Peers, traffic: Traffic) -> None:
        self._peers, self._traffic = peers, traffic
        self._leaves, self._ghosts = share.plan.leaves, len(share.ghosts)
        self._widths = {"primary": share.plan.primary, "complementary": share.plan.complementary}
        self._receives, self._sends = _by_place(share.receives), _by_place(share.sends)
        self._zeros = torch.from_numpy(_never_received(share))
        self._waiting: dict[int, tuple[dist.Work, Tensor]] = {}
        self._going: list[tuple[dist.Work, Tensor]] = []

    def begin(self, primary: Tensor) -> None:
        """Before the up pass: begins to receive. `primary` is the buffer E [N, B, p] that it will fill."""
        batch = primary.shape[1]
        primary.narrow(0, self._leaves, self._ghosts).zero_()  # not all of them are received
        with self._peers.talking():
            for message in (m for place in self._receives.values() for m in place):
                shape = (len(message.rows), batch, self._widths[message.kind])
                buffer = torch.empty(shape, dtype=primary.dtype)
                work = self._peers.receive(as_bytes(buffer), message.peer, message.number)
                self._waiting[message.number] = work, buffer

    def begin_down(self, complementary: Tensor) -> None:
        """Before the down pass: e' is zero where nothing is received and nothing computed, as at the root."""
        if len(self._zeros):
            complementary.index_fill_(0, self._zeros.to(complementary.device), 0.0)

    def before(self, phase: str, step: int, primary: Tensor, complementary: Tensor | None = None) -> None:
        """Waits for what is read from level or depth `step` on, and puts it into the buffers E and E' [V, B, q]."""
        for message in self._receives.get((phase, step), ()):
            work, buffer = self._waiting.pop(message.number)
            with self._peers.talking():
                work.wait()
            self._write(message, buffer, primary, complementary)

    def after(self, phase: str, step: int, buffer: Tensor) -> None:
        """Sends what level or depth `step` has made; `buffer` is E after a level, E' after a depth."""
        for message in self._sends.get((phase, step), ()):
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


def _by_place(messages: Iterable[Message]) -> dict[tuple[str, int], list[Message]]:
    made = dict[tuple[str, int], list[Message]]()
    for message in messages:
        made.setdefault((message.phase, message.step), []).append(message)
    return made


def _never_received(share: Share) -> NDArray[np.int64]:
    """Ghosts whose complementary extraction nobody sends."""
    received = [m.rows for m in share.receives if m.kind == "complementary"]
    return np.setdiff1d(np.arange(len(share.ghosts)), np.concatenate([*received, np.zeros(0, np.int64)]))


def _rows(buffer: Tensor, rows: NDArray[np.int64]) -> Tensor:
    return buffer.index_select(0, torch.from_numpy(rows).to(buffer.device))
