"""A few processes that are started once and then run functions together, each as one rank."""

import os
import tempfile
import traceback
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

PATIENCE = 240.0
"""Seconds after which a test fails that waits for a process."""


class Processes:
    """Processes, started when they are needed; `together(size, function, ..)` runs `function(peers, ..)` in each."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._count = 0
        self._ends: list[Connection] = []
        self._all: list[SpawnProcess] = []

    def together(self, size: int, function: Callable[..., Any], *arguments: object) -> list[Any]:
        """What each rank gives; the first error of one is raised here."""
        self._count += 1
        while len(self._all) < size:
            self._start()
        meeting = f"file://{Path(self._folder.name) / str(self._count)}"
        for rank in range(size):
            self._ends[rank].send((function, meeting, rank, size, arguments))
        found = [self._answer(rank) for rank in range(size)]
        errors = [f"rank {rank}: {said}" for rank, (fine, said) in enumerate(found) if not fine]
        assert not errors, "\n".join(errors)
        return [said for _, said in found]

    def close(self) -> None:
        for process in self._all:
            process.kill()
            process.join()
        self._folder.cleanup()

    def _start(self) -> None:
        context = get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(target=serve, args=(there,), daemon=True)
        process.start()
        self._ends.append(here)
        self._all.append(process)

    def _answer(self, rank: int) -> tuple[bool, Any]:
        if not self._ends[rank].poll(PATIENCE):
            return False, "no answer"
        return self._ends[rank].recv()


def serve(end: Connection) -> None:
    """The life of a process."""
    os.environ["EXNET_RANK_SECONDS"] = "120"
    import torch

    from exnet.ranks.peers import joined

    torch.set_num_threads(1)
    while True:
        function, meeting, rank, size, arguments = end.recv()
        try:
            with joined(method=meeting, rank=rank, size=size) as peers:
                answer = True, function(peers, *arguments)
        except BaseException:
            answer = False, traceback.format_exc()
        end.send(answer)
