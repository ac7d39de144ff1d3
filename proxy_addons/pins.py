"""Apps that accept no certificate but their own: noticing their refusals, and letting through what was learnt.

Owns what counts as a refusal, and its telling to `fairgate identity`, which alone decides (analytics.pin_learning).
Promises: a refusal is told only where the client was shown our certificate and said that it does not accept it, or hung
up at once; a network that broke, another protocol, an old version of TLS and a scanner are none. What was learnt holds
for that client and that very host alone, and ends when it says. Nothing shielded comes here: it was never decrypted, so
it cannot be refused.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from mitmproxy.connection import Client
from mitmproxy.http import HTTPFlow
from mitmproxy.tcp import TCPFlow
from mitmproxy.tls import ClientHello, TlsData

from analytics.identity import Attribution, plain_address
from analytics.pin_learning import LATELY_MS
from proxy_addons.accepting import Accepting
from proxy_addons.hook import guarded
from proxy_addons.live_identity import LiveIdentity
from proxy_addons.tally import Tally
from proxy_addons.tell_identity import TellIdentity

AT_ONCE_S: Final = 3.0
"""Who hangs up without a word this soon did so because of what they were shown; later it may be the network."""
AGAIN_S: Final = 5.0
"""Refusals of one site by one client are told this far apart: those closer together are one attempt."""
SAY_ACCEPTS_S: Final = 3_600.0
REMEMBERED: Final = 10_000
_ALERTS: Final = ("unknown ca", "bad certificate", "certificate unknown", "unsupported certificate")
"""What TLS lets a client say about a certificate it does not accept. "expired" and "not yet valid" are its clock."""
_HUNG_UP: Final = "client disconnected during the handshake"
_GREASE: Final = 0x0A0A
_CHROMIUM: Final = frozenset((0x44CD, 0x4469))
"""Application settings (ALPS), in its two numbers: only Chromium and what is built on it greet with them."""
_FIREFOX: Final = frozenset((0x1C, 0x12))
"""A record size limit together with certificate timestamps."""


@dataclass(slots=True, kw_only=True)
class _Greeted:
    """One connection that is being decrypted."""

    client: str
    device_id: str
    client_ip: str
    host: str
    browser: bool
    at: float
    established: bool = False


class Pins:
    """Hears refusals, knows what was learnt."""

    def __init__(self, identity: LiveIdentity, tell: TellIdentity, tally: Tally) -> None:
        self.tally = tally
        self._identity, self._tell = identity, tell
        self._accepting = Accepting()
        self._greeted: dict[str, _Greeted] = {}
        self._told: OrderedDict[tuple[str, str], float] = OrderedDict()

    def learnt(self, who: Attribution, client_ip: str, host: str, ts_ms: int) -> bool:
        """Whether this client's connections to `host` go through unopened at `ts_ms`."""
        pins = self._identity.now.pins
        return bool(pins) and pins.get((client_of(who, client_ip), host), 0) > ts_ms

    def greeted(self, client: Client, hello: ClientHello, who: Attribution, host: str) -> None:
        """A connection to `host` begins that will be decrypted, unless the client refuses."""
        client_ip = plain_address(client.peername[0])
        self._greeted[client.id] = _Greeted(
            client=client_of(who, client_ip),
            device_id=who.device_id or "",
            client_ip=client_ip,
            host=host,
            browser=is_browser([number for number, _ in hello.extensions]),
            at=time.monotonic(),
        )

    @guarded
    def tls_failed_client(self, data: TlsData) -> None:
        greeted = self._greeted.pop(data.conn.id, None)
        if greeted is None or data.ssl_conn is None:
            return
        error = data.conn.error or ""
        if any(alert in error for alert in _ALERTS):
            self._refused(greeted, silent=False)
        elif _HUNG_UP in error and _at_once(greeted):
            self._refused(greeted, silent=True)

    @guarded
    def tls_established_client(self, data: TlsData) -> None:
        if greeted := self._greeted.get(data.conn.id):
            greeted.established, greeted.at = True, time.monotonic()

    @guarded
    def requestheaders(self, flow: HTTPFlow) -> None:
        self._accepted(flow.client_conn)

    @guarded
    def tcp_start(self, flow: TCPFlow) -> None:
        self._accepted(flow.client_conn)

    @guarded
    def client_disconnected(self, client: Client) -> None:
        # Many apps look at the certificate only when TLS stands, and leave without asking for anything.
        greeted = self._greeted.pop(client.id, None)
        if greeted is not None and greeted.established and _at_once(greeted):
            self._refused(greeted, silent=True)

    def _accepted(self, client: Client) -> None:
        greeted = self._greeted.get(client.id)
        if greeted is None or not greeted.established:
            return
        del self._greeted[client.id]
        self._accepting.accepted(greeted.client, greeted.host, _now_ms())
        if self._due((greeted.client, ""), SAY_ACCEPTS_S):
            accepted, _ = self._accepting.others(greeted.client, "", _now_ms() - LATELY_MS)
            self._tell.tell("accepts", client=greeted.client, accepted=accepted, ts_ms=_now_ms())

    def _refused(self, greeted: _Greeted, *, silent: bool) -> None:
        # Refusals can come by the hundred from one device; sign-ins must not give way to them.
        if self._tell.crowded or not self._due((greeted.client, greeted.host), AGAIN_S):
            return
        now = _now_ms()
        accepted, accepted_ms = self._accepting.others(greeted.client, greeted.host, now - LATELY_MS)
        # Whether it accepts at all is said anew after each refusal.
        self._told.pop((greeted.client, ""), None)
        self._tell.tell(
            "refused",
            client=greeted.client,
            device_id=greeted.device_id,
            client_ip=greeted.client_ip,
            host=greeted.host,
            browser=greeted.browser,
            silent=silent,
            opened=self._accepting.opened(greeted.client, greeted.host, now),
            accepted=accepted,
            accepted_ms=accepted_ms,
            ts_ms=now,
        )

    def _due(self, what: tuple[str, str], seconds: float) -> bool:
        """Whether `what` was not said within the last `seconds`; said now."""
        now = time.monotonic()
        if now - self._told.get(what, -seconds) < seconds:
            return False
        self._told[what] = now
        self._told.move_to_end(what)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        return True


def client_of(who: Attribution, client_ip: str) -> str:
    """The client that something is learnt for: the device, or the address where none is known."""
    return who.device_id or plain_address(client_ip)


def is_browser(extensions: list[int]) -> bool:
    """Whether a greeting with these TLS extensions is a Chromium's or a Firefox's.

    Browsers pin nothing against an authority that was installed on the device. One that refuses lacks the certificate,
    or has a person before it who could try again until it is let through.
    """
    found = frozenset(extensions)
    grease = any(number & 0x0F0F == _GREASE and number >> 8 == number & 0xFF for number in found)
    return (grease and bool(found & _CHROMIUM)) or found >= _FIREFOX


def _at_once(greeted: _Greeted) -> bool:
    return time.monotonic() - greeted.at < AT_ONCE_S


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
