"""Whether a decision has reached the gateway, and since when it holds there.

Owns handing a decision over, and that answer. Promises: "in force" is said only of what stands in the very file the
gateway reads; a decision that could not be handed over stands all the same, and the page says that it waits.
"""

from dataclasses import dataclass

import structlog

from analytics.governance.permissions import Granted
from analytics.governance.publish import publish_decisions, published
from analytics.snapshot import read_snapshot
from config.errors import ConfigError, FairgateError
from dashboard.guard import viewer
from dashboard.moments import london_day, moment_words, now_ms
from dashboard.school import school

_log = structlog.get_logger("fairgate.dashboard")


@dataclass(frozen=True, slots=True)
class AtGateway:
    """What the gateway has: permissions by id with their ends, and when it was handed something new."""

    ends: dict[str, int]
    handed: tuple[int, ...]

    def since_ms(self, granted: Granted, person_id: str | None = None) -> int:
        """When this permission (as it covers this person) was first at the gateway; 0: it is not there yet."""
        held = (each.from_ms for each in granted.held_back if each.person_id == person_id)
        known = max(granted.granted_ms, *held, 0)
        if self.ends.get(granted.permission_id) != granted.until_ms:
            return 0
        return next((each for each in self.handed if each >= known), 0)


def hand_over() -> None:
    """Give the gateway what was just decided."""
    here = school()
    try:
        publish_decisions(here.governance, here.state.snapshot, by=viewer().account_id)
    except (OSError, FairgateError) as fault:
        _log.error("not_handed_over", fault=type(fault).__name__)


def at_gateway(since_ms: int) -> AtGateway:
    """What the gateway has now; of what it was handed, only from `since_ms` on."""
    here = school()
    try:
        snapshot = read_snapshot(here.state.snapshot)
    except ConfigError:
        return AtGateway({}, ())
    ends = {each.permission_id: each.until_ms for each in snapshot.permissions}
    return AtGateway(ends, published(here.governance, since_ms))


def gateway_words(granted: Granted, there: AtGateway, person_id: str | None = None) -> str:
    """In force at the gateway since 14:32 · At the gateway; begins at 08:00 on Monday 7 December"""
    now = now_ms()
    today = london_day(now)
    if granted.until_ms and granted.until_ms <= now:
        return f"Ended at {moment_words(granted.until_ms, today)}"
    handed = there.since_ms(granted, person_id)
    if not handed:
        return "Decided, but not yet at the gateway. Please tell the technician."
    if granted.from_ms > now:
        return f"At the gateway; begins at {moment_words(granted.from_ms, today)}"
    return f"In force at the gateway since {moment_words(max(handed, granted.from_ms), today)}"
