"""A small school with events in a real store: whom each role may look at, and days whose counts are known."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time, timedelta

from analytics.event import Hours, Kind, Purpose, WebEvent
from analytics.event_id import new_event_id
from analytics.governance import Governance, Role, Told, Viewer
from analytics.queries import LookPurpose, Reading, Rule
from analytics.queries.london import LONDON
from analytics.rebuild import Rebuilder
from analytics.store import EventStore
from analytics.store.columns import table_of
from config.policy import load_policy
from tests.analytics.governance.office import PASSWORD
from tests.analytics.records_for_tests import ONE_EVENT

MONDAY = date(2026, 11, 16)
SUNDAY = MONDAY + timedelta(days=6)
POLICY = "9b1c"
RULE = Rule.of(load_policy().thresholds)
ROLES_WITH_PERSON = tuple(Role)


def at(day: date, hour: int, minute: int = 0, second: int = 0) -> int:
    """UTC ms of a London time."""
    return int(datetime.combine(day, time(hour, minute, second), LONDON).timestamp() * 1000)


def visit(person_id: str, ts_ms: int, purpose: Purpose = Purpose.PRIVATE, **changes: object) -> WebEvent:
    """The navigation that makes one visit."""
    plain = replace(ONE_EVENT, event_id=new_event_id(ts_ms), person_id=person_id, ts_ms=ts_ms, purpose=purpose)
    return replace(plain, **changes)  # type: ignore[arg-type]


def insert(store: EventStore, events: Iterable[WebEvent]) -> None:
    """Store events and build their visits, as the loader does."""
    batch = list(events)
    rows = [{**asdict(event), "received_ms": event.ts_ms} for event in batch]
    store.insert("events", table_of("events", rows), new_event_id())
    touched = {
        (event.person_id, datetime.fromtimestamp(event.ts_ms / 1000, LONDON).date())
        for event in batch
        if event.person_id
    }
    for school in {event.school for event in batch}:
        Rebuilder(store, school).rebuild(touched)


@dataclass
class SchoolWeek:
    """The school, its people by a short name, and the accounts that look."""

    governance: Governance
    store: EventStore
    people: dict[str, str] = field(default_factory=dict)
    accounts: dict[Role, str] = field(default_factory=dict)

    def viewer(self, role: Role, session: str = "") -> Viewer:
        return replace(self.governance.viewer(self.accounts[role], role), session_id=session)

    def reading(
        self, role: Role, purpose: LookPurpose = LookPurpose.WEEKLY_REVIEW, reason: str = "a matter", session: str = ""
    ) -> Reading:
        return Reading(self.store, self.governance, self.viewer(role, session), purpose, reason, rule=RULE)


def open_school(governance: Governance, store: EventStore) -> SchoolWeek:
    """Every role held by a person of its own, two more staff, and one not told; everybody has a visit on Monday."""
    school = SchoolWeek(governance, store)
    for role in Role:
        school.people[role] = governance.people.add(f"The {role.label}", from_ms=1)
        school.accounts[role] = governance.accounts.add(
            str(role), f"The {role.label}", PASSWORD, person_id=school.people[role]
        )
        governance.holdings.grant(school.accounts[role], role)
    for name in ("ann", "zoe", "untold"):
        school.people[name] = governance.people.add(f"{name.title()} Bell", from_ms=1)
    governance.notices.put_in_force(POLICY)
    for name, person_id in school.people.items():
        if name != "untold":
            governance.notices.record_told(person_id, POLICY, Told.TRAINING_DAY, told_ms=at(MONDAY, 0))
    insert(store, [visit(person_id, at(MONDAY, 10)) for person_id in school.people.values()])
    return school


def busy_day(person_id: str) -> list[WebEvent]:
    """Tuesday: private 3 (one in the break, one permitted), work 1, inappropriate 2, unknown 1."""
    day = MONDAY + timedelta(days=1)
    page = visit(person_id, at(day, 9), Purpose.WORK, host="bbc.co.uk", domain="bbc.co.uk", category="education")
    image = replace(
        page, event_id=new_event_id(page.ts_ms), ts_ms=page.ts_ms + 200, kind=Kind.SUBRESOURCE,
        host="static.bbc.co.uk", initiator_host="bbc.co.uk", content_type="image/png",
    )  # fmt: skip
    return [
        page,
        image,
        visit(person_id, at(day, 9, 1)),
        visit(person_id, at(day, 12, 30), hours=Hours.BREAK),
        visit(person_id, at(day, 12, 40), permission_id="m-1"),
        visit(person_id, at(day, 15), Purpose.INAPPROPRIATE, gravity=2, category="gambling"),
        visit(person_id, at(day, 15, 0, 30), Purpose.INAPPROPRIATE, gravity=3, category="adult"),
        visit(person_id, at(day, 15, 2), Purpose.UNKNOWN, category="unknown", gravity=0),
    ]
