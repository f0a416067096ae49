"""Writes the folder of a run while it goes on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exnet.export.checkpoint import Moment
from exnet.export.folder import METRICS, RUN, append_line, write_json
from exnet.export.resume import save_state
from exnet.learn.observer import Observer
from exnet.learn.state import State
from exnet.passing.net import ExtractionNet


class Recorder(Observer):
    """Keeps a run in its folder, which holds the plan already.

    Args:
        folder: of the run.
        moment: of its start, without step and epoch.
        about: its options, for run.json.
    """

    def __init__(self, folder: Path, moment: Moment, about: Mapping[str, Any]) -> None:
        self._folder, self._moment, self._about = folder, moment, about
        self.end("running", {})

    def epoch_ended(self, record: Mapping[str, Any], net: ExtractionNet, state: State) -> None:
        """Adds a line of metrics, and saves."""
        if record["epoch"]:
            append_line(self._folder / METRICS, record)
        save_state(self._folder, net, state, self._moment)

    def stopped(self, record: Mapping[str, Any], net: ExtractionNet, state: State) -> None:
        """Saves; the figures of the unfinished epoch are kept and marked."""
        append_line(self._folder / METRICS, {**record, "unfinished": True})
        save_state(self._folder, net, state, self._moment)

    def end(self, status: str, more: Mapping[str, Any]) -> None:
        """Notes how the run stands."""
        write_json(self._folder / RUN, {**self._about, "status": status, **more})
