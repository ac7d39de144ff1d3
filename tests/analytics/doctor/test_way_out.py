"""The way out, tried against real proxies and real TLS."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analytics.doctor.way_out import Outcome, Site, tried
from config.settings import GatewaySettings
from tests.end_to_end.preface_relay import PrefaceRelay
from tests.end_to_end.school_filter import REFUSED, Filter
from tests.proxy_addons.local_web import LocalWeb, free_port

LOCAL = "127.0.0.1"
NAME = "www.amazon.co.uk"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWeb]:
    with LocalWeb(tmp_path_factory.mktemp("web")) as web:
        yield web


def gateway(**settings: Any) -> GatewaySettings:
    return GatewaySettings.model_validate(settings)


@contextlib.contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """The port of something that answers everybody so, and hangs up."""
    with socket.create_server((LOCAL, 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    arrived, _ = listening.accept()
                    with arrived:
                        arrived.recv(4096)
                        arrived.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield int(listening.getsockname()[1])


def test_an_open_way_is_tried_to_the_site_itself(web: LocalWeb) -> None:
    ca = {"upstream_ca": web.authority.certificate}
    assert tried(gateway(**ca), Site("localhost", web.port)) is Outcome.ARRIVED
    assert tried(gateway(), Site("localhost", web.port)) is Outcome.NOT_TRUSTED
    assert tried(gateway(), Site("localhost", free_port())) is Outcome.NO_ANSWER
    assert tried(gateway(), Site("no.such.name.invalid", 443)) is Outcome.NO_NAME


def through(port: int, forward: str = "none", ca: Path | None = None) -> GatewaySettings:
    return gateway(upstream={"proxy": f"http://{LOCAL}:{port}", "forward": forward}, upstream_ca=ca)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"HTTP/1.1 407 Who\r\n\r\n", Outcome.SIGN_IN),
        (b"HTTP/1.1 403 No\r\n\r\n", Outcome.REFUSED),
        (b"HTTP/1.1 503 No\r\n\r\n", Outcome.REFUSED),
        (b"", Outcome.NO_ANSWER),
        (b"SSH-2.0-x\r\n\r\n", Outcome.NO_ANSWER),
        (b"HTTP/1.1 200 OK\r\n\r\nnot TLS at all", Outcome.NO_ANSWER),
    ],
)
def test_what_a_filter_answers_is_told_apart(answer: bytes, outcome: Outcome) -> None:
    with answering(answer) as port:
        assert tried(through(port)) is outcome


def test_a_filters_name_that_cannot_be_looked_up_is_said_to_be_that() -> None:
    assert tried(gateway(upstream={"proxy": "http://no.such.name.invalid:3128"})) is Outcome.NO_NAME


@pytest.mark.slow
def test_through_a_real_filter_that_inspects(tmp_path: Path, web: LocalWeb) -> None:
    ports = (LOCAL, str(web.port), str(web.port + 1))
    filtering = Filter(tmp_path / "filter", free_port(), ports, web.authority.certificate)
    site = Site(NAME, 443)
    with filtering.running():
        ca = filtering.certificate
        assert tried(through(filtering.port, "x_forwarded_for", ca), site) is Outcome.ARRIVED
        assert filtering.seen()[0]["forwarded_for"] == [LOCAL]
        assert tried(through(filtering.port), site) is Outcome.NOT_TRUSTED
        assert tried(through(filtering.port, ca=ca), Site(REFUSED, 443)) is Outcome.REFUSED
        with PrefaceRelay(filtering.port) as relay:
            for forward in ("proxy_protocol", "proxy_protocol_v2"):
                assert tried(through(relay.port, forward, ca), site) is Outcome.ARRIVED
        assert relay.told == [LOCAL] * 2


def test_no_request_is_ever_sent(web: LocalWeb) -> None:
    before = len(web.seen)
    assert tried(gateway(upstream_ca=web.authority.certificate), Site("localhost", web.port)) is Outcome.ARRIVED
    assert len(web.seen) == before
