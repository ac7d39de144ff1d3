"""Which permission covers an exchange, as of the moment it was made.

Owns the matching of section 3's register. Promises: a permission covers nothing before it begins or after it ends, to
the millisecond; a window is London time, whatever the clocks do: both of the repeated hours belong to it, the skipped
one is never met; a person held back from what everyone may do is not covered before their own beginning; where only
the host is known (a connection that was not decrypted), one for a part of the site covers it, in the person's favour;
a page that a front-end shows is covered by its own site's permission as by the front-end's; where several cover one
thing the most particular one is named, and always the same one, whatever their order.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from analytics.contracted_hours import london_week_minute
from analytics.front_end import carried_pages
from analytics.site_index import folded_path, path_under
from analytics.snapshot import Permission, Window

_NEVER: Final = 1 << 62

type Place = tuple[str, str]
"""A host and a path ("": not known)."""


def permission_for(
    permissions: Iterable[Permission],
    person_id: str | None,
    category: str,
    host: str,
    ts_ms: int,
    path: str = "",
    shown: Place | None = None,
) -> str | None:
    """The id of the permission that covers `host` and `path` ("": not known), the page `shown` there by a front-end, or
    `category` for this person at `ts_ms`; None where none does.

    A person's own comes before everyone's, one that names the site before one that names its category, the longer
    name before the shorter, and one with weekly windows before one that holds at any time.
    """
    places = ((host, path),) if shown is None else ((host, path), shown)
    found = [
        permission
        for permission in permissions
        # In the order in which most are ruled out for the least work: this is asked for every exchange.
        if (permission.person_id is None or permission.person_id == person_id)
        and (category in permission.categories or _named(permission, places))
        and _holds(permission, person_id, ts_ms)
        and is_open(permission.windows, ts_ms)
    ]
    if not found:
        return None
    return min(found, key=lambda each: _particular(each, places)).permission_id


def shown_by_front_end(host: str, path: str, query: str) -> Place | None:
    """The page that a front-end's address shows, the innermost of several; None where it names none.

    Where the front-end's own path is not known ("") that of the page is not either.
    """
    pages = carried_pages(host, path, query)
    return (pages[-1].host, pages[-1].path if path else "") if pages else None


def is_open(windows: Sequence[Window], ts_ms: int) -> bool:
    """Whether one of the weekly windows is open at `ts_ms`; without windows it always is."""
    if not windows:
        return True
    weekday, minute = london_week_minute(ts_ms)
    return any(_within(window, weekday, minute) for window in windows)


def _holds(permission: Permission, person_id: str | None, ts_ms: int) -> bool:
    begins = permission.from_ms
    for held in permission.held_back:
        if held.person_id == person_id:
            begins = max(begins, held.from_ms or _NEVER)
    return begins <= ts_ms < (permission.until_ms or _NEVER)


def _particular(permission: Permission, places: Sequence[Place]) -> tuple[bool, int, bool, str]:
    """Sorts the most particular first."""
    return (
        permission.person_id is None,
        -_named(permission, places),
        not permission.windows,
        permission.permission_id,
    )


def _named(permission: Permission, places: Sequence[Place]) -> int:
    """Length of the longest site that is named and covers one of the places; 0 where none does."""
    if not permission.hosts:
        return 0
    covering = (len(named) for named in permission.hosts for place in places if _covered(named, *place))
    return max(covering, default=0)


def _covered(named: str, host: str, path: str) -> bool:
    return site_within(named if path else named.partition("/")[0], host, path)


def site_within(named: str, host: str, path: str = "") -> bool:
    """Whether this host and path belong to the site, or the part of one, that is `named`."""
    site, slash, below = named.partition("/")
    if not host.endswith(site) or (host != site and host[-len(site) - 1] != "."):
        return False
    return not slash or path_under(folded_path(path), f"/{below}")


def _within(window: Window, weekday: int, minute: int) -> bool:
    """A window that ends at or before its start runs on past midnight, into the next weekday."""
    if window.start < window.end:
        return weekday == window.weekday and window.start <= minute < window.end
    if weekday == window.weekday:
        return minute >= window.start
    return weekday == (window.weekday + 1) % 7 and minute < window.end
