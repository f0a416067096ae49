"""What can be said about a spec: one value for each kind of message, its documentation inside it."""

from dataclasses import dataclass

from exnet.source.diagnostic import Diagnostic, Fix, Label, Severity
from exnet.source.text import Span


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of message.

    Args:
        code: `EXN` and three digits. The hundreds name the family: 0 text and syntax, 1 names and kinds, 2 domains
            and reads, 3 sharing and blocks, 4 declarations and options, 5 doubts, 6 data and runs, 7 stored files,
            9 limits.
        name: the identity, in kebab case; reads naturally after "allow".
        summary: one sentence, what it is about.
        why: why it is a mistake (or a doubt), one to three sentences.
        bad: a spec (or a part) that triggers it. Complete files start with `exnet`.
        good: the same, put right.
        severity: `error` unless it is a doubt.
    """

    code: str
    name: str
    summary: str
    why: str = ""
    bad: str = ""
    good: str = ""
    severity: Severity = Severity.ERROR

    def at(
        self,
        span: Span | None,
        message: str,
        *,
        help: str = "",
        labels: tuple[Label, ...] = (),
        label: str = "",
        notes: tuple[str, ...] = (),
        fix: Fix | None = None,
    ) -> Diagnostic:
        """The diagnostic of this rule at a place.

        Args:
            span: the place, or None where there is none (a missing file, a limit of the machine).
            message: one lower-case sentence with the user's own words in backticks.
            help: one line, what to write instead.
            labels: other places that matter ("defined here").
            label: what stands beside the caret of the primary span.
            notes: further lines, for instance the way through applied blocks.
            fix: an edit that puts it right.
        """
        place = span and span.shown
        if place is not span:  # the text was written by a program, and is not there to be edited
            fix = None
        labels = tuple(Label(mark.span.shown, mark.text) for mark in labels)
        return Diagnostic(self.code, self.name, self.severity, message, place, label, labels, help, notes, fix)
