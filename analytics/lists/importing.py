"""`fairgate lists import` and `update`: from a file, or from the publisher, to lists that wait.

Owns the order of the steps: fetch, read, keep, compile, compare. Promises: nothing is in force before it was applied;
where a step fails, what is in force and what waits stay as they were; one such command runs at a time.
"""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from analytics.durable import write_whole
from analytics.lists.content import read_content, text_of
from analytics.lists.difference import Difference, difference
from analytics.lists.faults import Faults
from analytics.lists.fetching import fetch
from analytics.lists.shelf import Shelf
from config.errors import ConfigError, FairgateError
from config.policy import ImportedList, ListFormat, Policy
from config.state import StateFolder

_EXAMPLE = (
    '[{key}]\ntitle = "..."\nquality = "hint"\nformat = "plain"\ncategory = "advertising"\nwhy = "..."\nauthor = "..."'
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of one import."""

    listed: ImportedList
    faults: Faults
    names: int
    difference: Difference


@contextmanager
def opened_shelf(state: StateFolder) -> Iterator[Shelf]:
    """The school's shelf, for one command at a time.

    Raises:
        FairgateError: another one is at work.
    """
    lock = state.lock("lists")
    try:
        yield Shelf(state.lists)
    except OSError as fault:
        raise FairgateError(f"{state.lists} cannot be written ({fault.strerror}). Nothing changed.") from fault
    finally:
        lock.close()


def declared(policy: Policy, key: str) -> ImportedList:
    """The list `key` of lists.toml.

    Raises:
        ConfigError: it is not declared there.
    """
    for listed in policy.imported:
        if listed.key == key:
            return listed
    known = ", ".join(listed.key for listed in policy.imported) or "none"
    raise ConfigError(
        f"lists.toml declares no imported list {key!r} (it has: {known}). Say first what it is and what it means:\n"
        f"{_EXAMPLE.format(key=key)}"
    )


def import_file(
    shelf: Shelf,
    policy: Policy,
    key: str,
    path: Path,
    form: ListFormat | None = None,
    category: str | None = None,
    taken_ms: int | None = None,
) -> Imported:
    """Read `path` as the list `key` and let it wait. `form` and `category` are those of lists.toml where not given.

    Raises:
        FairgateError: it cannot be taken; nothing changed.
    """
    listed = declared(policy, key)
    form = form or listed.format
    _check_category(policy, form, category, listed)
    if not path.exists():
        raise ConfigError(f"{path} does not exist. Name the list's file, archive or folder.")
    faults = Faults()
    content = read_content(path, listed, form, category or "", faults)
    names = sum(map(len, content.values()))
    now = time.time_ns() // 1_000_000
    before = shelf.in_force()
    waiting = shelf.stage(key, text_of(content), policy.imported, now, taken_ms or now)
    return Imported(listed, faults, names, difference(shelf, before, waiting, policy))


def update_list(shelf: Shelf, policy: Policy, key: str) -> Imported | None:
    """Fetch the list `key` from its publisher and let it wait; None where it did not change since it was fetched.

    Raises:
        FairgateError: it was not taken; nothing changed.
    """
    declared(policy, key)
    source, notes = policy.list_sources[key], _Notes(shelf, key)
    now = time.time_ns() // 1_000_000
    with tempfile.TemporaryDirectory(prefix="fairgate-list-") as folder:
        to = Path(folder) / "fetched"
        fetched = fetch(source, notes.etag(source.address), to, now)
        if fetched is None:
            return None
        imported = import_file(shelf, policy, key, to, taken_ms=fetched.published_ms or now)
    notes.remember(source.address, fetched.etag)
    return imported


class _Notes:
    """What is remembered of the last fetch, while what it brought is still here."""

    def __init__(self, shelf: Shelf, key: str) -> None:
        self._shelf, self._key = shelf, key
        self._path = shelf.content(key, "x").with_name("fetched.json")

    def etag(self, address: str | None) -> str:
        """The ETag of what waits or is in force; "" where it is not known to be that."""
        try:
            told = json.loads(self._path.read_text("utf-8"))
            fits = told["address"] == address and told["version"] == self._version()
            return str(told["etag"]) if fits else ""
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def remember(self, address: str | None, etag: str) -> None:
        told = {"address": address, "etag": etag, "version": self._version()}
        write_whole(self._path, json.dumps(told).encode())

    def _version(self) -> str | None:
        newest = self._shelf.waiting() or self._shelf.in_force()
        heads = newest.lists if newest else ()
        return next((head.version for head in heads if head.key == self._key), None)


def _check_category(policy: Policy, form: ListFormat, category: str | None, listed: ImportedList) -> None:
    own = form in ("ut1", "csv")
    if own and category is not None:
        raise ConfigError(f"A list in the format {form} has its own categories: lists.toml says what each means.")
    if not own and category is None and listed.category is None:
        raise ConfigError(f"A list in the format {form} has no categories. Say what it lists, with --category.")
    known = {*policy.categories, *(area.key for area in policy.shield)}
    if category is not None and category not in known:
        raise ConfigError(
            f"--category: found {category!r}; allowed: a category of categories.toml or an area of shield.toml."
        )
