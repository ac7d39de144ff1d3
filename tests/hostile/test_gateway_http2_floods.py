"""HTTP/2 used against the gateway: floods are cut off, stalls are bounded, and everybody else is served."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import h2.errors
import pytest
from hyperframe.frame import ContinuationFrame, HeadersFrame, PingFrame, SettingsFrame

from analytics.records import Gap, Heartbeat
from config.state import DEMONSTRATION_MARK
from tests.end_to_end.browsing import page
from tests.hostile.gateway_memory import pid_of, resident_kb
from tests.proxy_addons.http2_client import Http2Client
from tests.proxy_addons.http2_web import Http2Web
from tests.proxy_addons.local_web import wait_until
from tests.proxy_addons.running_gateway import School, stop

pytestmark = pytest.mark.slow

HOST = "flood.argos.co.uk"
CALM = int(h2.errors.ErrorCodes.ENHANCE_YOUR_CALM)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Http2Web]:
    with Http2Web(tmp_path_factory.mktemp("web"), "*.argos.co.uk") as web:
        yield web


def school_of(web: Http2Web, folder: Path) -> School:
    """A school whose gateway finds every site at `web`."""
    school = School(
        folder, gateway={"stand_in": f"127.0.0.1:{web.port}", "upstream_ca": str(web.authority.certificate)}
    )
    school.state.prepare()
    (school.root / DEMONSTRATION_MARK).touch()
    school.prepare()
    return school


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory, web: Http2Web) -> Iterator[School]:
    school = school_of(web, tmp_path_factory.mktemp("school") / "state")
    process = school.start()
    yield school
    said = stop(process)
    assert "hook_failed" not in said
    assert "proxy_fault" not in said
    assert not [record for record in school.records() if isinstance(record, Gap)]
    assert [record.hook_errors for record in school.records() if isinstance(record, Heartbeat)] == [0]


@pytest.fixture(autouse=True)
def others_are_served(school: School) -> Iterator[None]:
    yield
    assert page(school, "https://next.argos.co.uk/after").status == 200


def sent_until_cut_off(client: Http2Client, piece: bytes, times: int) -> None:
    with contextlib.suppress(OSError):
        for _ in range(times):
            client.line.sendall(piece)


def test_requests_taken_back_at_once_end_the_connection(school: School, web: Http2Web) -> None:
    before = resident_kb(pid_of(school))
    with Http2Client(school, HOST) as client:
        with contextlib.suppress(OSError):
            for number in range(5_000):
                stream = client.spoken.get_next_available_stream_id()
                head = [(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", f"/{number}")]
                client.spoken.send_headers(stream, head, end_stream=True)
                client.spoken.reset_stream(stream, h2.errors.ErrorCodes.CANCEL)
                if number % 50 == 49:
                    client.flush()
        assert client.read_until(lambda: client.told is not None)
        assert client.told == CALM
    assert resident_kb(pid_of(school)) - before < 30_000


def test_a_browser_may_take_back_a_page_of_requests(school: School) -> None:
    with Http2Client(school, HOST) as client:
        for _ in range(5):
            streams = [client.ask("/hang") for _ in range(40)]
            for stream in streams:
                client.spoken.reset_stream(stream, h2.errors.ErrorCodes.CANCEL)
            client.flush()
        last = client.ask("/still-here")
        assert client.read_until(lambda: last in client.ended)
        assert client.status[last] == "200"


@pytest.mark.parametrize(
    "frame",
    [
        PingFrame(0, b"12345678").serialize(),
        SettingsFrame(0, {SettingsFrame.INITIAL_WINDOW_SIZE: 70_000}).serialize(),
        b"\x00\x00\x00\xee\x00\x00\x00\x00\x00",
    ],
    ids=["ping", "settings", "unknown"],
)
def test_frames_that_ask_for_nothing_end_the_connection(school: School, frame: bytes) -> None:
    with Http2Client(school, HOST) as client:
        sent_until_cut_off(client, frame * 1_000, 20)
        assert client.read_until(lambda: client.told is not None)
        assert client.told == CALM


def test_endless_headers_end_the_connection(school: School) -> None:
    before = resident_kb(pid_of(school))
    with Http2Client(school, HOST) as client:
        opening = HeadersFrame(1, b"\x40\x05x-one\x7f\xff\x01" + b"y" * 16).serialize()
        more = ContinuationFrame(1, b"z" * 8_000).serialize()
        client.line.sendall(opening)
        sent_until_cut_off(client, more, 20_000)
        client.read_until(lambda: client.told is not None)
    assert resident_kb(pid_of(school)) - before < 20_000


def test_more_streams_than_allowed_are_refused_and_the_allowed_ones_served(school: School) -> None:
    with Http2Client(school, HOST) as client:
        streams = [client.ask("/hang") for _ in range(100)]
        for stream in streams[:50]:
            client.spoken.reset_stream(stream)
        last = client.ask("/allowed")
        assert client.read_until(lambda: last in client.ended)
        assert client.status[last] == "200"


def test_a_client_that_reads_nothing_is_not_read_for(school: School, web: Http2Web) -> None:
    before, sent = resident_kb(pid_of(school)), web.sent
    with Http2Client(school, HOST, greedy=False) as client:
        client.spoken.increment_flow_control_window(10_000_000)
        streams = [client.ask("/large/200000000") for _ in range(5)]
        other = client.ask("/small")
        assert client.read_until(lambda: other in client.ended), "the others of the connection go on"
        assert web.sent - sent < 10_000_000
        assert resident_kb(pid_of(school)) - before < 20_000
        for stream in streams:
            client.spoken.reset_stream(stream)
        client.flush()


def test_what_was_held_back_comes_whole_when_there_is_room(school: School, web: Http2Web) -> None:
    host, size = "paused.argos.co.uk", 6_000_000
    with Http2Client(school, host, greedy=False) as client:
        stream = client.ask(f"/large/{size}")
        client.read_until(lambda: False, 1.0)
        assert len(client.bodies[stream]) == 65_535
        for _ in range(200):
            if client.read_until(lambda: stream in client.ended, 0.02):
                break
            client.grant(stream, 65_535)
        assert len(client.bodies[stream]) == size
    assert wait_until(lambda: any(event.host == host for event in school.events()))
    (event,) = [event for event in school.events() if event.host == host]
    assert (event.bytes_down, event.status) == (size, 200)


def test_an_upload_over_http2_arrives_whole(school: School, tmp_path: Path) -> None:
    host = "upload.argos.co.uk"
    body = tmp_path / "body"
    body.write_bytes(b"u" * 20_000_000)
    answer = page(school, f"https://{host}/upload", "--http2", "-X", "POST", "--data-binary", f"@{body}")
    assert answer.body == "20000000"
    assert wait_until(lambda: any(event.host == host for event in school.events()))
    (event,) = [event for event in school.events() if event.host == host]
    assert (event.bytes_up, event.upload) == (20_000_000, True)


def test_an_upload_to_a_site_that_takes_nothing_is_not_taken_in(school: School) -> None:
    with Http2Client(school, HOST) as client:
        stream = client.ask("/stuck", method="POST", end=False)
        sent = waited = 0
        while waited < 10 and sent < 20_000_000:
            room = min(client.spoken.local_flow_control_window(stream), 16_384)
            if room:
                client.spoken.send_data(stream, b"s" * room)
                client.flush()
                sent, waited = sent + room, 0
            else:
                client.read_until(lambda: False, 0.3)
                waited += 1
        other = client.ask("/small")
        assert client.read_until(lambda: other in client.ended), "the others of the connection go on"
        assert 64_000 < sent < 2_000_000
