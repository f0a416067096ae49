"""Colours of the terminal, or none."""

from dataclasses import dataclass

from exnet.source.diagnostic import Severity

COLORS = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;36"}


@dataclass(frozen=True, slots=True)
class Paint:
    """Wraps text in colour codes, if it is `on`."""

    on: bool = True

    def severity(self, severity: Severity, text: str) -> str:
        """In the colour of a severity."""
        return self.code(COLORS[severity], text)

    def frame(self, text: str) -> str:
        """Line numbers, bars and second places."""
        return self.code("34", text)

    def strong(self, text: str) -> str:
        """The first line of a message."""
        return self.code("1", text)

    def code(self, code: str, text: str) -> str:
        """Any colour; what is nested starts again after the inner text."""
        if not self.on:
            return text
        return f"\x1b[{code}m" + text.replace("\x1b[0m", f"\x1b[0m\x1b[{code}m") + "\x1b[0m"


PLAIN = Paint(on=False)
