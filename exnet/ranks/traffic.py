"""How much a process sends in the steps of an epoch."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from exnet.ranks.peers import Peers


class Traffic:
    """Counts what is sent within the parts of steps that say so, and nothing of what is sent between them."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers
        self._sent = self._messages = self._steps = 0
        self._most = (0, 0)

    @contextmanager
    def part(self) -> Generator[None, None, None]:
        """Within it, sending counts."""
        sent, messages = self._peers.sent, self._peers.messages
        yield
        self._sent += self._peers.sent - sent
        self._messages += self._peers.messages - messages

    def step_ended(self) -> None:
        """Once for each step."""
        self._steps += 1

    def gather(self) -> None:
        """Tells all ranks what each has sent since the last time."""
        steps = max(1, self._steps)
        found = self._peers.gathered((self._sent // steps, self._messages // steps))
        self._most = max(found)
        self._sent = self._messages = self._steps = 0

    def figures(self) -> dict[str, Any]:
        """Number of ranks, and mean bytes and messages of a step at the rank that sends the most."""
        return {"count": self._peers.size, "bytes": self._most[0], "messages": self._most[1]}
