import sys
from pathlib import Path

import pytest

from exnet.cli.app import run
from exnet.cli.progress import Line, by_level, clock, figures

RECORD = {
    "epoch": 1,
    "step": 5,
    "seconds": 10.0,
    "loss": 0.5,
    "accuracy": 0.75,
    "levels": [{"level": 1, "accuracy": 0.5}],
}


def test_a_terminal_gets_one_line_that_is_redrawn(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    line = Line("seed 0")
    line.stepped(1, 10, 1, 2, figures(0.5, 0.75), 2.0)
    line.stepped(2, 10, 1, 2, figures(0.25, 0.75), 2.0)  # too soon to be drawn
    line.epoch_ended(RECORD, 10, 2)
    line.stepped(10, 10, 2, 2, figures(0.125, None), 20.0)  # the last one always is
    line.close()
    drawn = capsys.readouterr().err.split("\r\x1b[K")
    assert drawn[1] == "seed 0  epoch 1/2  step 1/10  loss 0.5000  root 75.0 %  0:1"  # cut at the width of the terminal
    assert drawn[2] == "seed 0  epoch 2/2  step 10/10  loss 0.1250  levels 1:50  0:"
    assert drawn[3:] == [""]


def test_elsewhere_each_epoch_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    line = Line("seed 0")
    line.stepped(5, 10, 1, 2, figures(0.5, 0.75), 10.0)
    line.epoch_ended(RECORD, 10, 2)
    line.close()
    assert capsys.readouterr().err == "seed 0  epoch 1/2  loss 0.5000  root 75.0 %  levels 1:50  0:10 left\n"


def test_levels_are_thinned_out() -> None:
    few = [{"level": 0}, {"level": 1, "accuracy": 0.5}, {"level": 2, "accuracy": 0.75}]
    assert by_level(few) == "  levels 1:50 2:75"
    many = [{"level": i, "accuracy": i / 100} for i in range(1, 101)]
    assert by_level(many) == "  levels 1:1 20:20 40:40 60:60 80:80 100:100"
    assert by_level([{"level": 1, "accuracy": None}]) == ""


def test_clock() -> None:
    assert [clock(s) for s in (0, 9.6, 75, 3600, 7325)] == ["0:00", "0:10", "1:15", "1:00:00", "2:02:05"]


def test_the_live_line_is_gone_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.exn").write_text("exnet s input x[4] : index[4] output y : class[4] root tree(x)")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert run(["train", "s.exn", "--data", "recall(length: 4, steps: 3)", "--epochs", "2", "--threads", "1"]) == 0
    last = capsys.readouterr().err.split("\r\x1b[K")[-1]
    assert last.startswith("xprop seed 0  done: test loss")
