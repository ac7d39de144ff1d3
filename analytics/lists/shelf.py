"""The folder STATE/lists: which lists are in force, which wait to be, and which were before.

Owns the files below it: `in-force.lists` and `waiting.lists` (analytics.lists.compiled), `earlier/` with those in force
before, and its mark `forgotten` once an older one was let go of, `content/LIST/VERSION.txt` with what each list holds.
Promises: what is in force changes by one rename, so a reader sees the old lists or the new ones, never half; nothing
but `apply` and `roll_back` changes it, and only to a file that is whole or, back from the first ever, to none; a crash
at any point leaves lists that work; content that no file needs is removed.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from analytics.durable import sync_folder, write_whole
from analytics.lists.compiled import CompiledLists, open_compiled
from analytics.lists.compiler import Source, compile_lists
from analytics.lists.content import kept_rules, version_of
from config.errors import ConfigError
from config.policy import ImportedList

KEPT: Final = 5
"""Lists that were in force before, the newest of them."""


def in_force_file(folder: Path) -> Path:
    """The compiled lists in force; there is no such file until some were applied."""
    return folder / "in-force.lists"


@dataclass(frozen=True, slots=True)
class Held:
    """One version of one list whose content is here."""

    key: str
    version: str
    taken_ms: int


class Shelf:
    """The lists of one school, in `folder`, which exists."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.in_force_path = in_force_file(folder)
        self.waiting_path = folder / "waiting.lists"
        self._earlier = folder / "earlier"
        self._forgotten = self._earlier / "forgotten"
        for inner in (self._earlier, folder / "content"):
            inner.mkdir(mode=0o700, exist_ok=True)

    def in_force(self) -> CompiledLists | None:
        """The lists in force; None where none are, or the file is damaged."""
        return _sound(self.in_force_path)

    def waiting(self) -> CompiledLists | None:
        """The lists that wait to be put in force; None where none do, or the file is damaged."""
        return _sound(self.waiting_path)

    def earlier(self) -> list[Path]:
        """The files that were in force before, the newest first."""
        found = [path for path in self._earlier.glob("*.lists") if path.stem.isdecimal()]
        return sorted(found, key=lambda path: int(path.stem), reverse=True)

    def content(self, key: str, version: str) -> Path:
        return self._folder / "content" / key / f"{version}.txt"

    def stage(
        self, key: str, text: bytes, imported: Sequence[ImportedList], now_ms: int, taken_ms: int
    ) -> CompiledLists:
        """Let the list `key` with the content `text` wait, beside the other lists in force or already waiting.

        `imported` are the policy's lists: the order of precedence; one that it no longer has is left behind.

        Raises:
            ConfigError: the content of another list is gone or was changed.
            OSError: the disk is full or refuses.
        """
        fresh = Held(key, version_of(text), taken_ms)
        path = self.content(key, fresh.version)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_whole(path, text)
        held = self._held() | {key: fresh}
        compile_lists(
            [self._source(listed, held) for listed in imported if listed.key in held], self.waiting_path, now_ms
        )
        self._tidy()
        waiting = open_compiled(self.waiting_path)
        waiting.check_whole()
        return waiting

    def apply(self) -> CompiledLists:
        """Put what waits in force, and keep what was.

        Raises:
            ConfigError: nothing waits, or it is damaged.
        """
        if not self.waiting_path.exists():
            raise ConfigError("No lists wait to be put in force. Import some: fairgate lists import, or update.")
        open_compiled(self.waiting_path).check_whole()
        if self.in_force() is not None:
            self._keep_what_is_in_force()
        self.waiting_path.replace(self.in_force_path)
        sync_folder(self._folder)
        self._tidy()
        return open_compiled(self.in_force_path)

    def roll_back(self) -> CompiledLists | None:
        """Put the lists before in force again; those in force, and any that wait, are let go of.

        None: those in force were the first ever, so none are in force now.

        Raises:
            ConfigError: none are in force; or those before are damaged, or no longer kept.
        """
        before, passed = self._before()
        if before is None:
            self._refuse_unless_first(passed)
        for path in (self.waiting_path, *passed):
            path.unlink(missing_ok=True)
        if before is None:
            self.in_force_path.unlink()
        else:
            before.replace(self.in_force_path)
        sync_folder(self._folder)
        sync_folder(self._earlier)
        self._tidy()
        return None if before is None else open_compiled(self.in_force_path)

    def _before(self) -> tuple[Path | None, list[Path]]:
        """The newest whole lists before those in force, and what is passed over: damaged, or left by a crash."""
        now = self._inode(self.in_force_path)
        passed: list[Path] = []
        for before in self.earlier():
            if self._inode(before) != now and _sound(before) is not None:
                return before, passed
            # What a crash left of an apply, or damaged: let go of with the lists in force.
            passed.append(before)
        return None, passed

    def _refuse_unless_first(self, passed: Sequence[Path]) -> None:
        """To have none in force takes what they shield away, so it is only gone back to where it was so before."""
        now = self._inode(self.in_force_path)
        if now == -1:
            raise ConfigError("No imported lists are in force, and there is nothing before that to go back to.")
        if self._forgotten.exists():
            raise ConfigError("The lists before these are no longer kept, so there is nothing to go back to.")
        if any(self._inode(path) != now for path in passed):
            raise ConfigError("The lists before these are damaged, so there is nothing to go back to.")

    def _keep_what_is_in_force(self) -> None:
        """A second name for the file, so that at no moment nothing is in force."""
        newest = next(iter(self.earlier()), None)
        if newest is not None and self._inode(newest) == self._inode(self.in_force_path):
            return
        serial = int(newest.stem) + 1 if newest else 1
        os.link(self.in_force_path, self._earlier / f"{serial}.lists")
        sync_folder(self._earlier)

    def _held(self) -> dict[str, Held]:
        """What the waiting file holds, else the one in force."""
        base = self.waiting() or self.in_force()
        return {head.key: Held(head.key, head.version, head.taken_ms) for head in base.lists} if base else {}

    def _source(self, listed: ImportedList, held: Mapping[str, Held]) -> Source:
        one = held[listed.key]
        return Source(listed, one.version, one.taken_ms, kept_rules(self.content(one.key, one.version)))

    def _tidy(self) -> None:
        for old in self.earlier()[KEPT:]:
            self._forgotten.touch(mode=0o600)
            sync_folder(self._earlier)
            old.unlink()
        needed: set[Path] = set()
        for path in (self.in_force_path, self.waiting_path, *self.earlier()):
            needed |= self._contents_of(path)
        for path in (self._folder / "content").glob("*/*.txt"):
            if path not in needed:
                path.unlink()

    def _contents_of(self, path: Path) -> set[Path]:
        found = _sound(path)
        return {self.content(head.key, head.version) for head in found.lists} if found else set()

    @staticmethod
    def _inode(path: Path) -> int:
        try:
            return path.stat().st_ino
        except OSError:
            return -1


def _sound(path: Path) -> CompiledLists | None:
    """The compiled lists at `path`, where they are whole."""
    try:
        found = open_compiled(path)
        found.check_whole()
    except ConfigError:
        return None
    return found
