"""A real gateway beside a real filter, as an explicit proxy: who sees what, what is blocked, and nothing goes round."""

import contextlib
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analytics.event import Grade, NotInspected, WebEvent
from tests.end_to_end.browsing import PAGE, fetch, page
from tests.end_to_end.preface_relay import PrefaceRelay
from tests.end_to_end.school_filter import BLOCKED, NOT_INSPECTED, REFUSED, Filter
from tests.proxy_addons.local_web import LocalWeb, free_port, wait_until
from tests.proxy_addons.running_gateway import School, stop

pytestmark = pytest.mark.slow

CLAIMS = ("-H", "X-Forwarded-For: 10.9.9.9", "-H", "Forwarded: for=10.9.9.9", "-H", "Via: 1.1 staffroom")
PATIENT = ("-m", "60")


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWeb]:
    with LocalWeb(tmp_path_factory.mktemp("web")) as web:
        yield web


@pytest.fixture(scope="module")
def filtering(tmp_path_factory: pytest.TempPathFactory, web: LocalWeb) -> Iterator[Filter]:
    ports = ("127.0.0.1", str(web.port), str(web.port + 1))
    filtering = Filter(tmp_path_factory.mktemp("filter"), free_port(), ports, web.authority.certificate)
    with filtering.running():
        yield filtering


def school_behind(folder: Path, filtering: Filter, forward: str = "x_forwarded_for") -> School:
    school = School(folder / "state")
    school.gateway = {
        "upstream_ca": str(filtering.certificate),
        "upstream.proxy": f"http://127.0.0.1:{filtering.port}",
        "upstream.forward": forward,
    }
    return school


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory, filtering: Filter) -> Iterator[School]:
    school = school_behind(tmp_path_factory.mktemp("school"), filtering)
    with school.running():
        yield school


def event_of(school: School, host: str) -> WebEvent:
    def found() -> list[WebEvent]:
        return [event for event in school.events() if event.host == host]

    assert wait_until(found, 60), f"no event of {host}"
    return found()[-1]


def seen(filtering: Filter, host: str) -> list[dict[str, Any]]:
    return [entry for entry in filtering.seen() if entry["host"] == host]


def test_https_goes_through_the_filter_which_is_told_the_client_and_the_web_is_not(
    school: School, filtering: Filter, web: LocalWeb
) -> None:
    answer = page(school, "https://www.amazon.co.uk/gp", *CLAIMS, *PATIENT)
    assert (answer.status, answer.body) == (200, "<p>/gp</p>"), answer.fault
    event = event_of(school, "www.amazon.co.uk")
    assert (event.person_id, event.attribution_grade, event.client_ip) == ("p-anne", Grade.B, "127.0.0.1")
    connect, request = seen(filtering, "www.amazon.co.uk")
    assert (connect["method"], connect["asked"]) == ("CONNECT", "www.amazon.co.uk:443")
    assert (connect["forwarded_for"], connect["claims"]) == (["127.0.0.1"], [])
    assert (request["tls"], request["forwarded_for"], request["claims"]) == (True, [], [])
    (names,) = [names for host, _, _, names in web.seen if host == "www.amazon.co.uk"]
    assert not {"x-forwarded-for", "forwarded", "via"} & names


def test_plain_http_is_asked_of_the_filter_by_its_whole_address(
    school: School, filtering: Filter, web: LocalWeb
) -> None:
    answer = page(school, "http://www.argos.co.uk/toys", *CLAIMS, *PATIENT)
    assert (answer.status, answer.body) == (200, "<p>/toys</p>"), answer.fault
    (request,) = seen(filtering, "www.argos.co.uk")
    assert (request["method"], request["asked"], request["tls"]) == ("GET", "www.argos.co.uk:80", False)
    assert (request["forwarded_for"], request["claims"]) == (["127.0.0.1"], [])
    assert event_of(school, "www.argos.co.uk").status == 200


def test_many_sites_of_one_connection_do_not_wait_for_each_other(school: School) -> None:
    urls = [f"http://site{number}.argos.co.uk/" for number in range(9)]
    answer = page(school, urls[0], *PATIENT, *urls[1:])
    assert answer.status == 200, answer.fault
    assert answer.body.count("<p>/</p>") == len(urls)


def test_a_large_download_and_an_upload_pass_whole(school: School, tmp_path: Path) -> None:
    for scheme in ("https", "http"):
        url = f"{scheme}://large.argos.co.uk"
        answer = page(school, f"{url}/large/5000000", "-o", str(tmp_path / "got"), *PATIENT)
        assert (answer.status, (tmp_path / "got").stat().st_size) == (200, 5_000_000), answer.fault
        (tmp_path / "sent").write_bytes(b"y" * 3_000_000)
        answer = page(school, f"{url}/", "--data-binary", f"@{tmp_path / 'sent'}", *PATIENT)
        assert (answer.status, answer.body) == (200, "3000000"), answer.fault


def test_the_filters_own_page_for_a_site_it_inspects_reaches_the_person(school: School) -> None:
    answer = page(school, f"https://{BLOCKED}/", *PATIENT)
    assert (answer.status, "Oakfield's filter blocks" in answer.body) == (403, True)
    assert event_of(school, BLOCKED).status == 403


def test_the_filters_page_instead_of_a_tunnel_is_shown_as_something_that_can_do_nothing(school: School) -> None:
    answer = page(school, f"https://{REFUSED}/", "-D", "-", *PATIENT)
    assert (answer.status, "Oakfield's filter blocks" in answer.body) == (403, True), answer
    head = answer.body.lower()
    assert "content-security-policy: sandbox" in head
    assert "set-cookie" not in head
    event = event_of(school, REFUSED)
    assert (event.status, event.person_id) == (403, "p-anne")


def test_what_is_not_decrypted_goes_through_the_filter_too(school: School, filtering: Filter, web: LocalWeb) -> None:
    answer = fetch(school, f"https://{NOT_INSPECTED}/", *PATIENT, ca=str(web.authority.certificate))
    assert answer.status == 200, answer.fault
    (connect,) = seen(filtering, NOT_INSPECTED)
    assert (connect["method"], connect["forwarded_for"]) == ("CONNECT", ["127.0.0.1"])
    assert event_of(school, NOT_INSPECTED).not_inspected is NotInspected.BANKING


def test_a_shielded_site_goes_through_the_filter_and_leaves_no_word_here(
    school: School, filtering: Filter, web: LocalWeb
) -> None:
    answer = fetch(school, "https://www.samaritans.org/", *PATIENT, ca=str(filtering.certificate))
    assert answer.status == 200, answer.fault
    assert len(seen(filtering, "www.samaritans.org")) == 2
    page(school, "https://last.argos.co.uk/", *PATIENT)
    event_of(school, "last.argos.co.uk")
    spooled = b"".join(path.read_bytes() for path in school.spool.glob("0*"))
    assert b"samaritans" not in spooled


def test_an_authority_that_is_not_trusted_is_refused(tmp_path: Path, filtering: Filter) -> None:
    school = school_behind(tmp_path, filtering)
    del school.gateway["upstream_ca"]
    with school.running():
        answer = page(school, "https://www.amazon.co.uk/", *PATIENT)
    assert answer.status == 502
    assert "certificate" in answer.body.lower()


def test_where_nothing_is_forwarded_the_filter_sees_the_gateway_alone(tmp_path: Path, filtering: Filter) -> None:
    school = school_behind(tmp_path, filtering, "none")
    with school.running():
        for url in ("https://none.amazon.co.uk/", "http://none.amazon.co.uk/"):
            assert page(school, url, *CLAIMS, *PATIENT).status == 200
    assert [entry["forwarded_for"] for entry in seen(filtering, "none.amazon.co.uk")] == [[], [], []]


@pytest.mark.parametrize("forward", ["proxy_protocol", "proxy_protocol_v2"])
def test_the_client_is_told_to_the_filter_by_the_proxy_protocol(
    tmp_path: Path, filtering: Filter, web: LocalWeb, forward: str
) -> None:
    with PrefaceRelay(filtering.port) as relay:
        school = school_behind(tmp_path, filtering, forward)
        school.gateway["upstream.proxy"] = f"http://127.0.0.1:{relay.port}"
        with school.running():
            for url in ("https://www.amazon.co.uk/", "http://www.argos.co.uk/"):
                assert page(school, url, *PATIENT).status == 200
            assert fetch(school, f"https://{NOT_INSPECTED}/", *PATIENT, ca=str(web.authority.certificate)).status == 200
    assert relay.told == ["127.0.0.1"] * 3
    assert not [entry for entry in filtering.seen()[-5:] if entry["forwarded_for"]]


def test_once_the_filter_is_back_the_next_page_opens_on_the_same_connection(tmp_path: Path, filtering: Filter) -> None:
    school, port = school_behind(tmp_path, filtering), free_port()
    school.gateway["upstream.proxy"] = f"http://127.0.0.1:{port}"
    with school.running():
        command = ["curl", "-sS", "-x", school.proxy, "--cacert", school.ca, "--rate", "6/m", *PAGE, *PATIENT]
        command += ["-w", "%{http_code} %{num_connects}\n", "-o", "/dev/null", "-o", "/dev/null"]
        urls = [f"https://back.amazon.co.uk/{number}" for number in range(2)]
        with subprocess.Popen([*command, *urls], stdout=subprocess.PIPE, text=True) as asking:
            assert event_of(school, "back.amazon.co.uk").status == 0
            with PrefaceRelay(filtering.port, port, preface=False):
                said, _ = asking.communicate(timeout=120)
    assert said.split("\n")[:2] == ["502 1", "200 0"]


def test_a_filter_that_takes_no_more_connections_is_not_waited_for_without_end(
    tmp_path: Path, filtering: Filter
) -> None:
    with contextlib.ExitStack() as full:
        busy = full.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = full.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(busy.getsockname())
        school = school_behind(tmp_path, filtering)
        school.gateway["upstream.proxy"] = f"http://127.0.0.1:{busy.getsockname()[1]}"
        with school.running():
            answer = page(school, "http://www.argos.co.uk/", "-m", "110")
    assert (answer.status, "web filter does not answer" in answer.body) == (502, True), answer


def test_while_the_filter_is_down_a_page_says_so_and_nothing_goes_round_it(
    tmp_path: Path, filtering: Filter, web: LocalWeb
) -> None:
    school = school_behind(tmp_path, filtering)
    school.gateway["upstream.proxy"] = f"http://127.0.0.1:{free_port()}"
    before = len(web.seen)
    with school.running() as process:
        for url in ("https://www.amazon.co.uk/", "http://www.argos.co.uk/"):
            answer = page(school, url, *PATIENT)
            assert (answer.status, "web filter does not answer" in answer.body) == (502, True), answer
        assert fetch(school, "https://www.barclays.co.uk/", *PATIENT, ca=str(web.authority.certificate)).status == 0
        said = stop(process)
    assert len(web.seen) == before
    assert {(event.host, event.status) for event in school.events()} == {
        *{("www.amazon.co.uk", 0), ("www.argos.co.uk", 0), ("www.barclays.co.uk", 0)}
    }
    assert "hook_failed" not in said
