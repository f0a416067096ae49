"""Blocks of other files, and the standard ones."""

from pathlib import Path

import pytest
from spec_checks import TAIL, spec_of

from exnet.language import format_file, parse_file
from exnet.source import Diagnostic, Source
from exnet.spec import STANDARD, Spec, analyse_source, parse
from exnet.spec.library import standard_block, standard_source


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "specs").mkdir()
    write(
        tmp_path / "lib/pieces.exn", 'exnet pieces\nimport "more/join.exn"\nblock pair(xs[n]) { yield join(tree(xs)) }'
    )
    write(
        tmp_path / "lib/more/join.exn",
        "exnet join\nparam ignored = 3\nblock join(a: vertex) { vertex v = (a) yield v }",
    )
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def read(project: Path, body: str) -> tuple[Spec | None, tuple[Diagnostic, ...]]:
    path = project / "specs/main.exn"
    path.write_text(f"exnet main\n{body}\n{TAIL}")
    outcome = analyse_source(Source(str(path), path.read_text()))
    return outcome.value, outcome.diagnostics


def names(project: Path, body: str) -> list[tuple[str, int, int]]:
    return [(d.name, *(d.span.first if d.span else (0, 0))) for d in read(project, body)[1]]


def test_a_file_sees_the_blocks_of_what_it_imports_and_no_more(project: Path) -> None:
    spec, said = read(project, 'import "../lib/pieces.exn"')
    assert said == ()
    assert spec is not None
    assert set(spec.visible) == {"pair", "tree"}
    pair = spec.blocks[spec.visible["pair"]]
    assert (pair.origin, set(pair.visible)) == ("import", {"join", "pair", "tree"})
    assert spec.constants == {}


def test_blocks_of_the_file_hide_imported_and_standard_ones(project: Path) -> None:
    body = 'import "../lib/pieces.exn"\nblock pair(xs[n]) { yield xs[0] }\nblock tree(xs[n]) { yield pair(xs) }'
    spec, _ = read(project, body)
    assert spec is not None
    mine, theirs = spec.blocks[spec.visible["tree"]], [b for b in spec.blocks if b.origin == "import"]
    assert mine.origin == "file"
    assert spec.blocks[mine.visible["pair"]].origin == "file"
    (imported,) = (b for b in theirs if b.block.name.id == "pair")
    assert spec.blocks[imported.visible["tree"]].origin == "standard"


def test_one_file_reached_twice_is_read_once(project: Path) -> None:
    spec, said = read(
        project, 'import "../lib/pieces.exn"\nimport "../lib/more/join.exn"\nimport "../lib/more/join.exn"'
    )
    assert said == ()
    assert spec is not None
    assert [b.block.name.id for b in spec.blocks].count("join") == 1


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("nowhere.exn", "import-not-found"),
        ("../lib", "import-not-found"),
        ("../pyproject.toml", "import-not-found"),
        ("../../elsewhere.exn", "import-outside-project"),
        ("/etc/hosts.exn", "import-outside-project"),
        ("main.exn", "import-cycle"),
    ],
)
def test_paths_that_cannot_be_imported(project: Path, path: str, name: str) -> None:
    assert names(project, f'import "{path}"') == [(name, 2, 8)]


def test_a_link_does_not_lead_out_of_the_project(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.exn"
    write(outside, "exnet secret\nblock s(a: vertex) { yield a }")
    (project / "specs/link.exn").symlink_to(outside)
    assert names(project, 'import "link.exn"') == [("import-outside-project", 2, 8)]


def test_cycles_through_other_files(project: Path) -> None:
    write(project / "a.exn", 'exnet a\nimport "b.exn"')
    write(project / "b.exn", 'exnet b\nimport "a.exn"')
    _, said = read(project, 'import "../a.exn"')
    (cycle,) = said
    assert cycle.name == "import-cycle"
    assert cycle.span is not None
    assert cycle.span.source.name.endswith("b.exn")


def test_two_imports_that_bring_the_same_name(project: Path) -> None:
    write(project / "other.exn", "exnet other\nblock pair(xs[n]) { yield xs[0] }")
    _, said = read(project, 'import "../lib/pieces.exn"\nimport "../other.exn"')
    (conflict,) = said
    assert conflict.name == "import-conflict"
    assert conflict.span is not None
    assert (conflict.span.first.line, conflict.labels[0].span.first.line) == (3, 2)


def test_mistakes_inside_an_imported_file(project: Path) -> None:
    write(project / "bad.exn", "exnet bad\nblock b(xs[n]) { yield xs[0 }\n")
    write(project / "twice.exn", "exnet twice\nblock b(a: vertex) { yield a }\nblock b(a: vertex) { yield a }")
    write(project / "odd.exn", "")
    (project / "odd.exn").write_bytes(b"exnet \xff")
    _, said = read(project, 'import "../bad.exn"')
    assert said[0].span is not None
    assert said[0].span.source.name.endswith("bad.exn")
    assert [d.name for d in read(project, 'import "../twice.exn"')[1]] == ["duplicate-name"]
    assert [d.name for d in read(project, 'import "../odd.exn"')[1]] == ["not-utf-8"]


def test_depth_and_number_are_limited(project: Path) -> None:
    for i in range(40):
        write(project / f"c{i}.exn", f'exnet c\nimport "c{i + 1}.exn"')
    assert [d.code for d in read(project, 'import "../c0.exn"')[1]] == ["EXN950"]
    for i in range(70):
        write(project / f"f{i}.exn", "exnet f")
    lines = "\n".join(f'import "../f{i}.exn"' for i in range(70))
    assert names(project, lines) == [("too-many-imports", line, 8) for line in range(66, 72)]


def test_a_text_has_no_folder() -> None:
    outcome = analyse_source(Source("<text>", f'exnet t\nimport "x.exn"\n{TAIL}'))
    assert [d.name for d in outcome.diagnostics] == ["import-not-found"]


@pytest.mark.parametrize("name", STANDARD)
def test_standard_blocks_are_commented_and_clean(name: str) -> None:
    source = standard_source(name)
    outcome = parse_file(source)
    assert outcome.diagnostics == ()
    assert format_file(outcome.unwrap()) == source.text
    assert source.text.startswith("# ")
    assert standard_block(name).name.id == name
    assert max(len(line) for line in source.text.splitlines()) <= 120


def test_only_applied_standard_blocks_are_there() -> None:
    assert {b.block.name.id for b in spec_of("").blocks} == {"tree"}
    spec = parse("exnet t input x[4] : real output y : class[2] root ensemble(attention(x), 2)")
    assert {b.block.name.id for b in spec.blocks} == {"attention", "ensemble", "tree"}
    assert set(spec.visible) == {"attention", "ensemble"}
    for block in spec.blocks:
        assert "tree" in block.visible
