"""The tutorial can be followed: its files are written and its commands run, in order, in an empty folder.

A command must succeed, or fail where the line says `# fails`. A `text` block shows what the commands before it print,
exactly; where training or time enters, the figures may differ, the words may not.
`pytest --update-golden` writes the outputs into the page.
"""

import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from exnet.cli import app

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "tutorial.md"
FENCE = re.compile(r"^```(\w+)( fragment)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"as `([\w.]+)`:\n\n\Z")
VARYING = ("compile", "train", "eval", "predict")


@dataclass
class Reader:
    """Somebody who does what the page says."""

    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch
    printed: list[str] = field(default_factory=list)
    exact: bool = True

    def write(self, before: str, text: str) -> None:
        """Saves a block under the name that stands before it, or puts its one line into the spec."""
        named = NAMED.search(before)
        if named:
            Path(named[1]).write_text(text)
            return
        spec = Path("flowers.exn")
        head = text.split("=")[0].split("(")[0]
        lines = spec.read_text().splitlines(keepends=True)
        kept = [text if line.startswith(head) else line for line in lines]
        spec.write_text("".join(kept if text in kept else [*lines, "\n", text]))

    def run(self, text: str) -> None:
        """Runs every line; what they print is kept."""
        self.printed, self.exact = [], True
        for line in text.splitlines():
            assert line.startswith("$ "), line
            words = shlex.split(line.removeprefix("$ "), comments=True)
            code = self.exnet(words[1:]) if words[0] == "exnet" else self.other(words)
            assert (code != 0) == line.endswith("# fails"), (line, code, "".join(self.printed))

    def exnet(self, words: list[str]) -> int:
        """Runs a verb as the command does; the exit code."""
        self.exact &= words[0] not in VARYING
        self.patch.setattr("sys.argv", ["exnet", *words])
        code: object = 0
        try:
            app.main()
        except SystemExit as end:
            code = end.code or 0
        out, err = self.capture.readouterr()
        self.printed.append(out or (err if code else ""))
        assert isinstance(code, int)
        return code

    def other(self, words: list[str]) -> int:
        """Runs a program."""
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        self.printed.append(done.stdout)
        return done.returncode

    def shown(self) -> str:
        """What the last block printed, as the page has it."""
        return "\n".join(line.rstrip() for line in "".join(self.printed).strip().splitlines()) + "\n"


def rough(text: str) -> list[list[str]]:
    """The words, with every number replaced by a sign."""
    return [re.sub(r"\d+(\.\d+)?(e-?\d+)?", "0", line).split() for line in text.splitlines()]


def test_it_can_be_followed(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    text, reader, at, made = PAGE.read_text(), Reader(capsys, monkeypatch), 0, ""
    for block in FENCE.finditer(text):
        kind, body = block[1], block[3]
        made += text[at : block.start(3)] + (reader.shown() if kind == "text" else body)
        at = block.end(3)
        if kind == "console":
            reader.run(body)
        elif kind != "text":
            reader.write(text[: block.start()], body)
        elif not request.config.getoption("--update-golden"):
            assert body == reader.shown() if reader.exact else rough(body) == rough(reader.shown()), reader.shown()
    if request.config.getoption("--update-golden"):
        PAGE.write_text(made + text[at:])
    for picture in ("flowers.svg", "curves.svg"):
        assert Path(picture).read_text().startswith("<svg"), picture
    assert Path("runs/flowers/run.json").exists()
