"""Gathering one person's period report from the store and the governance database.

Owns `export_report`, the one way a bundle leaves: the command line, the dashboard and the demonstration call it.
Promises: it reads only through analytics.queries, as a viewer with a reason, so it is refused and audited like any
look; until approvals exist, only a demonstration school can export.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from analytics.event import Grade
from analytics.evidence.bundle import write_bundle
from analytics.evidence.keys import SigningKey, open_key
from analytics.evidence.request import (
    BundleRequest,
    CategoryMeaning,
    MissingStretch,
    PermissionInForce,
    Recorded,
    SealedSegment,
)
from analytics.governance.database import now_ms
from analytics.governance.governance import Governance
from analytics.governance.permissions import Granted
from analytics.governance.roles import Role, Viewer
from analytics.late_ends import is_late
from analytics.queries.conditions import CLOSED_BECAUSE
from analytics.queries.conditions_wording import MONITORS_ONLY, rests_on, ways_past
from analytics.queries.coverage import Coverage, coverage
from analytics.queries.person import person_summary
from analytics.queries.reading import LookPurpose, Reading, Rule
from analytics.queries.rows import binding_ends, event_rows, seal_rows
from analytics.queries.timeline import person_visits
from analytics.snapshot import Window
from analytics.store import open_store
from config.errors import EvidenceError
from config.policy import Policy, load_policy
from config.policy_model import Category
from config.settings import Settings
from config.state import StateFolder

_REASON = "Report of a demonstration school"
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def export_report(
    settings: Settings,
    state: StateFolder,
    person_id: str,
    first_day: date,
    last_day: date,
    out: Path,
    *,
    viewer: Viewer | None = None,
    reason: str = _REASON,
) -> None:
    """Write the bundle of one person's London days, both included, to `out`.

    Without a `viewer` it acts for whoever this person's data is for: the Headteacher, or the Chair for the Headteacher.

    Raises:
        EvidenceError: not a demonstration school; or something stored is not as it was sealed. It says what.
        AccessDenied: not for this viewer. StoreError: the store is down. OSError: `out` cannot be written.
    """
    if not state.demonstration:
        raise EvidenceError(
            "Until approvals exist, only a demonstration school can export. Nothing was written. "
            "See how a report looks with: fairgate demo"
        )
    if last_day < first_day:
        raise EvidenceError(
            f"The last day, {last_day}, is before the first, {first_day}. Give them the other way round."
        )
    governance, store = Governance(state.governance), open_store(settings, state)
    try:
        acting = viewer or _entitled(governance, person_id)
        policy = load_policy(settings.policy)
        rule = Rule.of(policy.thresholds)
        reading = Reading(store, governance, acting, LookPurpose.EXPORT, reason, rule=rule)
        key = open_key(state.keys, demonstration=state.demonstration)
        request = _gather(reading, policy, person_id, first_day, last_day, key)
    finally:
        store.close()
        governance.close()
    write_bundle(request, out)


def _entitled(governance: Governance, person_id: str) -> Viewer:
    role = Role.HEADTEACHER
    if person_id in governance.holdings.people(Role.HEADTEACHER):
        role = Role.CHAIR
    elif person_id in governance.holdings.people(Role.CHAIR):
        role = Role.VICE_CHAIR
    accounts = governance.holdings.accounts(role)
    if not accounts:
        raise EvidenceError(f"Nobody holds the role {role.label}, for whom this person's data is. Grant it first.")
    return governance.viewer(accounts[0], role)


def _gather(
    reading: Reading, policy: Policy, person_id: str, first: date, last: date, key: SigningKey
) -> BundleRequest:
    governance = reading.governance
    # Asked first: it refuses with the plainest sentence where this person is not for this viewer.
    summary = person_summary(reading, person_id, first, last)
    # Events before seals: what is sealed in between is then proven, not left out.
    events = tuple(event_rows(reading, person_id, first, last))
    ends = binding_ends(reading, person_id, first, last)
    theirs = tuple(
        event for event in events if event.attribution_grade is not Grade.C and not is_late(asdict(event), ends)
    )
    sealed = seal_rows(reading, person_id, first, last)
    return BundleRequest(
        school=governance.school,
        school_name=governance.school_name,
        person_id=person_id,
        person_name=summary.name,
        first_day=first,
        last_day=last,
        made_ms=now_ms(),
        made_by=reading.viewer.name,
        made_as=reading.viewer.role.label,
        reason=reading.reason,
        events=theirs,
        unsure=len(events) - len(theirs),
        visits=tuple(_visits(reading, person_id, first, last)),
        recorded=_recorded(coverage(reading, first, last)),
        segments=tuple(SealedSegment(seal=row.seal, leaves=row.leaves) for row in sealed),
        permissions=tuple(_permission(each, governance, policy.categories) for each in summary.permissions),
        told_ms=summary.told_ms,
        earlier_notices=summary.earlier_notices,
        categories={name: CategoryMeaning(title=each.title, why=each.why) for name, each in policy.categories.items()},
        software=_software(),
        key=key,
    )


def _visits(reading: Reading, person_id: str, first: date, last: date) -> Iterator[dict[str, Any]]:
    for number in range((last - first).days + 1):
        for row in person_visits(reading, person_id, first + timedelta(days=number)).to_dict("records"):
            if row["grade"] != Grade.C:
                # pandas says NaN where the store said nothing.
                yield {str(name): None if value != value else value for name, value in row.items()}


def _recorded(found: Coverage) -> Recorded:
    gaps = found.gaps[["gateway", "from_ms", "to_ms", "sentence", "count"]].to_dict("records")
    return Recorded(
        recorded_ms=found.recorded_s * 1000,
        gaps=[
            MissingStretch(
                gateway=str(gap["gateway"]),
                from_ms=int(gap["from_ms"]),
                to_ms=int(gap["to_ms"]),
                sentence=str(gap["sentence"]),
                count=int(gap["count"]),
            )
            for gap in gaps
        ],
        untold=found.untold,
        passed_through=found.passed_through,
        shielded=found.shielded,
        closed=[(CLOSED_BECAUSE[why], count) for why, count in found.conditions.closed.items() if count],
        read_with=[*ways_past(found), *rests_on(found), MONITORS_ONLY],
    )


def _permission(granted: Granted, governance: Governance, categories: Mapping[str, Category]) -> PermissionInForce:
    by = governance.accounts.get(granted.granted_by)
    return PermissionInForce(
        what=_what(granted, categories),
        reason=f"{granted.reason}{_said_earlier(granted)}",
        granted_by=by.name if by else granted.granted_by,
        from_ms=granted.from_ms,
        until_ms=granted.until_ms,
    )


def _said_earlier(granted: Granted) -> str:
    """What its granter noted of an earlier word; visits before it was given stay as they were judged."""
    if not granted.said_earlier:
        return ""
    day = date.fromisoformat(granted.said_earlier)
    return f" (Noted by whoever gave it: agreed by word of mouth on {day.day} {day:%B %Y}.)"


def _what(granted: Granted, categories: Mapping[str, Category]) -> str:
    titles = [categories[key].title if key in categories else key for key in granted.categories]
    things = ", ".join([*titles, *granted.hosts]) or "Any private use"
    times = "; ".join(_window(window) for window in granted.windows) or "at any time"
    return f"{things}: {times}{'' if granted.person_id else ' (all staff)'}"


def _window(window: Window) -> str:
    clock = "{:02d}:{:02d}".format
    said = f"{_WEEKDAYS[window.weekday]}s {clock(*divmod(window.start, 60))} to {clock(*divmod(window.end, 60))}"
    return f"{said} the next day" if window.end <= window.start else said


def _software() -> str:
    try:
        return version("fairgate")
    except PackageNotFoundError:
        return "from source"
