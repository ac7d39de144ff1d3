"""The daily rollup: a person's day by purpose and category, so that a page costs O(days).

Promises: its visits and seconds are sums over exactly the visits given; permitted visits stand apart, so they are
never counted against anyone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

from analytics.visits import Visit


@dataclass(slots=True, kw_only=True)
class DayRow:
    """One person's visits of one purpose, category and permittedness on one London day."""

    school: str
    person_id: str
    day: date
    purpose: str
    category: str
    permitted: int
    visits: int = 0
    lower_s: int = 0
    upper_s: int = 0
    max_gravity: int = 0


DAY_COLUMNS: Final = tuple(column.name for column in fields(DayRow))


def daily_rows(visits: Iterable[Visit]) -> list[DayRow]:
    """The rollup of `visits`, in the order of first meeting."""
    rows: dict[tuple[object, ...], DayRow] = {}
    for visit in visits:
        row = _empty(visit)
        key = (row.school, row.person_id, row.day, row.purpose, row.category, row.permitted)
        row = rows.setdefault(key, row)
        row.visits += 1
        row.lower_s += visit.lower_s
        row.upper_s += visit.upper_s
        row.max_gravity = max(row.max_gravity, visit.gravity)
    return list(rows.values())


def _empty(visit: Visit) -> DayRow:
    return DayRow(
        school=visit.school,
        person_id=visit.person_id,
        day=visit.day,
        purpose=visit.purpose,
        category=visit.category,
        permitted=int(visit.permission_id is not None),
    )
