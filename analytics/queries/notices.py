"""Who was told of the notice, how, and who is outstanding since when, as its readers may see it.

Owns `notice_register` and `own_notice`. Promises: who decides sees those they decide for, and never themselves there;
everybody else sees their own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from analytics.governance.audit import Action
from analytics.governance.database import now_ms
from analytics.governance.notices import Acknowledged
from analytics.governance.people import StaffMember
from analytics.queries.access import decides_for
from analytics.queries.london import london_today
from analytics.queries.reading import Reading

type State = Literal["told", "earlier", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """One person and the notice in force. Times are UTC ms, 0 where there is none."""

    person_id: str
    name: str
    person_type: str
    state: State
    """Told of the notice in force, of an earlier one only, or of none."""
    told_ms: int
    """When they were first told of the notice in force; of the last earlier one where the state is "earlier"."""
    how: str
    """How, of that; "" where there is none."""
    last_ms: int
    """When they last acknowledged it."""
    outstanding_ms: int
    """Since when they are outstanding: since it came into force, or since they came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRegister:
    """Everybody whom the viewer decides for, those outstanding first, the longest first."""

    notice_version: str
    in_force_ms: int
    rows: tuple[NoticeRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNotice:
    """What somebody was told themselves: first of the notice in force, first of any, last of the one in force."""

    told_ms: int
    ever_ms: int
    last_ms: int


def notice_register(reading: Reading) -> NoticeRegister:
    """Who was told and who is outstanding, for whoever decides; the look is noted.

    Raises:
        AccessDenied: not for this role and purpose.
    """
    register, notices = reading.check("notice_register"), reading.governance.notices
    reading.note_look("", Action.LOOKED_AT_NOTICES, f"notices, seen on {london_today()}")
    theirs, now = decides_for(reading.viewer, register), now_ms()
    version, since = _in_force(notices.in_force_since())
    by_person: dict[str, list[Acknowledged]] = {}
    for each in notices.acknowledged():
        by_person.setdefault(each.person_id, []).append(each)
    people = [person for person in register.people.values() if not 0 < person.until_ms <= now]
    rows = [
        _row(person, by_person.get(person.person_id, []), version, since)
        for person in people
        if person.person_id in theirs
    ]
    rows.sort(key=lambda row: (not row.outstanding_ms, row.outstanding_ms, row.name))
    return NoticeRegister(notice_version=version, in_force_ms=since, rows=tuple(rows))


def own_notice(reading: Reading) -> OwnNotice | None:
    """What the viewer was told; None where they are not on the staff.

    Raises:
        AccessDenied: not for this purpose.
    """
    reading.check("own_notice")
    own, notices = reading.viewer.person_id, reading.governance.notices
    if own is None:
        return None
    found: Iterable[Mapping[str, int]] = (notices.told(), notices.first_told(), notices.last_told())
    told, ever, last = (times.get(own, 0) for times in found)
    return OwnNotice(told_ms=told, ever_ms=ever, last_ms=last)


def _row(person: StaffMember, told: list[Acknowledged], version: str, since_ms: int) -> NoticeRow:
    of_this = [each for each in told if each.policy_version == version]
    state: State = "told" if of_this else "earlier" if told else "never"
    shown = of_this[0] if of_this else told[-1] if told else None
    return NoticeRow(
        person_id=person.person_id,
        name=person.name,
        person_type=str(person.person_type),
        state=state,
        told_ms=shown.told_ms if shown else 0,
        how=str(shown.how) if shown else "",
        last_ms=max((each.told_ms for each in of_this), default=0),
        outstanding_ms=0 if of_this else max(person.from_ms, since_ms, 1),
    )


def _in_force(versions: tuple[tuple[str, int], ...]) -> tuple[str, int]:
    return versions[-1] if versions else ("", 0)
