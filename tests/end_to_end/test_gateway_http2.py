"""HTTP/2 on both sides of a real gateway is recorded as any other."""

from pathlib import Path

import pytest

from config.state import DEMONSTRATION_MARK
from tests.end_to_end.browsing import page
from tests.proxy_addons.http2_web import Http2Web
from tests.proxy_addons.local_web import wait_until
from tests.proxy_addons.running_gateway import School

pytestmark = pytest.mark.slow

SITE = "www.amazon.co.uk"


def test_http2_is_spoken_to_both_and_each_stream_leaves_its_event(tmp_path: Path) -> None:
    with Http2Web(tmp_path / "web", SITE) as web:
        school = School(tmp_path / "state")
        school.state.prepare()
        (school.root / DEMONSTRATION_MARK).touch()
        school.gateway = {"stand_in": f"127.0.0.1:{web.port}", "upstream_ca": str(web.authority.certificate)}
        with school.running():
            urls = [f"https://{SITE}/{number}" for number in range(20)]
            got = page(school, f"https://{SITE}/first", "--http2", "--parallel", *urls)
            assert got.body.count("<p>/") == 21
            assert wait_until(lambda: len(school.events()) == 21)
    assert {event.host for event in school.events()} == {SITE}
    assert {event.status for event in school.events()} == {200}
    assert {event.category for event in school.events()} == {"shopping"}
