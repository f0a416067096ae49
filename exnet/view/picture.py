"""Pictures for notebooks and programs: an SVG text that shows itself and can be saved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from exnet.compiler import spec_of
from exnet.graph import elaborate
from exnet.source import ExnetError
from exnet.source.writing import write_whole
from exnet.spec import Spec
from exnet.spec.builder import Builder
from exnet.view.curves import curves
from exnet.view.curves_svg import curves_svg
from exnet.view.quotient import quotient
from exnet.view.quotient_svg import quotient_svg
from exnet.view.rules import CANNOT_WRITE_PICTURE
from exnet.view.runs import is_run, read_runs
from exnet.view.unfolded import MOST, unfold
from exnet.view.unfolded_svg import unfolded_svg

SPEC = "spec.exn"
"""The spec in the folder of a compiled net."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as SVG text. A notebook shows it as it is."""

    svg: str = field(repr=False)

    def __repr__(self) -> str:
        return f"<Picture: {len(self.svg):,} characters of SVG; save(path) writes them>"

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        return {"image/svg+xml": self.svg, "text/plain": repr(self)}

    def save(self, path: str | PathLike[str]) -> None:
        """Writes it to a file, which appears whole or not at all.

        Raises:
            ExnetError: EXN775.
        """
        write_picture(Path(path), self.svg)


def picture(
    of: "str | PathLike[str] | Mapping[str, Any] | Spec | Builder",
    *,
    overrides: Mapping[str, int | bool] | None = None,
    unfolded: bool = False,
    most: int = MOST,
) -> Picture:
    """The picture of a spec, or the curves of a run.

    Args:
        of: the path of a file, the text of a spec, a mapping, a builder, a `Spec`, or the folder of a run or
            of a compiled net.
        overrides: values of params, as `--set` gives them.
        unfolded: every vertex instead of one box for each family.
        most: nodes of an unfolded picture.

    Raises:
        ExnetError: with everything that is wrong in it.
    """
    if isinstance(of, str | PathLike) and not _is_text(of):
        path = Path(of)
        if path.is_dir() and not is_compiled(path):
            return Picture(curves_svg(curves(read_runs(path).unwrap())))
        of = path / SPEC if path.is_dir() else of
    spec = spec_of(of, overrides).unwrap()
    graph = elaborate(spec).unwrap()
    if unfolded:
        return Picture(unfolded_svg(unfold(spec.name, graph, most).unwrap()))
    return Picture(quotient_svg(quotient(spec, graph)))


def is_compiled(folder: Path) -> bool:
    """Whether a folder holds a compiled net and no run."""
    return (folder / SPEC).is_file() and not is_run(folder)


def write_picture(path: Path, text: str) -> None:
    """Replaces a file by a picture. A device or a pipe is written to as it is.

    Raises:
        ExnetError: EXN775, with the old file untouched.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
        else:
            write_whole(path, text.encode())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        way_out = "name a file in a folder that exists and may be written"
        said = CANNOT_WRITE_PICTURE.at(None, f"`{path}` cannot be written: {reason}", help=way_out)
        raise ExnetError(said) from error


def _is_text(of: str | PathLike[str]) -> bool:
    return isinstance(of, str) and "\n" in of
