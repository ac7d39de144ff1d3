"""The notice, end to end: a real gateway, a real portal, curl. Who is sent there, who never, what comes after."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.end_to_end.a_notice import (
    NOTICE,
    VERSION,
    acknowledged,
    answered,
    path_of,
    portal,
    sent_to,
    standing,
    untold_school,
    visit,
)
from tests.end_to_end.browsing import fetch, page
from tests.proxy_addons.local_web import LocalWeb, wait_until
from tests.proxy_addons.running_gateway import UNTOLD

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

WANTED = "http://www.bbc.co.uk/news?id=17"
PROBES = (
    "http://www.msftconnecttest.com/connecttest.txt",
    "http://captive.apple.com/hotspot-detect.html",
    "http://connectivitycheck.gstatic.com/generate_204",
    "http://detectportal.firefox.com/success.txt",
    "http://nmcheck.gnome.org/check_network_status.txt",
)


@pytest.fixture
def web(tmp_path: Path) -> LocalWeb:
    return LocalWeb(tmp_path / "web")


def test_a_page_visit_leads_to_the_notice_and_after_it_to_the_page_and_the_next_is_recorded(
    tmp_path: Path, web: LocalWeb
) -> None:
    school = untold_school(tmp_path, web)
    with web, standing(school):
        unopened = fetch(school, "https://www.amazon.co.uk/", ca=str(web.authority.certificate))
        assert unopened.status == 200
        first = visit(school, WANTED)
        assert first.status == 302
        assert "no-store" in first.body
        to = sent_to(first)
        assert urlsplit(to).netloc == f"127.0.0.1:{school.identity['portal_port']}"
        assert "bbc" not in to
        assert "una" not in to
        shown = portal(school, path_of(to))
        assert shown.status == 200
        assert NOTICE.title.replace("'", "&#x27;") in shown.body or NOTICE.title.split("'")[0] in shown.body
        assert "bbc" not in shown.body
        assert "una" not in shown.body
        assert acknowledged(school) == []
        told = answered(school, shown.body, "told")
        assert (told.status, sent_to(told)) == (303, WANTED)
        assert visit(school, WANTED).status == 200
        assert page(school, "https://www.gov.uk/").status == 200
        assert wait_until(lambda: len(school.events()) == 2)
    assert [event.host for event in school.events()] == ["www.bbc.co.uk", "www.gov.uk"]
    (record,) = acknowledged(school)
    assert (record.person_id, record.notice_version, record.how) == ("p-una", VERSION, "page_visit")
    assert (record.device_id, record.reminder) == ("d-1", 0)


@pytest.mark.parametrize("probe", PROBES)
def test_each_operating_systems_probe_leads_to_the_notice_and_nothing_is_gone_on_to(
    tmp_path: Path, web: LocalWeb, probe: str
) -> None:
    school = untold_school(tmp_path, web)
    with web, standing(school):
        sent = fetch(school, probe, "-i", "-A", "Microsoft NCSI")
        assert sent.status == 302
        shown = portal(school, path_of(sent_to(sent)))
        told = answered(school, shown.body, "told")
        assert told.status == 200
        assert "Thank you" in told.body
        assert fetch(school, probe, "-i").status == 200
    assert [record.how for record in acknowledged(school)] == ["portal_probe"]


def test_never_a_form_a_download_an_app_or_anything_shielded_and_in_the_end_the_page_itself(
    tmp_path: Path, web: LocalWeb
) -> None:
    school = untold_school(tmp_path, web)
    with web, standing(school):
        assert visit(school, WANTED, "-d", "name=Una").status == 200
        assert visit(school, "http://www.bbc.co.uk/letter.pdf").status == 200
        assert visit(school, WANTED, "-H", "Range: bytes=0-3").status in (200, 206)
        assert visit(school, WANTED, "-H", "X-Requested-With: XMLHttpRequest").status == 200
        assert visit(school, WANTED, "-H", "Sec-Fetch-Dest: image").status == 200
        assert fetch(school, WANTED, "-A", "SomeApp/1.0").status == 200
        assert visit(school, "http://www.samaritans.org/").status == 200
        assert visit(school, WANTED).status == 302
        assert visit(school, WANTED).status == 200, "the page that was asked for again opens"
        assert visit(school, "http://www.bbc.co.uk/weather").status == 302
    assert school.events() == []


def test_while_the_portal_does_not_answer_everything_goes_its_way(tmp_path: Path, web: LocalWeb) -> None:
    school = untold_school(tmp_path, web)
    with web, school.running():
        assert visit(school, WANTED).status == 200


def test_not_me_and_forged_answers_write_nothing_down(tmp_path: Path, web: LocalWeb) -> None:
    school = untold_school(tmp_path, web)
    with web, standing(school):
        shown = portal(school, path_of(sent_to(visit(school, WANTED))))
        said = answered(school, shown.body, "not_me")
        assert said.status == 200
        assert "Nobody was noted as told" in said.body
        assert WANTED.replace("&", "&amp;") in said.body
        assert answered(school, shown.body, "told", "-H", "Sec-Fetch-Site: cross-site").status == 403
        assert answered(school, shown.body, "told", "--interface", "127.0.0.3").status == 403
        forged = portal(school, "/notice", "-d", "answer=told&form=1.aa&to=")
        assert forged.status == 403
    assert acknowledged(school) == []


def test_whoever_was_told_before_this_term_is_reminded_once_and_recorded_meanwhile(
    tmp_path: Path, web: LocalWeb
) -> None:
    school = untold_school(tmp_path, web)
    school.people = (replace(UNTOLD, told_ms=1),)
    with web, standing(school):
        assert page(school, "https://www.gov.uk/").status == 200
        sent = visit(school, WANTED)
        assert sent.status == 302
        shown = portal(school, path_of(sent_to(sent)))
        assert "reminder for this term" in shown.body
        assert answered(school, shown.body, "told").status == 303
        assert visit(school, "http://www.bbc.co.uk/weather").status == 200
        assert wait_until(lambda: len(school.events()) == 2)
    assert [record.reminder for record in acknowledged(school)] == [1]


def test_a_changed_notice_is_shown_again_and_recording_goes_on(tmp_path: Path, web: LocalWeb) -> None:
    school = untold_school(tmp_path, web)
    school.people = (replace(UNTOLD, told_earlier_ms=1),)
    with web, standing(school):
        assert page(school, "https://www.gov.uk/").status == 200
        shown = portal(school, path_of(sent_to(visit(school, WANTED))))
        assert "has changed since you were told" in shown.body
        assert answered(school, shown.body, "told").status == 303
        assert wait_until(lambda: len(school.events()) == 1)
    assert [record.reminder for record in acknowledged(school)] == [0]


def test_strictly_whoever_is_untold_reaches_the_notice_the_shielded_and_the_schools_own_sites(
    tmp_path: Path, web: LocalWeb
) -> None:
    school = untold_school(tmp_path, web, untold="notice_only", school_sites=["oakfield.sch.uk"])
    trusted = str(web.authority.certificate)
    with web, standing(school):
        for url in ("https://www.samaritans.org/", "https://mail.oakfield.sch.uk/", "https://www.barclays.co.uk/"):
            assert fetch(school, url, ca=trusted).status == 200, url
        assert fetch(school, "https://www.gov.uk/", "-k").status == 0
        assert visit(school, WANTED, "-d", "a=b").status == 511
        assert visit(school, WANTED).status == 302
        sent = visit(school, WANTED)
        assert sent.status == 302
        shown = portal(school, path_of(sent_to(sent)))
        assert answered(school, shown.body, "told").status == 303
        assert page(school, "https://www.gov.uk/").status == 200
        assert wait_until(lambda: len(school.events()) == 1)
    assert {host for host, *_ in web.seen} >= {"www.samaritans.org", "mail.oakfield.sch.uk"}
