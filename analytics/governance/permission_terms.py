"""The terms of a permission: which categories and sites, in which weekly windows, from when until when.

Owns their checks, for what is asked and what is granted alike. Promises: a permission begins no earlier than the
moment it is given (what was said before is a note, never a beginning); a window that ends before it starts runs on
past midnight, and one that is empty or ends on another day is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from analytics.contracted_hours import LONDON
from analytics.governance.permitted_things import read_categories, read_sites
from analytics.snapshot import Window
from config.errors import FairgateError
from config.policy import Policy

MOST_THINGS: Final = 60
_MIDNIGHT: Final = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Checked terms. `windows` empty: at any time. Times are UTC ms, `until_ms` excluded; 0: until further notice."""

    categories: tuple[str, ...]
    hosts: tuple[str, ...]
    windows: tuple[Window, ...]
    from_ms: int
    until_ms: int


def read_terms(
    policy: Policy,
    now: int,
    *,
    categories: Sequence[str],
    hosts: Sequence[str],
    windows: Sequence[Window],
    from_ms: int | None,
    until_ms: int,
) -> Terms:
    """The terms as they may be stored. `from_ms` None, or a moment earlier today, means from now on.

    Raises:
        FairgateError: nothing is named, or something that cannot be permitted; it would begin before today, end before
            it begins, or a window cannot be read.
    """
    terms = Terms(
        categories=read_categories(policy, categories),
        hosts=read_sites(policy, hosts),
        windows=read_windows(windows),
        from_ms=_beginning(from_ms, now),
        until_ms=until_ms,
    )
    if not 0 < len(terms.categories) + len(terms.hosts) <= MOST_THINGS:
        raise FairgateError(f"A permission names at least one category or web site, and at most {MOST_THINGS}.")
    if until_ms and until_ms <= terms.from_ms:
        raise FairgateError("The permission would end before it begins. Mend its dates.")
    return terms


def read_windows(windows: Sequence[Window]) -> tuple[Window, ...]:
    """In order, each once; one that ends at midnight ends at 24:00.

    Raises:
        FairgateError: one cannot be read.
    """
    for window in windows:
        fits = 0 <= window.weekday <= 6 and 0 <= window.start < _MIDNIGHT and 0 <= window.end <= _MIDNIGHT
        if not fits or window.start == window.end:
            raise FairgateError(
                "A weekly window has a weekday from 0 (Monday) to 6, begins by 23:59 and ends by 24:00, or earlier "
                "than it begins where it runs on past midnight. It cannot begin and end at the same minute."
            )
    plain = {Window(weekday=each.weekday, start=each.start, end=each.end or _MIDNIGHT) for each in windows}
    return tuple(sorted(plain, key=lambda each: (each.weekday, each.start, each.end)))


def as_detail(terms: Terms) -> dict[str, str | int]:
    """The terms as an audit entry states them."""
    detail: dict[str, str | int] = {"from_ms": terms.from_ms, "until_ms": terms.until_ms}
    named: Mapping[str, str] = {
        "categories": ", ".join(terms.categories),
        "sites": ", ".join(terms.hosts),
        "windows": ", ".join(f"{each.weekday} {each.start}-{each.end}" for each in terms.windows),
    }
    return detail | {name: said for name, said in named.items() if said}


def read_said_earlier(day: date | None, now: int) -> str:
    """The noted day as it is stored, "" where there is none.

    Raises:
        FairgateError: it is not past.
    """
    if day is None:
        return ""
    if day > london_date(now):
        raise FairgateError("The day on which it was agreed by word of mouth cannot lie ahead. Mend the date.")
    return day.isoformat()


def london_date(ts_ms: int) -> date:
    """The date in London at `ts_ms`."""
    return datetime.fromtimestamp(ts_ms / 1000, UTC).astimezone(LONDON).date()


def _beginning(from_ms: int | None, now: int) -> int:
    if from_ms is None or from_ms >= now:
        return from_ms or now
    if london_date(from_ms) < london_date(now):
        raise FairgateError(
            "A permission begins no earlier than today: what was visited before stays as it was judged. Note the day "
            "on which it had been agreed by word of mouth instead; it is shown beside earlier visits."
        )
    return now
