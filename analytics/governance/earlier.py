"""Told of an earlier notice: the stretches between a new notice and somebody's acknowledgement of it.

Owns that reckoning. Promises: a stretch begins when the new notice came into force and ends when they were told of it
(or another came); before somebody was first told of any notice there is none, since nothing is recorded then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analytics.governance.notices import Acknowledged, Notices


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierNotice:
    """From `from_ms` to before `until_ms` (0: until now) somebody knew an earlier notice than the one in force.

    `changed_ms` is when the one in force had come into force."""

    from_ms: int
    until_ms: int
    changed_ms: int

    def holds(self, ts_ms: int) -> bool:
        """Whether `ts_ms` lies in it."""
        return self.from_ms <= ts_ms and (not self.until_ms or ts_ms < self.until_ms)


def earlier_notices(notices: Notices, person_id: str) -> tuple[EarlierNotice, ...]:
    """The stretches of one person, in order."""
    return stretches(notices.in_force_since(), [each for each in notices.acknowledged() if each.person_id == person_id])


def stretches(versions: Sequence[tuple[str, int]], told: Iterable[Acknowledged]) -> tuple[EarlierNotice, ...]:
    """The stretches of one person, who acknowledged `told`; `versions` are those that were in force, in order."""
    first: dict[str, int] = {}
    for each in told:
        first[each.policy_version] = min(each.told_ms, first.get(each.policy_version, each.told_ms))
    if not first:
        return ()
    ever, found = min(first.values()), []
    for place, (version, changed) in enumerate(versions):
        ends = [end for end in (_after(versions, place), first.get(version, 0)) if end]
        begin, until = max(changed, ever), min(ends, default=0)
        if not until or begin < until:
            found.append(EarlierNotice(from_ms=begin, until_ms=until, changed_ms=changed))
    return tuple(found)


def at(found: Iterable[EarlierNotice], ts_ms: int) -> EarlierNotice | None:
    """The stretch that `ts_ms` lies in."""
    return next((each for each in found if each.holds(ts_ms)), None)


def _after(versions: Sequence[tuple[str, int]], place: int) -> int:
    """When the next version came into force; 0 where none did."""
    return versions[place + 1][1] if place + 1 < len(versions) else 0
