"""What the commands by which a school is entered share: their words and how they print.

Owns nothing but that. Loads nothing of the database, so that `fairgate --help` stays instant.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import typer

if TYPE_CHECKING:
    from enum import StrEnum

HAND_OVER: Final = "Hand it to the gateway with: fairgate publish"


def one_of(option: str, found: str, allowed: "Iterable[StrEnum]") -> str:
    """`found`, where it is one of `allowed`.

    Raises:
        FairgateError: it is not, and what is allowed.
    """
    from config.errors import FairgateError

    words = [str(word) for word in allowed]
    if found not in words:
        raise FairgateError(f"{option}: found {found!r}; allowed: {', '.join(words)}.")
    return found


def table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print the rows in columns."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, *rows):
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def tell(lines: Iterable[str]) -> None:
    """Print a line each."""
    for line in lines:
        typer.echo(line)
