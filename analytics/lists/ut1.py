"""Lists in the form of UT1 and SquidGuard: a folder a category, holding `domains`, `urls`, `expressions`, `usage`.

Owns the reading of such archives and folders. Promises: a category's other names (a link to its folder, or the names
in its `usage`) are known as such and never taken twice; regular expressions are not understood, so they are counted
and left out; a category is read even where a part of it is missing.
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from analytics.lists.archive import Member, members
from analytics.lists.faults import Faults
from analytics.lists.lines import text_lines
from analytics.lists.plain import Rule, read_plain
from config.errors import ConfigError

_KINDS: Final = ("black", "white")
"""What `usage` says a category is for. The school decides that for itself."""
_RULES: Final = ("domains", "urls")


class Ut1:
    """One archive or folder; `aliases` (another name to the folder's own) are whole when `rules` has ended."""

    def __init__(self, path: Path, faults: Faults) -> None:
        self._path, self._faults = path, faults
        self.aliases: dict[str, str] = {}
        self.categories: set[str] = set()

    def rules(self) -> Iterator[Rule]:
        """Everything listed, in the archive's order.

        Raises:
            ConfigError: it cannot be read whole, or holds no category.
        """
        for member in members(self._path):
            if member.link is not None:
                self._alias(member, member.link)
            elif len(member.parts) >= 2:
                yield from self._file(member, *member.parts[-2:])
        if not self.categories:
            raise ConfigError(
                f"{self._path} holds no category: allowed is a folder for each, with a file `domains` or `urls`."
            )

    def _file(self, member: Member, category: str, name: str) -> Iterator[Rule]:
        assert member.stream is not None  # noqa: S101 - for the type checker; it is no link
        file = f"{category}/{name}"
        if name in _RULES:
            self.categories.add(category)
            yield from read_plain(member.stream, file, category, self._faults)
        elif name == "expressions":
            count = sum(1 for _, text in text_lines(member.stream, file, self._faults) if not text.startswith("#"))
            self._faults.leave_out("regular expressions", count)
        elif name == "usage":
            for _, text in text_lines(member.stream, file, self._faults):
                if not text.startswith("#") and text not in (*_KINDS, category):
                    self.aliases.setdefault(text, category)

    def _alias(self, member: Member, target: str) -> None:
        """A link beside the folders of the categories, to one of them; anything else leads nowhere here."""
        parts = PurePosixPath(target).parts
        if (
            len(parts) == 1
            and parts[0] not in ("..", "/")
            and member.parts[-1] not in (*_RULES, "usage", "expressions")
        ):
            self.aliases[member.parts[-1]] = parts[0]
        else:
            self._faults.leave_out("links to somewhere else")
