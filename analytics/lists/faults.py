"""What became of the lines of a list that were not taken.

Owns the count of each reason and the first few lines by name. Promises: bounded, however bad a list is; nothing is
left out without being counted.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

NAMED: Final = 20
"""Bad lines named with file, line, text and reason; the rest are only counted."""
_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class Fault:
    """One bad line."""

    file: str
    line: int
    found: str
    why: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.found!r}: {self.why}"


@dataclass(slots=True)
class Faults:
    """Bad lines, and lines left out on purpose, of one reading."""

    first: list[Fault] = field(default_factory=list)
    bad: Counter[str] = field(default_factory=Counter)
    """Reason to how many lines."""
    left_out: Counter[str] = field(default_factory=Counter)
    """What was understood and is no rule for a domain, such as a list's regular expressions, to how many."""

    def add(self, file: str, line: int, found: str, why: str) -> None:
        """Count a bad line."""
        self.bad[why] += 1
        if len(self.first) < NAMED:
            shown = "".join(character if character.isprintable() else "�" for character in found[:_SHOWN])
            self.first.append(Fault(_printable(file), line, shown, why))

    def leave_out(self, what: str, times: int = 1) -> None:
        """Count something left out on purpose."""
        self.left_out[what] += times


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "�" for character in text)
