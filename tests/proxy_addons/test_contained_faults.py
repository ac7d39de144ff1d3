"""A fault inside mitmproxy ends the connection it happened on, is counted, and no other connection notices."""

import sys
from pathlib import Path

import pytest

from analytics.records import Gap, GapReason, Heartbeat
from tests.end_to_end.browsing import page
from tests.proxy_addons.local_web import LocalWeb
from tests.proxy_addons.running_gateway import START, School, stop

pytestmark = pytest.mark.slow

FAULTY = """
from mitmproxy.proxy.layers.http import HttpStream
plain = HttpStream.state_wait_for_response_headers
def state_wait_for_response_headers(self, event):
    if "faulty" in self.flow.request.headers:
        raise NotImplementedError("something mitmproxy cannot do")
    yield from plain(self, event)
HttpStream.state_wait_for_response_headers = state_wait_for_response_headers
"""


def test_a_connection_that_mitmproxy_cannot_go_on_with_is_closed_and_counted(tmp_path: Path) -> None:
    with LocalWeb(tmp_path / "web") as web:
        school = School(tmp_path / "state", web)
        school.prepare()
        process = school.start(command=[sys.executable, "-c", FAULTY + START, str(school.root)])
        for scheme in ("http", "https"):
            answer = page(school, f"{scheme}://broken.argos.co.uk/", "-H", "Faulty: yes", "-m", "15")
            assert (answer.status, "timed out" in answer.fault) == (0, False)
            assert page(school, f"{scheme}://whole.argos.co.uk/").status == 200
        said = stop(process)
    _is_counted_and_recorded(school, said)


def _is_counted_and_recorded(school: School, said: str) -> None:
    assert said.count("proxy_fault") >= 2
    assert "argos" not in said
    (beat,) = [record for record in school.records() if isinstance(record, Heartbeat)]
    (gap,) = [record for record in school.records() if isinstance(record, Gap)]
    assert (beat.hook_errors, gap.reason) == (2, GapReason.HOOK_ERROR)
    broken = [event for event in school.events() if event.host == "broken.argos.co.uk"]
    assert [event.status for event in broken] == [0, 0], "what was under way is recorded all the same"
