"""Whose traffic is recorded: sign-in at a real proxy, devices, notice, and decisions that change while it runs."""

from dataclasses import replace
from pathlib import Path

import pytest

from analytics.event import Grade, Method
from analytics.records import Condition, Heartbeat
from analytics.snapshot import DeviceClass, Permission
from analytics.spool import segments
from tests.end_to_end.browsing import fetch, page
from tests.proxy_addons.local_web import LocalWeb, wait_until
from tests.proxy_addons.running_gateway import ANNE, BEN, PASSWORD, School, device, stop

pytestmark = pytest.mark.slow

SITE = "https://www.amazon.co.uk/"


def school_with(tmp_path: Path, web: LocalWeb, *devices: object) -> School:
    return School(tmp_path / "state", web, devices=devices)  # type: ignore[arg-type]


@pytest.fixture
def web(tmp_path: Path) -> LocalWeb:
    return LocalWeb(tmp_path / "web")


def test_at_an_unknown_address_a_password_is_asked_for_and_checked(tmp_path: Path, web: LocalWeb) -> None:
    school = school_with(tmp_path, web)
    with web, school.running() as process:
        for url in (SITE, "http://www.amazon.co.uk/"):
            for proxy in (school.proxy, school.signed_in("anne", "wrong"), school.signed_in("nobody")):
                answer = page(school, url, proxy=proxy)
                assert 407 in (answer.status, answer.connect)
        assert web.seen == []
        for url in (SITE, "http://www.amazon.co.uk/"):
            assert page(school, url, proxy=school.signed_in("Anne")).status == 200
        assert page(school, SITE, proxy=school.signed_in("ben")).status == 200
        assert wait_until(lambda: len(school.events()) == 3)
        said = stop(process)
    first, second, third = school.events()
    assert {event.person_id for event in (first, second)} == {"p-anne"}
    assert third.person_id == "p-ben"
    for event in (first, second, third):
        assert (event.attribution_method, event.attribution_grade, event.device_id) == (Method.PROXY, Grade.A, None)
        assert str(event.binding_id).startswith("proxy:")
        assert 0 < event.binding_from_ms <= event.ts_ms + 1000
    assert first.binding_id == second.binding_id, "one sign-in, one binding"
    assert not [names for *_, names in web.seen if "proxy-authorization" in names]
    spooled = b"".join(segment.path.read_bytes() for segment in segments(school.spool)).decode()
    for secret in (PASSWORD, "wrong", "YW5uZT"):
        assert secret not in spooled + said


def test_who_signs_in_on_somebody_elses_device_is_named_and_a_wrong_password_is_not_forgiven(
    tmp_path: Path, web: LocalWeb
) -> None:
    school = school_with(tmp_path, web, device(DeviceClass.STAFF, "p-anne"))
    with web, school.running():
        assert page(school, SITE, proxy=school.signed_in("ben")).status == 200
        assert page(school, SITE, proxy=school.signed_in("ben", "wrong")).connect == 407
        assert page(school, SITE).status == 200
    assert [(event.person_id, event.attribution_grade) for event in school.events()] == [
        ("p-ben", Grade.A),
        ("p-anne", Grade.B),
    ]
    assert {event.device_id for event in school.events()} == {"d-1"}


@pytest.mark.parametrize("device_class", [DeviceClass.PUPIL, DeviceClass.GUEST, DeviceClass.PERSONAL])
def test_pupils_guests_and_personal_devices_are_neither_asked_nor_decrypted_nor_counted(
    tmp_path: Path, web: LocalWeb, device_class: DeviceClass
) -> None:
    school = school_with(tmp_path, web, device(device_class, "p-anne"))
    with web, school.running():
        for proxy in (school.proxy, school.signed_in("anne")):
            assert page(school, "http://www.amazon.co.uk/", proxy=proxy).status == 200
            assert fetch(school, SITE, proxy=proxy, ca=str(web.authority.certificate)).status == 200
    beat, stood = school.records()
    assert isinstance(beat, Heartbeat)
    assert isinstance(stood, Condition)
    assert beat.untold == 0


def test_who_was_not_told_is_not_decrypted_and_only_counted(tmp_path: Path, web: LocalWeb) -> None:
    school = school_with(tmp_path, web)
    with web, school.running():
        proxy = school.signed_in("una")
        assert fetch(school, SITE, proxy=proxy, ca=str(web.authority.certificate)).status == 200
        assert page(school, "http://www.amazon.co.uk/", proxy=proxy).status == 200
    beat, stood = school.records()
    assert isinstance(beat, Heartbeat)
    assert isinstance(stood, Condition)
    assert (beat.untold, beat.passed_through, stood.not_told) == (2, 1, 1)


def test_decisions_come_into_force_while_it_runs(tmp_path: Path, web: LocalWeb) -> None:
    school = school_with(tmp_path, web, device(DeviceClass.STAFF, "p-anne"))
    with web, school.running():
        page(school, SITE)
        school.devices = (device(DeviceClass.STAFF, "p-ben"),)
        school.publish()
        assert wait_until(lambda: page(school, SITE).status == 200 and school.events()[-1].person_id == "p-ben", 10)
        school.state.snapshot.write_text("{")
        count = len(school.events())
        page(school, SITE)
        assert wait_until(lambda: len(school.events()) > count)
    assert (school.events()[0].person_id, school.events()[-1].person_id) == ("p-anne", "p-ben")


def test_a_changed_password_ends_the_sign_in(tmp_path: Path, web: LocalWeb) -> None:
    school = school_with(tmp_path, web)
    with web, school.running():
        proxy = school.signed_in("anne")
        assert page(school, SITE, proxy=proxy).status == 200
        school.people = (replace(ANNE, password_hash=""), BEN)
        school.publish()
        assert wait_until(lambda: page(school, SITE, proxy=proxy).connect == 407, 10)


def test_a_permission_given_while_it_runs_covers_the_next_page_and_never_the_one_before(
    tmp_path: Path, web: LocalWeb
) -> None:
    school = school_with(tmp_path, web, device(DeviceClass.STAFF, "p-anne"))
    with web, school.running():
        page(school, SITE)
        school.permissions = (
            Permission(
                permission_id="m-1", person_id="p-anne", categories=(), hosts=("amazon.co.uk/deals",), windows=(),
                from_ms=1, until_ms=0,
            ),
        )  # fmt: skip
        school.publish()
        deals = f"{SITE}deals"
        assert wait_until(lambda: page(school, deals).status == 200 and school.events()[-1].permission_id == "m-1", 10)
        count = len(school.events())
        page(school, SITE)
        assert wait_until(lambda: len(school.events()) > count)
    assert school.events()[0].permission_id is None
    assert school.events()[-1].permission_id is None
