"""Which permission covers an exchange, as of the moment it was made.

Owns the matching of section 3's register. Promises: a permission covers nothing before it begins or after it ends;
where several cover the same thing the most particular one is named, and always the same one, whatever their order.
"""

from collections.abc import Iterable

from analytics.contracted_hours import london_week_minute
from analytics.snapshot import Permission, Window


def permission_for(
    permissions: Iterable[Permission], person_id: str | None, category: str, host: str, ts_ms: int
) -> str | None:
    """The id of the permission that covers `host` or `category` for this person at `ts_ms`; None where none does.

    A person's own comes before everyone's, one that names the host before one that names its category.
    """
    found = [
        permission
        for permission in permissions
        if permission.person_id in (None, person_id)
        and permission.from_ms <= ts_ms < (permission.until_ms or ts_ms + 1)
        and _covers(permission, category, host)
        and _open(permission.windows, ts_ms)
    ]
    if not found:
        return None
    return min(found, key=lambda p: (p.person_id is None, not _names(p, host), p.permission_id)).permission_id


def _covers(permission: Permission, category: str, host: str) -> bool:
    return category in permission.categories or _names(permission, host)


def _names(permission: Permission, host: str) -> bool:
    return any(host == named or host.endswith(f".{named}") for named in permission.hosts)


def _open(windows: tuple[Window, ...], ts_ms: int) -> bool:
    if not windows:
        return True
    weekday, minute = london_week_minute(ts_ms)
    return any(_within(window, weekday, minute) for window in windows)


def _within(window: Window, weekday: int, minute: int) -> bool:
    """A window that ends at or before its start runs on past midnight, into the next weekday."""
    if window.start < window.end:
        return weekday == window.weekday and window.start <= minute < window.end
    if weekday == window.weekday:
        return minute >= window.start
    return weekday == (window.weekday + 1) % 7 and minute < window.end
