"""`exnet fmt`: writes in one step, or says what it would do."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import GOOD

Run = Callable[..., "subprocess.CompletedProcess[str]"]
UGLY = "exnet t\n\n\n\ninput x[4]:real[2] # data\noutput y : class[2]\n\nroot tree( x )"
NICE = "exnet t\n\ninput  x[4] : real[2]  # data\noutput y    : class[2]\n\nroot tree(x)\n"


def test_files_are_rewritten_once(exnet: Run, tmp_path: Path) -> None:
    file = tmp_path / "ugly.exn"
    file.write_text(UGLY)
    os.chmod(file, 0o640)
    (tmp_path / "link.exn").symlink_to(file)
    done = exnet("fmt", "link.exn", "good.exn")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "reformatted link.exn\n"
    assert file.read_text() == NICE
    assert file.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "link.exn").is_symlink()
    assert exnet("fmt", ".").stderr == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.exn", "good.exn", "link.exn", "ugly.exn"]


def test_check_and_diff_write_nothing(exnet: Run, tmp_path: Path) -> None:
    (tmp_path / "ugly.exn").write_text(UGLY)
    done = exnet("fmt", "--check", ".")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "would reformat ugly.exn\n")
    done = exnet("fmt", "--diff", "ugly.exn")
    assert done.returncode == 1
    assert "-input x[4]:real[2] # data\n" in done.stdout
    assert "+input  x[4] : real[2]  # data\n" in done.stdout
    assert "no newline at end of file" in done.stdout
    assert (tmp_path / "ugly.exn").read_text() == UGLY
    assert exnet("fmt", "--check", "good.exn").returncode == 0


def test_line_ends_and_byte_order_mark_are_put_right(exnet: Run, tmp_path: Path) -> None:
    (tmp_path / "dos.exn").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert exnet("fmt", "--check", "dos.exn").returncode == 1
    assert exnet("fmt", "dos.exn").returncode == 0
    assert (tmp_path / "dos.exn").read_bytes() == GOOD.encode()


def test_standard_input(exnet: Run) -> None:
    done = exnet("fmt", "-", stdin=UGLY)
    assert (done.returncode, done.stdout, done.stderr) == (0, NICE, "")
    assert exnet("fmt", "--check", "-", stdin=UGLY).returncode == 1


def test_broken_files_are_left_alone(exnet: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.exn").write_text("exnet t\nroot (\n")
    (tmp_path / "ugly.exn").write_text(UGLY)
    done = exnet("fmt", "broken.exn", "ugly.exn", "none.exn")
    assert done.returncode == 2
    assert "EXN005" in done.stderr
    assert "none.exn" in done.stderr
    assert (tmp_path / "broken.exn").read_text() == "exnet t\nroot (\n"
    assert (tmp_path / "ugly.exn").read_text() == NICE
