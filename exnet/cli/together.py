"""`exnet train` as one of several processes: the first one speaks, and an error of any ends all with a message."""

import os
from collections.abc import Generator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

from exnet.cli.common import code_of, log, report
from exnet.cli.train import Order
from exnet.cli.training import carry_out
from exnet.ranks.peers import Peers, joined, refuse_alone, wanted
from exnet.source import ExnetError


def carried_out(order: Order) -> int:
    """Trains as ordered; the exit code. With torchrun all processes come here.

    Raises:
        ExnetError: EXN663 for `--parallel` without torchrun, EXN664 if the processes do not find each other.
    """
    if wanted() == 1:
        if order.parallel is not None:
            raise refuse_alone(order.parallel)
        return carry_out(order)
    with joined(order.device or "cpu") as peers:
        return _one_of_several(order, peers)


def _one_of_several(order: Order, peers: Peers) -> int:
    try:
        with quiet(not peers.leads):
            return carry_out(order, peers)
    except ExnetError as error:
        peers.fail(error.diagnostics[0].concise)
        if peers.leads or not peers.first_has_failed():
            log("" if peers.leads else f"rank {peers.rank} of {peers.size}:\n")
            report(error.diagnostics)
        return code_of(error.diagnostics)
    except BaseException as error:
        peers.fail(f"{type(error).__name__}: {error}")
        raise


@contextmanager
def quiet(silent: bool) -> Generator[None, None, None]:
    """Within it, nothing is written to standard output and standard error, if `silent`."""
    if not silent:
        yield
        return
    with open(os.devnull, "w", encoding="utf-8") as nothing, redirect_stdout(nothing), redirect_stderr(nothing):
        yield
