"""The processes of a run, as one of them sees them: sums, agreement, what the first tells the others, and their end.

gloo carries what is on the CPU, nccl what is on a GPU. Nothing waits for ever: a process that ends closes its
connections, which ends every wait for it, and no wait is longer than `EXNET_RANK_SECONDS`. A process that fails leaves
its message in the store that torchrun keeps, where the others find it; it waits for nobody.
"""

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, Protocol, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.rendezvous import rendezvous

from exnet.ranks.rules import NO_RANKS, RANK_LOST
from exnet.source import ExnetError

T = TypeVar("T")
SECONDS = 1800
"""How long an answer may take, unless `EXNET_RANK_SECONDS` says otherwise: an evaluation of the first rank, say."""
BUCKET = 2**22
"""Bytes up to which tensors are packed into one message."""
_GRACE = timedelta(seconds=3)


class Store(Protocol):
    """Where processes leave messages: what this file needs of the stores of torch."""

    def set(self, key: str, value: str, /) -> None:
        """Leaves a message."""

    def get(self, key: str, /) -> bytes:
        """A message."""
        ...

    def check(self, keys: list[str], /) -> bool:
        """Whether all of them are there."""
        ...

    def wait(self, keys: list[str], timeout: timedelta, /) -> None:
        """Until they are."""


class Peers:
    """All processes of a run; this one is number `rank` of `size`.

    Args:
        rank: from 0.
        size: N.
        store: where failing processes leave their messages.

    Attributes:
        sent: bytes that this process has sent (of sums: what a ring sends, 2 (N - 1) / N of their size).
        messages: how many.
    """

    def __init__(self, rank: int, size: int, store: Store) -> None:
        self.rank, self.size = rank, size
        self.sent, self.messages = 0, 0
        self._store = store

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes, prints and evaluates."""
        return self.rank == 0

    def sum(self, tensors: Sequence[Tensor]) -> None:
        """Replaces tensors by their sums over all ranks, in place. All ranks end with the same bits."""
        with self.talking():
            for bucket in buckets(tensors):
                self._sum(bucket)

    def agree(self, error: ExnetError | None = None, number: int = 0) -> int:
        """The largest number that a rank gives.

        Raises:
            ExnetError: on every rank the error of the first one that has one.
        """
        given = torch.tensor([error is not None, number], dtype=torch.int64)
        with self.talking():
            dist.all_reduce(given, dist.ReduceOp.MAX)
            self._count(16)
        if given[0]:
            found = [one for one in self.gathered(error) if one is not None]
            raise found[0]
        return int(given[1])

    def checked(self, check: Callable[[], None], number: int = 0) -> int:
        """Runs a check on every rank; arguments and result as of `agree`.

        Raises:
            ExnetError: on every rank, if it fails on one.
        """
        error = None
        try:
            check()
        except ExnetError as found:
            error = found
        return self.agree(error, number)

    def told(self, make: Callable[[], T]) -> T:
        """What the first rank makes, told to all."""
        given: list[Any] = [make() if self.leads else None]
        with self.talking():
            dist.broadcast_object_list(given)
        return given[0]

    def gathered(self, value: T) -> list[T]:
        """The value of each rank."""
        found: list[Any] = [None] * self.size
        with self.talking():
            dist.all_gather_object(found, value)
        return found

    def handed_out(self, make: Callable[[int], T]) -> T:
        """What the first rank makes for each."""
        made: list[Any] = [None]
        with self.talking():
            dist.scatter_object_list(made, [make(rank) for rank in range(self.size)] if self.leads else None)
        return made[0]

    def send(self, tensor: Tensor, peer: int, tag: int = 0) -> dist.Work:
        """Begins to send; the tensor stays as it is until the work is done."""
        self._count(tensor.numel() * tensor.element_size())
        work = dist.isend(tensor, peer, tag=tag)
        assert work is not None
        return work

    def receive(self, tensor: Tensor, peer: int, tag: int = 0) -> dist.Work:
        """Begins to receive into a tensor."""
        work = dist.irecv(tensor, peer, tag=tag)
        assert work is not None
        return work

    def deliver(self, tensor: Tensor) -> None:
        """Sends a tensor to the first rank, and waits until it has gone."""
        packed = tensor.contiguous().cpu()
        with self.talking():
            self.send(as_bytes(packed), 0).wait()

    def delivered(self, room: Tensor, rank: int) -> Tensor:
        """What a rank delivers, put into a tensor of its shape on the CPU."""
        with self.talking():
            self.receive(as_bytes(room), rank).wait()
        return room

    def fail(self, message: str) -> None:
        """Leaves a message for the others; waits for nobody."""
        with suppress(RuntimeError):
            self._store.set(_key(self.rank), message)

    def first_has_failed(self) -> bool:
        """Whether the first rank says that it has failed; waits a moment for it."""
        with suppress(RuntimeError):
            self._store.wait([_key(0)], _GRACE)
        return self.leads or self._said(0) is not None

    @contextmanager
    def talking(self) -> Generator[None, None, None]:
        """Within it, what torch says about a lost process becomes a message.

        Raises:
            ExnetError: EXN664.
        """
        try:
            yield
        except RuntimeError as error:
            raise self._lost(error) from error

    def _sum(self, bucket: Sequence[Tensor]) -> None:
        size = sum(t.numel() * t.element_size() for t in bucket)
        self._count(2 * (self.size - 1) * size // self.size)
        if len(bucket) == 1 and bucket[0].is_contiguous():
            dist.all_reduce(bucket[0])
            return
        flat = torch.cat([t.reshape(-1) for t in bucket])
        dist.all_reduce(flat)
        for tensor, part in zip(bucket, flat.split([t.numel() for t in bucket]), strict=True):
            tensor.copy_(part.view_as(tensor))

    def _count(self, size: int) -> None:
        self.sent += size
        self.messages += 1

    def _lost(self, error: RuntimeError) -> ExnetError:
        told = [(rank, said) for rank in range(self.size) if rank != self.rank and (said := self._said(rank))]
        notes = tuple(f"rank {rank} said: {said}" for rank, said in told) or (str(error).splitlines()[0],)
        which = f"rank {told[0][0]} has ended" if told else "another process has ended or does not answer"
        message = f"rank {self.rank} of {self.size} cannot go on: {which}"
        return ExnetError(RANK_LOST.at(None, message, notes=notes, help="`--resume` goes on from the last checkpoint"))

    def _said(self, rank: int) -> str | None:
        """The message that a rank has left."""
        with suppress(RuntimeError):
            if self._store.check([_key(rank)]):
                return self._store.get(_key(rank)).decode()
        return None


def as_bytes(tensor: Tensor) -> Tensor:
    """The memory of a contiguous tensor, uint8."""
    return tensor.view(-1).view(torch.uint8)


def _key(rank: int) -> str:
    return f"exnet/failed/{rank}"


def buckets(tensors: Sequence[Tensor]) -> list[list[Tensor]]:
    """Tensors in their order, packed up to `BUCKET` bytes; those of one bucket have one type and device."""
    made, size = list[list[Tensor]](), 0
    for tensor in tensors:
        own = tensor.numel() * tensor.element_size()
        alike = bool(made) and made[-1][0].dtype == tensor.dtype and made[-1][0].device == tensor.device
        if not alike or size + own > BUCKET:
            made.append([])
            size = 0
        made[-1].append(tensor)
        size += own
    return made


def wanted() -> int:
    """How many processes torchrun has started; 1 without it."""
    return int(os.environ.get("WORLD_SIZE", "1")) if "RANK" in os.environ else 1


@contextmanager
def joined(device: str = "cpu", method: str = "env://", rank: int = -1, size: int = -1) -> Generator[Peers, None, None]:
    """The processes that torchrun has started, connected.

    Args:
        device: with `cuda` every process takes the GPU of its local rank, and sums go through nccl.
        method: how processes find each other, as torch names it; `rank` and `size` go with it.
        rank: of this process, from the environment if -1.
        size: of all, from the environment if -1.

    Raises:
        ExnetError: EXN664, if not all of them come.
    """
    patience = timedelta(seconds=float(os.environ.get("EXNET_RANK_SECONDS", SECONDS)))
    if device == "cuda":
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    try:
        store, rank, size = next(iter(rendezvous(method, rank, size, timeout=patience)))
        store.set_timeout(patience)
        backend = "cpu:gloo,cuda:nccl" if device == "cuda" else "gloo"
        dist.init_process_group(backend, store=store, rank=rank, world_size=size, timeout=patience)
    except (RuntimeError, ValueError, OSError) as error:
        message = f"the processes of the run do not find each other: {str(error).splitlines()[0]}"
        raise ExnetError(RANK_LOST.at(None, message, help="start them by torchrun")) from error
    try:
        yield Peers(rank, size, store)
    finally:
        with suppress(RuntimeError):
            dist.destroy_process_group()


def refuse_alone(kind: str) -> ExnetError:
    """The error for `--parallel` without several processes."""
    message = f"`--parallel {kind}` is about several processes, and this is the only one"
    return ExnetError(NO_RANKS.at(None, message, help="start them by `torchrun --nproc-per-node 2 -m exnet train ..`"))
