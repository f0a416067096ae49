"""`exnet train` as one of several processes: the first one speaks, and an error of any ends all with a message."""

from collections.abc import Generator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO

import typer

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
        return one_of_several(order, peers)


def one_of_several(order: Order, peers: Peers) -> int:
    """What this process does among its peers; the exit code. What goes wrong is told to the others first.

    Where all processes fail alike the first one alone says why.
    """
    with heard(peers.leads) as said:
        try:
            return carry_out(order, peers)
        except ExnetError as error:
            peers.fail(error.diagnostics[0].concise)
            report(error.diagnostics)
            code = int(code_of(error.diagnostics))
        except typer.Exit as end:
            code = int(end.exit_code)
            peers.fail((said.getvalue().splitlines() or ["its own message says why"])[0])
        except BaseException as error:
            peers.fail(f"{type(error).__name__}: {error}")
            raise
    if not peers.leads and code and not peers.first_has_failed():
        log(f"rank {peers.rank} of {peers.size}:\n{said.getvalue()}")
    return code


@contextmanager
def heard(aloud: bool) -> Generator[StringIO, None, None]:
    """Within it, unless `aloud`, nothing is written, and what would go to standard error is kept."""
    kept = StringIO()
    if aloud:
        yield kept
        return
    with redirect_stdout(StringIO()), redirect_stderr(kept):
        yield kept
