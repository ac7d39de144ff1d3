"""The way out through the filter: nothing is said before it agreed, in whatever pieces its answer comes."""

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mitmproxy.connection import ConnectionState, Server
from mitmproxy.options import Options
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.context import Context

from proxy_addons.through_filter import (
    LONGEST_PAGE,
    NO_ANSWER,
    NO_SITE,
    NOT_LET_IN,
    REFUSED,
    Refusal,
    ThroughFilter,
    asked_for,
    authority,
)
from tests.proxy_addons.pipeline import client_at

AGREED = b"HTTP/1.1 200 Connection established\r\nVia: 1.1 filter\r\n\r\n"


class Wanting(layer.Layer):
    """Opens one connection, says hello on it, and remembers what it is told."""

    def __init__(self, context: Context, server: Server) -> None:
        super().__init__(context)
        self.server, self.reply, self.got, self.closed = server, "not yet", b"", False

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if isinstance(event, events.Start):
            err = yield commands.OpenConnection(self.server)
            self.reply = err or ""
            if not err:
                yield commands.SendData(self.server, b"hello")
        elif isinstance(event, events.DataReceived):
            self.got += event.data
        elif isinstance(event, events.ConnectionClosed):
            self.closed = True


class Way:
    """Settings, and what was refused."""

    def __init__(self, preface: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> None:
        self._preface, self._headers = preface, list(headers)
        self.expected: list[Server] = []
        self.refusals: list[Refusal] = []

    def preface(self, _context: Context) -> bytes:
        return self._preface

    def connect_headers(self, _context: Context) -> list[tuple[str, str]]:
        return self._headers

    def expect(self, server: Server) -> None:
        self.expected.append(server)

    def refused(self, _context: Context, _server: Server, refusal: Refusal) -> None:
        self.refusals.append(refusal)


class Talk:
    """One client whose connection is being opened."""

    def __init__(self, way: Way | None = None, address: tuple[str, int] = ("www.amazon.co.uk", 443)) -> None:
        self.context = Context(client_at("10.1.2.3"), Options())
        self.server = self.context.server = Server(address=address)
        self.way = way or Way()
        self.child = Wanting(self.context, self.server)
        self.layer = ThroughFilter(self.context, self.child, self.way)
        self.sent, self.closed = b"", False
        self.opening, self.wake = self.give(events.Start())

    def give(self, event: events.Event) -> list[commands.Command]:
        given = list(self.layer.handle_event(event))
        for command in given:
            if isinstance(command, commands.SendData):
                self.sent += command.data
            self.closed = self.closed or isinstance(command, commands.CloseConnection)
        return given

    def opened(self, fault: str | None = None) -> None:
        if fault is None:
            self.server.state = ConnectionState.OPEN
        assert isinstance(self.opening, commands.OpenConnection)
        self.give(events.OpenConnectionCompleted(self.opening, fault))

    def said(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.give(events.DataReceived(self.server, piece))

    def hung_up(self) -> None:
        self.give(events.ConnectionClosed(self.server))


def pieces(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in itertools.pairwise(places)]


CUTS = st.lists(st.integers(0, 5000), max_size=8)


@given(CUTS, st.binary(max_size=50))
def test_nothing_is_said_before_the_filter_agreed_and_nothing_after_is_lost(cuts: list[int], rest: bytes) -> None:
    talk = Talk(Way(b"PROXY\r\n", [("X-Forwarded-For", "10.1.2.3")]))
    talk.opened()
    asked = (
        b"PROXY\r\nCONNECT www.amazon.co.uk:443 HTTP/1.1\r\nHost: www.amazon.co.uk:443\r\n"
        b"X-Forwarded-For: 10.1.2.3\r\n\r\n"
    )
    assert talk.sent == asked
    for piece in pieces(AGREED, cuts)[:-1]:
        talk.said(piece)
        assert (talk.sent, talk.child.reply) == (asked, "not yet")
    talk.said(pieces(AGREED, cuts)[-1] + rest)
    assert (talk.child.reply, talk.sent, talk.child.got) == ("", asked + b"hello", rest)
    talk.said(b"more")
    talk.hung_up()
    assert (talk.child.got, talk.child.closed) == (rest + b"more", True)


@pytest.mark.parametrize("chunked", [True, False])
@given(CUTS, st.sampled_from([401, 403, 404, 451, 500, 503]), st.binary(max_size=2000))
def test_a_refusal_is_read_whole_and_is_an_error_to_whoever_wanted_the_connection(
    chunked: bool, cuts: list[int], status: int, page: bytes
) -> None:
    head = f"HTTP/1.1 {status} No\r\nContent-Type: text/html\r\n".encode()
    if chunked:
        said = head + b"Transfer-Encoding: chunked\r\n\r\n"
        said += (b"%x\r\n%s\r\n" % (len(page), page) if page else b"") + b"0\r\n\r\n"
    else:
        said = head + b"Content-Length: %d\r\n\r\n" % len(page) + page
    talk = Talk()
    talk.opened()
    asked = talk.sent
    talk.said(*pieces(said, cuts))
    assert talk.way.refusals == [Refusal(status, "text/html", page)]
    assert (talk.child.reply, talk.server.error, talk.closed) == (REFUSED, REFUSED, True)
    talk.hung_up()
    assert (talk.sent, talk.child.closed) == (asked, False), "the child never had that connection"


def test_a_page_without_an_end_is_cut_off() -> None:
    talk = Talk()
    talk.opened()
    talk.said(b"HTTP/1.0 403 No\r\nContent-Type: text/html\r\n\r\n", *[b"x" * 65_536] * 5)
    assert talk.child.reply == REFUSED
    assert len(talk.way.refusals[0].page) == LONGEST_PAGE


def test_a_page_that_ends_with_the_connection_is_a_page() -> None:
    talk = Talk()
    talk.opened()
    talk.said(b"HTTP/1.0 403 No\r\nContent-Type: text/html\r\n\r\nBlocked")
    talk.hung_up()
    assert talk.way.refusals == [Refusal(403, "text/html", b"Blocked")]
    assert (talk.child.reply, talk.closed) == (REFUSED, False)


@given(st.binary(max_size=400))
def test_whatever_else_is_answered_is_no_agreement(data: bytes) -> None:
    talk = Talk()
    talk.opened()
    asked = talk.sent
    if not data.startswith(b"HTTP/1."):
        talk.said(data)
        talk.hung_up()
        assert (talk.child.reply, talk.sent) == (NO_ANSWER, asked)


def test_no_connection_and_no_answer_are_said_to_be_that() -> None:
    for talk in (down := Talk(), silent := Talk()):
        assert talk.way.expected == [talk.server]
    down.opened("refused")
    silent.opened()
    silent.hung_up()
    assert [talk.child.reply for talk in (down, silent)] == [NO_ANSWER, NO_ANSWER]


def test_a_filter_that_is_not_reached_in_time_is_given_up() -> None:
    slow, quick = Talk(), Talk()
    quick.opened()
    quick.server.timestamp_tcp_setup = 1.0
    quick.said(AGREED)
    for talk in (slow, quick):
        assert isinstance(talk.wake, commands.RequestWakeup)
        talk.give(events.Wakeup(talk.wake))
    assert (slow.closed, quick.closed) == (True, False)
    slow.opened("connection cancelled")
    assert (slow.child.reply, quick.child.reply) == (NO_ANSWER, "")


def test_a_filter_that_asks_for_a_password_is_not_the_persons_business() -> None:
    talk = Talk()
    talk.opened()
    talk.said(b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n")
    assert (talk.child.reply, talk.way.refusals) == (NOT_LET_IN, [])


def test_what_is_no_site_is_not_asked_for() -> None:
    talk = Talk(address=("not a site", 443))
    talk.opened()
    assert (talk.child.reply, talk.sent, talk.closed) == (NO_SITE, b"", True)


def test_a_redirected_connection_is_asked_for_by_the_name_it_greeted() -> None:
    context = Context(client_at("10.1.2.3"), Options())
    server = Server(address=("203.0.113.7", 443))
    assert asked_for(context, server) == ("203.0.113.7", 443)
    context.client.sni = "WWW.amazon.co.uk"
    assert asked_for(context, server) == ("www.amazon.co.uk", 443)
    assert asked_for(context, Server(address=("www.argos.co.uk", 8443))) == ("www.argos.co.uk", 8443)


def test_an_ipv6_address_is_bracketed() -> None:
    assert [authority("fd00::1", 443), authority("a.uk", 80)] == ["[fd00::1]:443", "a.uk:80"]
