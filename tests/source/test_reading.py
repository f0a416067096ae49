"""Files and bytes to sources."""

from pathlib import Path

from exnet.source.reading import LARGEST_FILE, read_file, source_of


def test_line_ends_and_byte_order_mark() -> None:
    source = source_of(b"\xef\xbb\xbfexnet a\r\nroot b\rend", "a.exn").unwrap()
    assert source.text == "exnet a\nroot b\nend"
    assert source.name == "a.exn"


def test_places() -> None:
    source = source_of(b"a\nbc\n\nd", "a").unwrap()
    assert [source.position(i) for i in range(7)] == [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 1), (4, 1)]
    assert [source.line(n) for n in (1, 2, 3, 4)] == ["a", "bc", "", "d"]


def test_other_encodings_are_refused_at_their_place() -> None:
    (found,) = source_of(b"exnet a\nlet gr\xf6\xdfe = x", "a.exn").diagnostics
    assert found.name == "not-utf-8"
    assert found.span is not None
    assert found.span.first == (2, 7)
    assert "0xF6" in found.message
    (found,) = source_of("exnet ö".encode("utf-16"), "a.exn").diagnostics
    assert "UTF-16" in found.message


def test_too_large() -> None:
    (found,) = source_of(b" " * (LARGEST_FILE + 1), "a.exn").diagnostics
    assert found.is_limit
    assert source_of(b" " * LARGEST_FILE, "a.exn").value is not None


def test_files(tmp_path: Path) -> None:
    (tmp_path / "a.exn").write_bytes(b"exnet a")
    assert read_file(tmp_path / "a.exn").unwrap().text == "exnet a"
    assert read_file(tmp_path / "a.exn", "short").unwrap().name == "short"
    for path, word in ((tmp_path / "b.exn", "does not exist"), (tmp_path, "folder"), ("a\0b", "not a path")):
        (found,) = read_file(path).diagnostics
        assert found.name == "unreadable-file"
        assert word in found.message
