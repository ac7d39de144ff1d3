"""A school with a real gateway and a real `fairgate identity` whose notice is in force, for tests."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from analytics.records import Acknowledgement
from analytics.snapshot import DeviceClass
from analytics.spool import read_records, segments
from config.policy import load_policy
from tests.analytics.test_identifying import start as start_identity
from tests.analytics.test_identifying import stop as stop_identity
from tests.end_to_end.browsing import CHROME, Answer, fetch
from tests.proxy_addons.local_web import LocalWeb, wait_until
from tests.proxy_addons.running_gateway import UNTOLD, School, device

NOTICE = load_policy().notice
VERSION = load_policy().notice_version
HTML = ("-A", CHROME, "-H", "Accept: text/html,application/xhtml+xml,*/*;q=0.8", "-H", "Upgrade-Insecure-Requests: 1")
"""What a browser says over plain HTTP."""


def untold_school(tmp_path: Path, web: LocalWeb, **identity: object) -> School:
    """Una, never told, at her own computer, 127.0.0.1."""
    school = School(tmp_path / "state", web, devices=(device(DeviceClass.STAFF, "p-una"),), people=(UNTOLD,))
    school.notice_version = VERSION
    school.identity |= identity
    return school


@contextmanager
def standing(school: School) -> Iterator[None]:
    """Gateway and identity, both up."""
    with school.running():
        process = start_identity(school.state)
        try:
            assert wait_until(lambda: portal(school, "/about", "--noproxy", "*").status == 200)
            yield
        finally:
            said = stop_identity(process)
            assert "p-una" not in said


def visit(school: School, url: str, *more: str) -> Answer:
    """A page over plain HTTP as a browser asks for it; headers come with the body."""
    return fetch(school, url, *HTML, "-i", *more)


def portal(school: School, path: str, *more: str) -> Answer:
    """A page of the portal, asked for directly."""
    return fetch(school, f"http://127.0.0.1:{school.identity['portal_port']}{path}", "--noproxy", "*", *HTML, *more)


def sent_to(answer: Answer) -> str:
    """Where it sends the browser; "" where nowhere."""
    found = re.search(r"^location: (\S+)", answer.body, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return found[1]


def answered(school: School, page: str, answer: str, *more: str) -> Answer:
    """The page's form, sent with one of its buttons."""
    data = [f"{name}={field(page, name)}" for name in ("to", "form")]
    given = [part for each in (*data, f"answer={answer}") for part in ("--data-urlencode", each)]
    return portal(school, "/notice", "-i", *given, *more)


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def acknowledged(school: School) -> list[Acknowledgement]:
    folder = school.state.spool / "gate-identity"
    kept = [line.record for segment in segments(folder) for line in read_records(segment.path)]
    return [record for record in kept if isinstance(record, Acknowledgement)]
