"""A small invented school with four weeks of visits in a real store: what the dashboard's tests look at."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from analytics.categorise import Judge
from analytics.contracted_hours import hours_at
from analytics.demonstration.own_policy import school_policy
from analytics.event import FIELDS, Grade, Kind, Method, NotInspected, WebEvent, as_dict
from analytics.event_id import new_event_id
from analytics.governance import Governance, Passwords, PersonType, Role, Told
from analytics.rebuild import Rebuilder
from analytics.snapshot import DeviceClass
from analytics.store import EventStore
from analytics.store.columns import table_of
from config.policy import Policy
from config.settings import Settings
from config.state import DEMONSTRATION_MARK, StateFolder
from dashboard.app import Pages, assemble
from dashboard.moments import LONDON, day_bounds_ms, london_day, now_ms
from dashboard.school import School
from tests.dashboard.learnt_rows import pins

PASSWORD = "larch-otter-violin"
QUICK = Passwords(time_cost=1, memory_kib=64)
STAFF = (
    ("Bethan Askew", PersonType.TEACHER, "teacher", 7, 0),
    ("Callum Okafor", PersonType.TEACHER, "teacher", 2, 0),
    ("Dilys Marchbank", PersonType.SUPPORT, "support", 1, 3),
    ("Ewan Trott", PersonType.TEACHER, "teacher_mornings", 1, 0),
    ("Farida Lindqvist", PersonType.SUPPLY, "teacher", 0, 0),
    ("Gwyn Hathersage", PersonType.SUPPORT, "support", 3, 0),
)
"""Name, type, hours, private visits a day, inappropriate visits in the last days."""
WORK = ("www.gov.uk", "www.phonicsplay.co.uk", "whiterosemaths.com", "www.twinkl.co.uk", "www.bbc.co.uk")
PRIVATE = ("www.amazon.co.uk", "www.facebook.com", "www.rightmove.co.uk", "www.ebay.co.uk", "www.netflix.com")
GAMBLING = "www.bet365.com"
PULLED_IN = ("cdn.jsdelivr.net", "www.googletagmanager.com", "fonts.gstatic.com")


@dataclass(frozen=True)
class SmallSchool:
    """A founded school with accounts for the three roles and a member of staff, its people by name, and the app."""

    here: School
    people: dict[str, str]

    def app(self) -> Pages:
        """A fresh application."""
        return assemble(self.here)


def found(root: Path, store: EventStore, *, demonstration: bool = True) -> SmallSchool:
    """Governance with staff and viewers; no records yet."""
    state = StateFolder(root).prepare()
    if demonstration:
        (root / DEMONSTRATION_MARK).touch()
    governance = Governance.found(state.governance, "oakfield", "Oakfield Primary School", passwords=QUICK)
    policy = school_policy(london_day(now_ms()))
    settings = Settings(school="oakfield", school_name="Oakfield Primary School")
    people = _people(governance, policy)
    return SmallSchool(School(settings, state, governance, store, policy), people)


def _people(governance: Governance, policy: Policy) -> dict[str, str]:
    long_ago = now_ms() - 60 * 86_400_000
    governance.notices.put_in_force(policy.notice_version, from_ms=long_ago)
    people = {name: governance.people.add(name, kind, hours=hours, from_ms=long_ago) for name, kind, hours, *_ in STAFF}
    people["Harriet Vane-Cole"] = governance.people.add("Harriet Vane-Cole", hours="teacher", from_ms=long_ago)
    people["Oswin Pettifer"] = governance.people.add("Oswin Pettifer", PersonType.GOVERNOR, from_ms=long_ago)
    for person_id in people.values():
        governance.notices.record_told(person_id, policy.notice_version, Told.PAPER, told_ms=long_ago)
    people["Idris Newcombe"] = governance.people.add("Idris Newcombe", from_ms=now_ms())
    viewers: tuple[tuple[str, str, Role, str | None], ...] = (
        ("head", "Harriet Vane-Cole", Role.HEADTEACHER, people["Harriet Vane-Cole"]),
        ("staff", "Bethan Askew", Role.STAFF, people["Bethan Askew"]),
        ("chair", "Oswin Pettifer", Role.CHAIR, people["Oswin Pettifer"]),
        ("technician", "Maeve Strand", Role.TECHNICIAN, None),
    )
    for username, name, role, who in viewers:
        governance.holdings.grant(governance.accounts.add(username, name, PASSWORD, person_id=who), role)
    return people


def fill(school: SmallSchool, days: int = 28) -> None:
    """Four weeks of visits, heartbeats, a gap and shield counts, up to now."""
    now = now_ms()
    events = list(_events(school, now, days))
    store = school.here.store
    rows = [{**{name: as_dict(event)[name] for name in FIELDS}, "received_ms": event.ts_ms} for event in events]
    store.insert("events", table_of("events", rows), "events")
    store.insert("heartbeats", table_of("heartbeats", _heartbeats(now, days)), "heartbeats")
    store.insert("gaps", table_of("gaps", [_gap(now)]), "gaps")
    store.insert("shield_counts", table_of("shield_counts", [_shield(now)]), "shield")
    store.insert("conditions", table_of("conditions", [_condition(now)]), "conditions")
    store.insert("attempts", table_of("attempts", [_attempts(now)]), "attempts")
    school.here.governance.devices.add(DeviceClass.STAFF, ("10.9.8.4",), label="Staffroom laptop 4", device_id="d-4")
    store.insert("pins", table_of("pins", list(pins(now))), "pins")
    touched = {(event.person_id or "", london_day(event.ts_ms)) for event in events}
    Rebuilder(store, "oakfield").rebuild(touched)


def _events(school: SmallSchool, now: int, days: int) -> Iterator[WebEvent]:
    chance, judge, today = random.Random(7), Judge(school.here.policy), london_day(now)  # noqa: S311 - shapes a fixture
    for ago in range(days):
        day = today - timedelta(days=ago)
        for name, _, hours, private, grave in (*STAFF, ("Harriet Vane-Cole", None, "teacher", 2, 0)):
            for ts_ms, host in _day(chance, day, private, grave if ago < 4 else 0, weekend=day.weekday() > 4):
                if ts_ms < now - 1000:
                    yield from _visit(school, judge, name, hours, ts_ms, host)


def _day(chance: random.Random, day: date, private: int, grave: int, *, weekend: bool) -> list[tuple[int, str]]:
    if weekend:
        return []
    hosts = [chance.choice(WORK) for _ in range(chance.randint(4, 9))]
    hosts += [chance.choice(PRIVATE) for _ in range(chance.randint(0, 2 * private))] + [GAMBLING] * grave
    begin = int(datetime(day.year, day.month, day.day, 8, 20, tzinfo=LONDON).timestamp() * 1000)
    return sorted((begin + chance.randint(0, 8 * 3600) * 1000, host) for host in hosts)


def _visit(school: SmallSchool, judge: Judge, name: str, hours: str, ts_ms: int, host: str) -> Iterator[WebEvent]:
    verdict = judge.judge(host, "/")
    pattern = school.here.policy.hours[hours]
    page = WebEvent(
        event_id=new_event_id(ts_ms),
        school="oakfield",
        gateway="gate-0",
        segment=0,
        seq=0,
        ts_ms=ts_ms,
        duration_ms=120,
        person_id=school.people[name],
        attribution_method=Method.PROXY,
        attribution_grade=Grade.A,
        binding_id="b-1",
        binding_from_ms=ts_ms,
        device_id=None,
        client_ip="10.9.8.7",
        method="GET",
        scheme="https",
        host=host,
        port=443,
        domain=host.removeprefix("www."),
        path="/",
        search_phrase="",
        status=200,
        content_type="text/html",
        bytes_up=400,
        bytes_down=20_000,
        kind=Kind.NAVIGATION,
        kind_confidence=95,
        kind_reason="sec_fetch",
        initiator_host="",
        category=verdict.category,
        purpose=verdict.purpose,
        gravity=verdict.gravity,
        rule=verdict.rule,
        list_name=verdict.list_name,
        list_version=verdict.list_version,
        policy_version=school.here.policy.version,
        reason=verdict.reason,
        permission_id="m-1" if host == "www.rightmove.co.uk" else None,
        hours=hours_at(pattern, school.here.policy.calendar, ts_ms),
        upload=False,
        media=False,
        not_inspected=NotInspected.INSPECTED,
    )
    yield page
    for number, other in enumerate(PULLED_IN, 1):
        yield replace(
            page,
            event_id=new_event_id(ts_ms + number),
            ts_ms=ts_ms + number,
            host=other,
            domain=other,
            kind=Kind.SUBRESOURCE,
            initiator_host=host,
            content_type="text/css",
        )


def _heartbeats(now: int, days: int) -> list[dict[str, object]]:
    """Every quarter of an hour, but for one hour the day before yesterday."""
    first, step = day_bounds_ms(london_day(now) - timedelta(days=days - 1))[0], 900_000
    missing = range(_gap_from(now), _gap_from(now) + 3_600_000)
    return [
        {
            "school": "oakfield", "gateway": "gate-0", "segment": 0, "seq": ts_ms, "ts_ms": ts_ms,
            "since_ms": ts_ms - step, "requests": 40, "passed_through": 6, "untold": 2, "dropped": 0, "hook_errors": 0,
            "policy_version": "v", "software": "fairgate", "received_ms": ts_ms,
        }
        for ts_ms in (*range(first + step, now, step), now)
        if ts_ms - step not in missing
    ]  # fmt: skip


def _gap_from(now: int) -> int:
    return day_bounds_ms(london_day(now) - timedelta(days=2))[0] + 11 * 3_600_000


def _gap(now: int) -> dict[str, object]:
    return {
        "school": "oakfield", "gateway": "gate-0", "segment": 0, "seq": 1, "ts_ms": _gap_from(now) + 3_600_000,
        "reason": "disk_full", "from_ms": _gap_from(now), "to_ms": _gap_from(now) + 3_600_000, "count": 17,
        "source_offset": -1, "received_ms": now,
    }  # fmt: skip


def _shield(now: int) -> dict[str, object]:
    hour = now // 3_600_000 * 3_600_000
    return {
        "school": "oakfield", "gateway": "gate-0", "segment": 0, "seq": 2, "ts_ms": now, "hour_ms": hour, "count": 9,
        "received_ms": now,
    }  # fmt: skip


def _condition(now: int) -> dict[str, object]:
    return {
        "school": "oakfield", "gateway": "gate-0", "segment": 0, "seq": 3, "ts_ms": now, "since_ms": now - 300_000,
        "banking": 12, "pinned": 4, "not_enrolled": 0, "not_told": 31, "no_sni": 0, "opaque": 1, "filter_silent": 2,
        "lists_age_hours": 90, "snapshot_age_hours": 5, "policy_version": "v", "received_ms": now,
    }  # fmt: skip


def _attempts(now: int) -> dict[str, object]:
    return {
        "school": "oakfield", "gateway": "gate-identity", "segment": 0, "seq": 0, "ts_ms": now,
        "since_ms": now - 300_000, "quic": 1_204, "dot": 3, "doh": 2, "received_ms": now,
    }  # fmt: skip


HERE = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
"""What a browser says of a POST from our own page."""


def form_token(client: FlaskClient, address: str = "/sign-in") -> str:
    """The token against forged posts that the form at `address` carries."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(address).text)
    assert found
    return found[1]


def sign_in(client: FlaskClient, username: str, password: str = PASSWORD) -> TestResponse:
    """Send the sign-in form as a browser does."""
    form = {"username": username, "password": password, "csrf_token": form_token(client)}
    return client.post("/sign-in", data=form, headers=HERE)


def signed_in(app: Pages, username: str) -> FlaskClient:
    """A client with a live session."""
    client: FlaskClient = app.server.test_client()
    assert sign_in(client, username).status_code == 303
    return client


def call(app: Pages, client: FlaskClient, place: str, **values: object) -> TestResponse:
    """Raw POST of the callback that fills `place`; `values` maps "component__property" to what it holds."""
    name = next(name for name in app.callback_map if f"{place}." in name)
    callback = app.callback_map[name]

    def given(wanted: list[dict[str, str]]) -> list[dict[str, object]]:
        return [{**each, "value": values.get(f"{each['id']}__{each['property']}".replace("-", "_"))} for each in wanted]

    parts = [part.rsplit(".", 1) for part in name.strip(".").split("...")]
    outputs = [{"id": part[0], "property": part[1]} for part in parts]
    body = {
        "output": name,
        "outputs": outputs if len(outputs) > 1 else outputs[0],
        "inputs": given(callback["inputs"]),
        "state": given(callback["state"]),
        "changedPropIds": [f"{each['id']}.{each['property']}" for each in callback["inputs"]],
    }
    return client.post("/_dash-update-component", json=body, headers=HERE)


def said(answer: TestResponse) -> str:
    """All that a callback answered, without JSON's escapes: what must not be in it can be looked for."""
    if not answer.is_json:
        return answer.text
    return json.dumps(answer.get_json(), ensure_ascii=False, separators=(",", ":"))
