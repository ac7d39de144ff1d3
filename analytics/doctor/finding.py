"""What a check finds: one sentence what, one where, one what to do."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How much it matters."""

    MEND = "mend"
    """Something that Fairgate promises does not hold until this is mended."""
    NOTE = "note"
    """Worth knowing, and perhaps meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found. `check` is added by whoever ran it."""

    level: Level
    what: str
    where: str
    fix: str
    check: str = ""

    @property
    def line(self) -> str:
        """The finding on one line."""
        return f"{self.level.upper()} [{self.check}] {self.what} Where: {self.where}. {self.fix}"

    @property
    def plain(self) -> dict[str, Any]:
        """The finding for programs."""
        return {name: str(value) for name, value in asdict(self).items()}


type Findings = Iterator[Finding]


def mend(what: str, where: object, fix: str) -> Finding:
    """Something that must be mended."""
    return Finding(level=Level.MEND, what=what, where=str(where), fix=fix)


def note(what: str, where: object, fix: str) -> Finding:
    """Something worth knowing."""
    return Finding(level=Level.NOTE, what=what, where=str(where), fix=fix)
