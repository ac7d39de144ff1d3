"""What `fairgate lists` tells the person at the screen.

Owns the words. Promises: every number says what it counts; what would change is said before it does; a list that is
too old, or is not in lists.toml any more, is named.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from analytics.lists.adblock import EXCEPTED
from analytics.lists.compiled import CompiledLists, ListHead
from analytics.lists.content import OUR_OWN
from analytics.lists.difference import Difference
from analytics.lists.importing import Imported
from analytics.lists.listed import meaning_of
from analytics.lists.shelf import Shelf
from config.policy import ImportedList, Policy

_DAY_MS: Final = 86_400_000
_LONDON: Final = ZoneInfo("Europe/London")


def told_of_import(imported: Imported, policy: Policy) -> Iterator[str]:
    """What was read, what was not, and what would change."""
    yield f"{imported.listed.title}: {imported.names:,} names read."
    for what, count in imported.faults.left_out.most_common():
        yield f"  left out: {count:,} {what}"
    for why, count in imported.faults.bad.most_common():
        yield f"  not taken: {count:,} lines: {why}"
    for fault in imported.faults.first:
        yield f"    {fault}"
    yield from told_of_difference(imported.difference, policy)


def told_of_difference(change: Difference, policy: Policy) -> Iterator[str]:
    """What would change, by category."""
    if not change.changes:
        yield "Nothing would change."
        return
    yield "What would change:"
    for (key, own), (added, removed) in change.changes.items():
        yield f"  {key}: {_named(own, _listed(key, policy), policy)}: {added:,} added, {removed:,} removed"
    yield (
        f"  Of the names in these lists, {change.contradicted:,} reach sites that the school's own lists call "
        "something else; there the school's own word stands."
    )


def told_of_shelf(shelf: Shelf, policy: Policy, now_ms: int) -> Iterator[str]:
    """What is in force, what waits, and what was before."""
    in_force = shelf.in_force()
    if in_force is None and shelf.in_force_path.exists():
        yield f"{shelf.in_force_path} is damaged. Go back to the lists before it: fairgate lists rollback."
    elif in_force is None:
        yield "No imported lists are in force. Get one: fairgate lists update, or fairgate lists import."
    else:
        yield f"In force, made {_day(in_force.made_ms)}, version {in_force.version}: {in_force.domains:,} domains."
        yield from _lists(in_force, policy, now_ms)
    if waiting := shelf.waiting():
        yield f"Waiting, made {_day(waiting.made_ms)}, version {waiting.version}: put in force by fairgate lists apply."
        yield from _lists(waiting, policy, now_ms)
    if count := len(shelf.earlier()):
        yield f"Kept from before: {count}. Go back to the last by fairgate lists rollback."


def _lists(compiled: CompiledLists, policy: Policy, now_ms: int) -> Iterator[str]:
    for head in compiled.lists:
        yield from _list(head, _listed(head.key, policy), policy, now_ms)


def _list(head: ListHead, listed: ImportedList | None, policy: Policy, now_ms: int) -> Iterator[str]:
    if listed is None:
        yield f"  {head.key}: {head.title}, version {head.version}: no longer in lists.toml, so it says nothing."
        return
    days = max(0, (now_ms - head.taken_ms) // _DAY_MS)
    yield f"  {head.key}: {listed.title}, version {head.version}, of {_day(head.taken_ms)}; quality: {listed.quality}"
    oldest = policy.list_sources[head.key].oldest_days
    if days > oldest:
        yield f"    WARNING: {days} days old; lists.toml allows {oldest}. Sites change hands: fairgate lists update."
    for own, count in sorted(head.counts.items()):
        yield f"    {count:>9,}  {_named(own, listed, policy)}"


def _named(own: str, listed: ImportedList | None, policy: Policy) -> str:
    """A list's own category, with what it means here: "jeux (Games, hint)"."""
    if own == EXCEPTED:
        return "exceptions, of which the list says nothing"
    if listed is None:
        return own
    key, quality = meaning_of(own, listed)
    category = policy.categories.get(key)
    area = next((area for area in policy.shield if area.key == key), None)
    if area is not None:
        return f"{_bare(own)}(shielded: {area.title})"
    return f"{_bare(own)}({category.title}, {quality})" if category else f"{own} (no meaning here)"


def _bare(own: str) -> str:
    return "all of it " if own.startswith(OUR_OWN) else f"{own} "


def _listed(key: str, policy: Policy) -> ImportedList | None:
    return next((listed for listed in policy.imported if listed.key == key), None)


def _day(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC).astimezone(_LONDON):%-d %B %Y}"
