"""Sign-in at the proxy: the explicit proxy's own password prompt (407, Basic), checked against the snapshot.

Owns who has signed in on which connection. It is asked only where the address itself names nobody and the device is not
one that is never recorded. Promises: a wrong password names nobody and lets nothing through; the password leaves
neither this addon nor this machine (the header is taken off before anything is forwarded) and is kept only as a keyed
digest; checking (argon2, about 0.1 s) happens off the event loop, so nobody's browsing waits for somebody's password.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, NamedTuple

from mitmproxy.connection import Client
from mitmproxy.http import HTTPFlow, Response

from analytics.identity import NEVER_RECORDED, ProxySignIn
from analytics.live_register import LiveRegister
from analytics.password_check import matches
from analytics.snapshot import Person
from proxy_addons.hook import report
from proxy_addons.tally import Tally

HEADER: Final = b"proxy-authorization"
REMEMBERED: Final = 4096
"""Credentials remembered, right and wrong ones."""
RIGHT_SECONDS: Final = 3600.0
WRONG_SECONDS: Final = 60.0
"""How long one wrong password is refused without being checked again."""
WAITING: Final = 32
"""Checks that may wait; more are refused at once, so that guessing cannot fill the machine."""
LONGEST: Final = 1024

_ASK: Final = {"Proxy-Authenticate": 'Basic realm="Fairgate", charset="UTF-8"', "Content-Type": "text/plain"}
_WORDS: Final = (
    "Please sign in with your school name and password. Use of this connection is monitored by the school.\n"
)


class Credentials(NamedTuple):
    username: str
    password: str


@dataclass(slots=True)
class _Remembered:
    sign_in: ProxySignIn | None
    until: float
    """On the monotonic clock."""


class SignIn:
    """Asks for, checks and remembers sign-ins. Where the proxy is not an `explicit` one, clients cannot answer a 407:
    then it does nothing."""

    def __init__(self, register: LiveRegister, tally: Tally, *, explicit: bool) -> None:
        self.tally = tally
        self._register, self._explicit = register, explicit
        self._by_client: dict[str, ProxySignIn] = {}
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()
        self._key = secrets.token_bytes(32)
        self._checks = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sign-in")
        self._waiting = 0

    def of(self, client: Client) -> ProxySignIn | None:
        """Who signed in on this connection, if anyone did."""
        return self._by_client.get(client.id)

    # -- hooks

    def http_connect(self, flow: HTTPFlow) -> Awaitable[None] | None:
        return self._admit(flow) if self._explicit else None

    def requestheaders(self, flow: HTTPFlow) -> Awaitable[None] | None:
        if not self._explicit:
            return None
        if flow.client_conn.tls:
            _take_header(flow)
            return None  # inside a tunnel, admitted at its CONNECT
        return self._admit(flow)

    def client_disconnected(self, client: Client) -> None:
        self._by_client.pop(client.id, None)

    def done(self) -> None:
        self._checks.shutdown(wait=False, cancel_futures=True)

    # -- admission

    def _admit(self, flow: HTTPFlow) -> Awaitable[None] | None:
        try:
            given = _take_header(flow)
            if given is None:
                self._without_credentials(flow)
                return None
            digest = hmac.digest(self._key, given + b"\0" + flow.client_conn.peername[0].encode(), hashlib.sha256)
            if known := self._recall(digest):
                self._settle(flow, known.sign_in)
                return None
            return self._check_and_settle(flow, given, digest)
        except Exception as fault:
            report(self.tally, "sign_in", fault)
            refuse(flow)
            return None

    def _without_credentials(self, flow: HTTPFlow) -> None:
        who = self._register.now.attribute(flow.client_conn.peername[0], self.of(flow.client_conn), _now_ms())
        if who.person_id is None and who.device_class not in NEVER_RECORDED:
            refuse(flow)

    async def _check_and_settle(self, flow: HTTPFlow, given: bytes, digest: bytes) -> None:
        try:
            self._settle(flow, await self._check(given, digest))
        except Exception as fault:
            report(self.tally, "sign_in", fault)
            refuse(flow)

    async def _check(self, given: bytes, digest: bytes) -> ProxySignIn | None:
        if self._waiting >= WAITING:
            return None
        credentials = parse_basic(given)
        if credentials is None:
            return None
        person = self._register.now.by_username(credentials.username, _now_ms())
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            right = await loop.run_in_executor(self._checks, matches, person, credentials.password)
        finally:
            self._waiting -= 1
        # Somebody else's request with the same password may have been settled meanwhile: one sign-in, one binding.
        if known := self._recall(digest):
            return known.sign_in
        sign_in = _signed_in(person) if right and person is not None else None
        self._remember(digest, sign_in)
        return sign_in

    def _settle(self, flow: HTTPFlow, sign_in: ProxySignIn | None) -> None:
        if sign_in is None:
            self._by_client.pop(flow.client_conn.id, None)
            refuse(flow)
        else:
            self._by_client[flow.client_conn.id] = sign_in

    # -- memory

    def _recall(self, digest: bytes) -> _Remembered | None:
        known = self._remembered.get(digest)
        if known is None:
            return None
        if known.until <= time.monotonic() or not self._still_holds(known.sign_in):
            del self._remembered[digest]
            return None
        return known

    def _still_holds(self, sign_in: ProxySignIn | None) -> bool:
        if sign_in is None:
            return True
        person = self._register.now.person(sign_in.person_id)
        return person is not None and person.password_hash == sign_in.password_hash

    def _remember(self, digest: bytes, sign_in: ProxySignIn | None) -> None:
        seconds = WRONG_SECONDS if sign_in is None else RIGHT_SECONDS
        self._remembered[digest] = _Remembered(sign_in, time.monotonic() + seconds)
        while len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)


def parse_basic(given: bytes) -> Credentials | None:
    """Name and password of a Basic header's value (RFC 7617, UTF-8); None where it holds none."""
    scheme, _, encoded = given.strip().partition(b" ")
    if scheme.lower() != b"basic" or len(encoded) > LONGEST:
        return None
    try:
        username, colon, password = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return None
    return Credentials(username, password) if colon and username and password else None


def refuse(flow: HTTPFlow) -> None:
    """Answer 407; where a body is already streaming past, only closing is possible."""
    if flow.killable and (flow.request.stream or "transfer-encoding" in flow.request.headers):
        flow.kill()
    else:
        flow.response = Response.make(407, _WORDS, _ASK)


def _take_header(flow: HTTPFlow) -> bytes | None:
    headers = flow.request.headers
    fields = headers.fields
    given = [value for name, value in fields if name.lower() == HEADER]
    if not given:
        return None
    headers.fields = tuple(field for field in fields if field[0].lower() != HEADER)
    return given[0] if len(given) == 1 else b""


def _signed_in(person: Person) -> ProxySignIn:
    return ProxySignIn(
        person_id=person.person_id,
        binding_id=f"proxy:{secrets.token_hex(8)}",
        since_ms=_now_ms(),
        password_hash=person.password_hash,
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
