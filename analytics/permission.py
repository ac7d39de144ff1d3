"""Which permission covers an exchange, as of the moment it was made.

Owns the matching of section 3's register. Promises: a permission covers nothing before it begins or after it ends, to
the millisecond; a window is London time, whatever the clocks do: both of the repeated hours belong to it, the skipped
one is never met; a person held back from what everyone may do is not covered before their own beginning; where only
the host is known (a connection that was not decrypted), one for a part of the site covers it, in the person's favour;
where several cover the same thing the most particular one is named, and always the same one, whatever their order.
"""

from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import unquote

from analytics.contracted_hours import london_week_minute
from analytics.site_index import path_under
from analytics.snapshot import Permission, Window

_NEVER: Final = 1 << 62


def permission_for(
    permissions: Iterable[Permission], person_id: str | None, category: str, host: str, ts_ms: int, path: str = ""
) -> str | None:
    """The id of the permission that covers `host` and `path` ("": not known) or `category` for this person at `ts_ms`;
    None where none does.

    A person's own comes before everyone's, one that names the site before one that names its category, the longer
    name before the shorter, and one with weekly windows before one that holds at any time.
    """
    found = [
        permission
        for permission in permissions
        # In the order in which most are ruled out for the least work: this is asked for every exchange.
        if (permission.person_id is None or permission.person_id == person_id)
        and (category in permission.categories or _named(permission, host, path))
        and _holds(permission, person_id, ts_ms)
        and is_open(permission.windows, ts_ms)
    ]
    if not found:
        return None
    return min(found, key=lambda each: _particular(each, host, path)).permission_id


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


def _particular(permission: Permission, host: str, path: str) -> tuple[bool, int, bool, str]:
    """Sorts the most particular first."""
    return (
        permission.person_id is None,
        -_named(permission, host, path),
        not permission.windows,
        permission.permission_id,
    )


def _named(permission: Permission, host: str, path: str) -> int:
    """Length of the longest site that is named and covers this one; 0 where none does."""
    if not permission.hosts:
        return 0
    return max((len(named) for named in permission.hosts if _covered(named, host, path)), default=0)


def _covered(named: str, host: str, path: str) -> bool:
    return site_within(named if path else named.partition("/")[0], host, path)


def site_within(named: str, host: str, path: str = "") -> bool:
    """Whether this host and path belong to the site, or the part of one, that is `named`."""
    site, slash, below = named.partition("/")
    if not host.endswith(site) or (host != site and host[-len(site) - 1] != "."):
        return False
    return not slash or path_under(_folded(path), f"/{below}")


def _folded(path: str) -> str:
    """The path as a permission states it: lower case, decoded, without its query."""
    plain = path.partition("?")[0].lower()
    return unquote(plain) if "%" in plain else plain


def _within(window: Window, weekday: int, minute: int) -> bool:
    """A window that ends at or before its start runs on past midnight, into the next weekday."""
    if window.start < window.end:
        return weekday == window.weekday and window.start <= minute < window.end
    if weekday == window.weekday:
        return minute >= window.start
    return weekday == (window.weekday + 1) % 7 and minute < window.end
