"""What the compiled lists say of a site, as the policy in force reads them.

Owns the settling of it. Promises, in this order:
- Anything that a list's category shields is shielded, whatever else is said of the site, by any list of any quality:
  shielding harms nobody.
- The nearest host counts, then the longest path, and never across a public suffix: a rule for a domain reaches no
  other registrant's.
- Of two lists that name the same host, the one that lists.toml has first counts. Of two categories that one list puts
  it in, the one that weighs least against a person, after what the list's quality leaves of it; where they weigh the
  same, the one first in the alphabet.
- A list's exception takes the list's word away from that host and all below it.
- What the policy gives no meaning says nothing. The same file under the same policy always says the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from analytics.event import COUNTED_PURPOSES
from analytics.lists.adblock import EXCEPTED
from analytics.lists.compiled import PATHS_BELOW, CompiledLists, ListHead, Pair, open_compiled
from analytics.lists.content import OUR_OWN
from analytics.lists.shelf import in_force_file
from analytics.site_index import Levels
from config.policy import Category, ImportedList, Policy, Quality, ShieldArea, SiteList, SiteRule

_WEIGHT: Final = {"work": 0, "infrastructure": 1, "unknown": 2, "private": 3, "inappropriate": 4, "unlawful": 5}


@dataclass(frozen=True, slots=True)
class Listed:
    """What one list says of one name."""

    rule: SiteRule
    category: Category
    source: SiteList


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a host: whether it is shielded, what it is, and where to look further for each path."""

    area: ShieldArea | None
    listed: Listed | None
    path_hosts: tuple[tuple[str, bool], ...]
    """Hosts with listed paths, nearest first; whether such a path says what it is, or can only shield."""


NOTHING: Final = Found(None, None, ())


@dataclass(frozen=True, slots=True)
class _Meaning:
    """One pair of the file under the policy. `precedence` is the list's place in lists.toml."""

    precedence: int
    target: ShieldArea | Category
    source: SiteList


class ListsInForce:
    """The lists of one compiled file, under one policy. One for each thread."""

    def __init__(self, compiled: CompiledLists, policy: Policy) -> None:
        self.compiled = compiled
        self._deepest = compiled.deepest
        self._meanings = {
            pair: meaning
            for pair in {pair for pairs in compiled.meanings for pair in pairs}
            if (meaning := _meaning(pair, compiled.lists, policy)) is not None
        }
        self._settled = lru_cache(maxsize=1024)(self._settle)

    def of_host(self, host_levels: Levels) -> Found:
        """What is known of the host of these `levels` (analytics.site_index)."""
        area, listed, paths = None, None, []
        silent: frozenset[int] = frozenset()
        for name, same_domain in host_levels:
            pairs = self.compiled.find(name) if same_domain else ()
            if not pairs:
                continue
            silent |= _excepted(pairs)
            if _PATHS in pairs:
                paths.append((name, listed is None))
            shield, meaning = self._settled(pairs, silent)
            area = area or shield
            listed = listed or (_listed(name, name, "", meaning) if meaning else None)
        return Found(area, listed, tuple(paths)) if area or listed or paths else NOTHING

    def of_path(self, path_hosts: tuple[tuple[str, bool], ...], folded: str) -> tuple[ShieldArea | None, Listed | None]:
        """What is said of a folded path on a host: shield, or the longest listed path above it."""
        area, listed = None, None
        for host, decides in path_hosts:
            for path in _upwards(folded, self._deepest):
                pairs = self.compiled.find(host + path)
                if pairs:
                    shield, meaning = self._settled(pairs, frozenset())
                    area = area or shield
                    if decides and listed is None and meaning:
                        listed = _listed(host + path, host, path, meaning)
        return area, listed

    def _settle(self, pairs: tuple[Pair, ...], silent: frozenset[int]) -> tuple[ShieldArea | None, _Meaning | None]:
        said = [
            meaning for pair in pairs if pair[0] not in silent and (meaning := self._meanings.get(pair)) is not None
        ]
        said.sort(key=_favour)
        area = next((meaning.target for meaning in said if isinstance(meaning.target, ShieldArea)), None)
        return area, next((meaning for meaning in said if isinstance(meaning.target, Category)), None)


def lists_in_force(folder: Path, policy: Policy) -> ListsInForce | None:
    """The lists that the state's folder `folder` has in force; None where none ever were.

    Raises:
        ConfigError: they are damaged.
    """
    path = in_force_file(folder)
    if not path.exists():
        return None
    compiled = open_compiled(path)
    compiled.check_whole()
    return ListsInForce(compiled, policy)


_PATHS: Final[Pair] = (-1, PATHS_BELOW)


def _excepted(pairs: tuple[Pair, ...]) -> frozenset[int]:
    return frozenset(at for at, own in pairs if own == EXCEPTED)


def _listed(pattern: str, host: str, path: str, meaning: _Meaning) -> Listed:
    assert isinstance(meaning.target, Category)  # noqa: S101 - for the type checker; _settle chose it
    key = meaning.target.key
    rule = SiteRule(pattern=pattern, host=host, path=path, category=key, list_key=meaning.source.key)
    return Listed(rule, meaning.target, meaning.source)


def _upwards(path: str, deepest: int) -> Iterator[str]:
    """The path and those above it, longest first, none of more than `deepest` steps: "/a/b", "/a"."""
    steps = path.split("/", deepest + 1)[1 : deepest + 1]
    for count in range(len(steps), 0, -1):
        if steps[count - 1]:
            yield "/" + "/".join(steps[:count])


def _meaning(pair: Pair, heads: tuple[ListHead, ...], policy: Policy) -> _Meaning | None:
    """What the policy makes of a category of a list; None where it says nothing of either."""
    at, own = pair
    if at < 0 or own == EXCEPTED:
        return None
    head = heads[at]
    found = next(((n, listed) for n, listed in enumerate(policy.imported) if listed.key == head.key), None)
    if found is None:
        return None
    precedence, listed = found
    key, quality = meaning_of(own, listed)
    target = next((area for area in policy.shield if area.key == key), None) or policy.categories.get(key)
    return None if target is None else _Meaning(precedence, target, _source(listed, quality, head.version))


def meaning_of(own: str, listed: ImportedList) -> tuple[str, Quality]:
    """Our category or area for one of a list's own, and how far that can be relied on; "" where it has no meaning."""
    if own.startswith(OUR_OWN):
        return own.removeprefix(OUR_OWN) or listed.category or "", listed.quality
    for entry in listed.categories:
        if entry.own == own:
            return entry.meaning, entry.quality
    return "", listed.quality


def _source(listed: ImportedList, quality: Quality, version: str) -> SiteList:
    return SiteList(
        key=listed.key, title=listed.title, quality=quality, why=listed.why, author=listed.author, version=version
    )


def _favour(meaning: _Meaning) -> tuple[int, int, int, int, str]:
    """Sorts the earlier list first, and within it what weighs least against a person."""
    target = meaning.target
    if isinstance(target, ShieldArea):
        return meaning.precedence, 0, 0, 0, target.key
    weight = _WEIGHT[target.purpose]
    left = _WEIGHT["unknown"] if counts_for_nothing(target, meaning.source) else weight
    return meaning.precedence, left, weight, target.gravity, target.key


def counts_for_nothing(category: Category, source: SiteList) -> bool:
    """Whether the list's word is only a hint where something would count against a person."""
    return source.quality == "hint" and category.purpose in COUNTED_PURPOSES
