import json
from pathlib import Path

import pytest

from exnet.cli.app import run

TABLE = "width,colour,kind\n" + "".join(
    f"{i / 3:.2f},{('red', 'blue', 'red')[i % 3]},{'ab'[i % 2]}\n" for i in range(20)
)


@pytest.fixture
def table(tmp_path: Path) -> str:
    path = tmp_path / "t.csv"
    path.write_text(TABLE)
    return str(path)


def test_a_table(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", f"csv:{table},target=kind"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    for line in (
        "  training instances  16",
        "  columns of numbers: width",
        "  classes of kind: a (8), b (8)",
        "    input numbers[1] : real[1]\n    input colour : index[2]\n    output kind : class[2]",
    ):
        assert line in shown.out
    assert "  words of colour: blue (" in shown.out


def test_as_json(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", f"csv:{table},target=kind", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["lines"][-1] == "output kind : class[2]"
    assert (found["train"], found["test"]) == (16, 4)
    assert [array["name"] for array in found["arrays"]] == ["numbers", "colour", "kind"]


def test_mistakes_point_into_the_table(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(table).write_text(TABLE.replace("0.33", "0,33"))
    assert run(["data", f"csv:{table},target=kind"]) == 1
    said = capsys.readouterr().err
    assert f"{table}:3:1" in said
    assert "0,33,blue,b" in said
    assert run(["data", f"csv:{table}x,target=kind"]) == 2
    assert run(["data", "cvs:t.csv"]) == 2
    assert "did you mean `csv`?" in capsys.readouterr().err


def test_many_columns_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"c{i}" for i in range(30)]
    rows = "".join(",".join([*(f"{i * j / 7:.3f}" for j in range(30)), "pq"[i % 2]]) + "\n" for i in range(20))
    (tmp_path / "wide.csv").write_text(",".join([*names, "y"]) + "\n" + rows)
    assert run(["data", f"csv:{tmp_path / 'wide.csv'},target=y"]) == 0
    assert "c11, and 18 more" in capsys.readouterr().out


def test_characters_that_move_the_cursor_are_written_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "odd.csv"
    words = ("a\x1b[2J", "b", "é")
    path.write_text("n,kind\n" + "".join(f'{i / 3},"{words[i % 3]}\n{i % 2}"\n' for i in range(60)))
    assert run(["data", f"csv:{path},target=kind"]) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    for word in ("a\\x1b[2J\\n0 (", "b\\n1 (", "é\\n0 ("):
        assert word in shown
