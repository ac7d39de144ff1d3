"""The person-days whose visits are still to be rebuilt, durably.

Promises: what was added is on disk before `add` returns and stays until it is removed, so a loader that dies between
loading and rebuilding owes no page its visits; the day waiting longest comes first; a damaged file is refused by name
rather than forgotten.
"""

import json
from collections.abc import Iterable
from datetime import date
from itertools import islice
from pathlib import Path

from analytics.durable import write_whole
from analytics.rebuild import PersonDay
from config.errors import FairgateError


class Pending:
    """The list kept in the file at `path`."""

    def __init__(self, path: Path) -> None:
        """Read what an earlier loader left.

        Raises:
            FairgateError: the file is damaged.
        """
        self._path = path
        self._days: dict[PersonDay, None] = dict.fromkeys(_read(path))

    def __len__(self) -> int:
        return len(self._days)

    def add(self, days: Iterable[PersonDay]) -> None:
        """Note that these are to be rebuilt.

        Raises:
            OSError: the disk is full or refuses.
        """
        fresh = dict.fromkeys(day for day in days if day not in self._days)
        if fresh:
            self._days |= fresh
            self._write()

    def next_day(self, most: int) -> list[PersonDay]:
        """Up to `most` of them, all of the day that has waited longest: one day's events lie together in the store."""
        if not self._days:
            return []
        _, day = next(iter(self._days))
        return list(islice((pair for pair in self._days if pair[1] == day), most))

    def remove(self, days: Iterable[PersonDay]) -> None:
        """They have been rebuilt.

        Raises:
            OSError: the disk is full or refuses; they are then rebuilt once more, which is harmless.
        """
        for day in days:
            self._days.pop(day, None)
        self._write()

    def _write(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self._path, json.dumps([[person, day.isoformat()] for person, day in self._days]).encode())


def _read(path: Path) -> list[PersonDay]:
    try:
        return [(str(person), date.fromisoformat(day)) for person, day in json.loads(path.read_bytes())]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError) as fault:
        raise FairgateError(
            f"{path} is damaged, so which pages are behind is not known. Remove it, and the .ack files beside it: "
            "everything still in the spool is then loaded again, and counted once."
        ) from fault
