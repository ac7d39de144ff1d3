"""What every event has in common: hours and permission as of its own moment."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics.event import Hours
from analytics.event_id import new_event_id
from analytics.identity import ProxySignIn, Register
from analytics.snapshot import HeldBack, Permission, Snapshot
from proxy_addons import event_writer
from tests.proxy_addons.pipeline import OPENED, Pipeline, answer, client_at, only, request
from tests.proxy_addons.running_gateway import ANNE, HASHED

TUESDAY_MORNING = datetime(2026, 11, 24, 10, 0, tzinfo=UTC).timestamp()
SUNDAY = datetime(2026, 11, 22, 10, 0, tzinfo=UTC).timestamp()
HALF_TERM = datetime(2026, 10, 27, 10, 0, tzinfo=UTC).timestamp()
BEYOND_THE_CALENDAR = datetime(2029, 1, 9, 10, 0, tzinfo=UTC).timestamp()


def lunch(**changes: object) -> Permission:
    given: dict[str, object] = {
        "permission_id": "perm-1",
        "person_id": "p-anne",
        "categories": ("shopping",),
        "hosts": (),
        "windows": (),
        "from_ms": 0,
        "until_ms": 0,
    }
    return Permission(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "hours"),
    [
        (TUESDAY_MORNING, Hours.CONTRACTED),
        (SUNDAY, Hours.OUTSIDE),
        (HALF_TERM, Hours.OUTSIDE),
        (BEYOND_THE_CALENDAR, Hours.NOT_STATED),
    ],
)
def test_hours_are_those_of_the_person_at_that_moment(tmp_path: Path, at: float, hours: Hours) -> None:
    pipeline = Pipeline(tmp_path)
    pipeline.exchange(request("https://www.amazon.co.uk/", OPENED, at=at), answer())
    assert only(pipeline.events).hours is hours


@pytest.mark.parametrize(
    ("permissions", "named"),
    [
        ((), None),
        ((lunch(),), "perm-1"),
        ((lunch(person_id="p-ben"),), None),
        ((lunch(person_id=None),), "perm-1"),
        ((lunch(until_ms=5),), None),
    ],
)
def test_a_permission_in_force_is_named(tmp_path: Path, permissions: tuple[Permission, ...], named: str | None) -> None:
    pipeline = Pipeline(tmp_path, permissions=permissions)
    pipeline.exchange(request("https://www.amazon.co.uk/", OPENED), answer())
    assert only(pipeline.events).permission_id == named


@pytest.mark.parametrize(("path", "named"), [("/deals/today?x=1", "perm-1"), ("/music", None)])
def test_a_permission_for_a_part_of_a_site_is_decided_by_the_path_asked_for_which_is_not_kept(
    tmp_path: Path, path: str, named: str | None
) -> None:
    pipeline = Pipeline(tmp_path, permissions=(lunch(categories=(), hosts=("amazon.co.uk/deals",)),))
    pipeline.exchange(request(f"https://www.amazon.co.uk{path}", OPENED), answer())
    event = only(pipeline.events)
    assert event.permission_id == named
    assert event.path == ""


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://www-ebay-co-uk.translate.goog/itm/1?_x_tr_sl=en", "perm-1"),
        ("https://web.archive.org/web/2020/https://www.ebay.co.uk/itm/1", "perm-1"),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.ebay.co.uk%2Fitm%2F1", "perm-1"),
        ("https://www-amazon-co-uk.translate.goog/itm/1", None),
    ],
)
def test_a_permitted_page_is_permitted_through_a_front_end_too_and_no_more_of_it_is_kept(
    tmp_path: Path, url: str, named: str | None
) -> None:
    pipeline = Pipeline(tmp_path, permissions=(lunch(categories=(), hosts=("ebay.co.uk/itm",)),))
    pipeline.exchange(request(url, OPENED), answer())
    event = only(pipeline.events)
    assert (event.permission_id, event.path, event.reason) == (named, "", "page_shown")


def test_whoever_is_held_back_from_what_all_may_do_is_not_covered(tmp_path: Path) -> None:
    everyone = lunch(person_id=None, held_back=(HeldBack(person_id="p-anne", from_ms=0),))
    pipeline = Pipeline(tmp_path, permissions=(everyone,))
    pipeline.exchange(request("https://www.amazon.co.uk/", OPENED), answer())
    assert only(pipeline.events).permission_id is None


def test_each_event_has_an_id_of_its_own_moment(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path)
    for _ in range(3):
        pipeline.exchange(request("https://www.amazon.co.uk/", OPENED), answer())
    ids = {event.event_id for event in pipeline.events}
    assert len(ids) == 3
    assert {made[:13] for made in ids} == {new_event_id(pipeline.events[0].ts_ms)[:13]}


def test_a_sign_in_holds_from_the_first_exchange_recorded_under_it(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path, devices=())
    client = client_at("10.0.0.9", tls=True)
    signed_in = ProxySignIn(person_id="p-anne", binding_id="proxy:1", since_ms=1, password_hash=HASHED)
    pipeline.sign_in._by_client[client.id] = signed_in
    shielded = request("http://www.samaritans.org/", OPENED, client=client, at=TUESDAY_MORNING)
    pipeline.exchange(shielded, answer())
    for later in (600.0, 601.0, 599.0):
        client.sni = "www.amazon.co.uk"
        asked = request("https://www.amazon.co.uk/", OPENED, client=client, at=TUESDAY_MORNING + later)
        pipeline.exchange(asked, answer())
    starts = [event.binding_from_ms - int(TUESDAY_MORNING * 1000) for event in pipeline.events]
    assert starts == [600_000, 600_000, 599_000]


def test_sign_ins_are_remembered_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_writer, "BINDINGS", 2)
    pipeline = Pipeline(tmp_path)
    writer = event_writer.EventWriter(pipeline.recording, pipeline.tell, pipeline.attributor.attended)
    register = Register(Snapshot(school="oak", made_ms=1, people=(ANNE,), devices=(), permissions=()))
    for number in range(5):
        signed_in = ProxySignIn(person_id="p-anne", binding_id=f"proxy:{number}", since_ms=1, password_hash=HASHED)
        assert writer._bound_from(register.attribute("10.0.0.9", signed_in, 5), "10.0.0.9", 5) == 5
    assert list(writer._first) == ["proxy:3", "proxy:4"]


def test_a_sign_in_at_no_staff_device_goes_on_by_what_is_recorded_and_by_nothing_shielded(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path, devices=())
    client = client_at("10.0.0.9", tls=True)
    signed_in = ProxySignIn(person_id="p-anne", binding_id="proxy:1", since_ms=1, password_hash=HASHED)
    pipeline.sign_in._by_client[client.id] = signed_in

    def visit(host: str, later: float) -> int:
        client.sni = host
        asked = request(f"https://{host}/", OPENED, client=client, at=TUESDAY_MORNING + later)
        pipeline.exchange(asked, answer())
        return sum(message["say"] == "active" for message in pipeline.tell.waiting)

    assert visit("www.samaritans.org", 0) == 0
    assert [visit("www.amazon.co.uk", later) for later in (1, 2, 20, 21, 22)] == [1, 1, 1, 2, 2]
    assert visit("www.samaritans.org", 100) == 2


def test_a_sign_in_does_not_go_on_by_what_a_page_left_open_fetches(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path, devices=())
    client = client_at("10.0.0.9", tls=True)
    signed_in = ProxySignIn(person_id="p-anne", binding_id="proxy:1", since_ms=1, password_hash=HASHED)
    pipeline.sign_in._by_client[client.id] = signed_in
    client.sni = "mail.google.com"
    polling = {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"}
    for later in (0, 300, 600):
        asked = request("https://mail.google.com/sync", polling, client=client, at=TUESDAY_MORNING + later)
        pipeline.exchange(asked, answer())
    assert len(pipeline.events) == 3
    assert not any(message["say"] == "active" for message in pipeline.tell.waiting)
