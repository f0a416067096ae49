"""Damaged texts: never an exception, always a diagnostic with a way out, and always text that a terminal can show."""

import random
from pathlib import Path

import pytest

from exnet.language import format_file, parse_file
from exnet.language.grammar import reserved_words
from exnet.source import Source
from exnet.source.render import render_github, render_json, render_sarif, render_text

FILES = [path.read_text() for path in sorted((Path(__file__).parents[2] / "grammar/accept").glob("*.exn"))]
SIGNS = [*"()[]{}=:,.#\"'+-*/%<>!&|;\n 0x\té", "..", "..=", "//", "**", ">>"]


def damaged(chance: random.Random) -> str:
    """A good text with a few pieces cut out or put in."""
    text = chance.choice(FILES)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(text) + 1)
        end = start + chance.choice((0, 0, 1, 3, 20))
        piece = chance.choice([*SIGNS, *reserved_words()]) * chance.choice((0, 1, 1, 2))
        text = text[:start] + piece + text[end:]
    return text


@pytest.mark.parametrize("part", range(4))
def test_damaged_texts(part: int) -> None:
    chance = random.Random(part)
    for _ in range(300):
        text = damaged(chance)
        outcome = parse_file(Source("damaged.exn", text))
        if outcome.value is not None:
            assert parse_file(Source("again", format_file(outcome.value))).value is not None
            continue
        assert outcome.diagnostics
        assert all(d.is_error and d.help for d in outcome.diagnostics), text
        for render in (render_text, render_github, render_json, render_sarif):
            assert render(outcome.diagnostics)
