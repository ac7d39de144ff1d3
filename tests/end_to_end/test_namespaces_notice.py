"""The transparent gateway and a shared computer: a teacher signs in, is told, and signs out; a pupil is nobody."""

import re
import sys
from collections.abc import Iterator

import pytest

from analytics.event import Grade, Method
from analytics.snapshot import DeviceClass
from tests.end_to_end import namespaces
from tests.end_to_end.a_notice import HTML, VERSION, acknowledged
from tests.end_to_end.browsing import PAGE
from tests.end_to_end.namespaces import CLIENT, CLIENT6, GATEWAY_PORT, SERVER6, running
from tests.end_to_end.test_namespaces import Place
from tests.proxy_addons.local_web import wait_until
from tests.proxy_addons.running_gateway import PASSWORD, START, UNTOLD, School, device
from tests.proxy_addons.running_gateway import stop as stop_gateway

WHY_NOT = namespaces.unavailable()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "available"),
]
PORTAL, PORTAL6 = "10.77.1.1", "[fd77:1::1]"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("namespaces")
    with namespaces.three_namespaces() as made, namespaces.served_web(made, folder / "web"):
        namespaces.load_rules(made, folder)
        school = School(folder / "state", devices=(device(DeviceClass.SHARED, None, CLIENT, CLIENT6),))
        school.people, school.notice_version = (UNTOLD,), VERSION
        school.identity = {"listen_host": "", "portal_port": 8081, "portal_tls_port": 8443}
        ca = folder / "web" / "web-ca.pem"
        school.gateway = {"mode": "transparent", "listen_host": "", "listen_port": GATEWAY_PORT, "upstream_ca": str(ca)}
        school.prepare()
        gateway = school.start(command=made.inside(made.gateway, [sys.executable, "-c", START, str(school.root)]))
        try:
            with running(made, school.root, "identity"):
                yield Place(made, school, ca)
        finally:
            stop_gateway(gateway)


def portal(place: Place, url: str, *more: str) -> str:
    """A page of the portal, with its headers; cookies are kept."""
    jar = str(place.school.root.parent / "cookies")
    done = place.made.run(
        place.made.client,
        *("curl", "-sS", "-i", "-m", "15", "--cacert", place.school.ca, "-c", jar, "-b", jar, *more, url),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return found[1]


def location(page: str) -> str:
    found = re.search(r"^location: (\S+)", page, re.MULTILINE | re.IGNORECASE)
    assert found, page
    return found[1]


def send(place: Place, url: str, page: str, **fields: str) -> str:
    given = {"form": field(page, "form")} | ({"to": field(page, "to")} if 'name="to"' in page else {}) | fields
    return portal(place, url, *(part for item in given.items() for part in ("--data-urlencode", "=".join(item))))


def unopened(place: Place, host: str) -> None:
    """The site is reached under its own certificate."""
    assert place.curl(f"https://{host}/", *PAGE, ca=str(place.web_ca)) == "<p>/</p>"


def test_a_teacher_signs_in_is_told_is_recorded_and_signs_out_and_a_pupil_after_them_is_nobody(place: Place) -> None:
    unopened(place, "www.before.example")
    page = portal(place, f"https://{PORTAL}:8443/sign-in")
    signed_in = send(place, f"https://{PORTAL}:8443/sign-in", page, username="una", password=PASSWORD)
    assert location(signed_in) == "/notice?to="
    unopened(place, "www.untold.example")
    sent = _sent_away(place, "http://www.oldsite.example/news?id=17")
    assert location(sent).startswith(f"http://{PORTAL}:8081/notice?to=")
    notice = portal(place, location(sent))
    told = send(place, f"http://{PORTAL}:8081/notice", notice, answer="told")
    assert location(told) == "http://www.oldsite.example/news?id=17"
    assert place.curl("https://www.gov.uk/", *PAGE) == "<p>/</p>"
    (event,) = place.events("www.gov.uk")
    assert (event.person_id, event.attribution_method, event.attribution_grade) == ("p-una", Method.PORTAL, Grade.A)
    assert [record.how for record in acknowledged(place.school)] == ["page_visit"]
    out = portal(place, f"https://{PORTAL}:8443/sign-in")
    assert "You are signed out" in send(place, f"https://{PORTAL}:8443/sign-out", out)
    assert wait_until(lambda: _passed_through(place, "www.pupil.example"))
    assert {event.host for event in place.school.events()} <= {"www.gov.uk", "www.oldsite.example"}


def _sent_away(place: Place, url: str) -> str:
    """The answer to a page visit, once every worker knows who signed in."""
    answers: list[str] = []

    def sent() -> bool:
        answers.append(place.curl(url, *HTML, "-i"))
        return " 302 " in answers[-1].splitlines()[0]

    assert wait_until(sent)
    return answers[-1]


def _passed_through(place: Place, host: str) -> bool:
    """Whether the gateway has seen the sign-out: the site's own certificate comes through."""
    try:
        unopened(place, host)
    except AssertionError:
        return False
    return True


def test_over_ipv6_the_notice_is_found_where_the_gateway_was_reached(place: Place) -> None:
    page = portal(place, f"https://{PORTAL6}:8443/about")
    assert "200" in page.splitlines()[0]
    assert place.curl("http://www.oldsite.example/", *HTML, address=f"[{SERVER6}]") == "<p>/</p>", "nobody is signed in"


def test_the_lines_for_dhcp_name_the_captive_portal_api(place: Place) -> None:
    answer = portal(place, f"https://{PORTAL}:8443/captive")
    assert "application/captive+json" in answer
    assert '"captive": false' in answer
