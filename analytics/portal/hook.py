"""The logon hook: a device's own script says who logged on to it, and off.

Owns `POST /logon` and `POST /logoff`, whose body is {"user": "OAKFIELD\\\\ann"}, with the device's token as bearer.
Promises: a token speaks for its own device alone, and not from another's address; guessing is slowed down and tells
nothing; the script's word alone is graded as such (analytics.sign_ins); of a pupil's, guest's or personal device
nothing is kept.
"""

import hashlib
import hmac
import json
import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from tornado.web import HTTPError

from analytics.bindings import Found
from analytics.event import Method
from analytics.identity import NEVER_RECORDED, plain_address
from analytics.portal.route import Answering, Route
from analytics.records import BindingStep
from analytics.snapshot import Device
from analytics.sources.source import Identity, now_ms
from analytics.sources.username import said_user

MOST_MS: Final = 43_200_000
"""A logon holds so long without being said again."""
WRONG_TOKENS, SAID = 10, 30
"""How many wrong tokens an address, and how many words a device, has a minute."""
MINUTE: Final = 60.0
REMEMBERED: Final = 4096


def routes(identity: Identity) -> list[Route]:
    """`/logon` and `/logoff`, over TLS alone."""
    domains = frozenset(domain.casefold() for domain in identity.settings.identity.domains)
    given = {"domains": domains, "wrong": Turns(WRONG_TOKENS), "said": Turns(SAID)}
    return [Route(pattern="/(logon|logoff)", handler=Hook, given=given)]


class Turns:
    """How often each key had its turn within the last minute."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._when: OrderedDict[str, deque[float]] = OrderedDict()

    def spent(self, key: str) -> bool:
        """Whether `key` had all its turns."""
        when = self._when.get(key, deque())
        while when and time.monotonic() - when[0] > MINUTE:
            when.popleft()
        return len(when) >= self._most

    def take(self, key: str) -> None:
        """One more turn."""
        self._when.setdefault(key, deque(maxlen=self._most)).append(time.monotonic())
        self._when.move_to_end(key)
        if len(self._when) > REMEMBERED:
            self._when.popitem(last=False)


class Hook(Answering):
    """Answers 204; 401 a token that is no device's, 403 one of another device, 400 a body that says nothing."""

    def initialize(self, identity: Identity, **given: Any) -> None:
        super().initialize(identity)
        self._domains: frozenset[str] = given["domains"]
        self._wrong: Turns = given["wrong"]
        self._said: Turns = given["said"]

    def check_xsrf_cookie(self) -> None:
        """No browser asks here: the token is the proof."""

    def post(self, action: str) -> None:
        device = self._device()
        user = said_user(self._user(), self._domains)
        if device.device_class not in NEVER_RECORDED:
            if action == "logon":
                self._logon(device, user)
            else:
                self._logoff(device, user)
        self.set_status(HTTPStatus.NO_CONTENT)

    def _device(self) -> Device:
        address = plain_address(self.client_ip)
        if self._wrong.spent(address):
            raise HTTPError(HTTPStatus.TOO_MANY_REQUESTS)
        scheme, _, token = self.request.headers.get("Authorization", "").partition(" ")
        device = _of_token(self.identity.register.snapshot.devices, token.strip()) if scheme == "Bearer" else None
        if device is None:
            self._wrong.take(address)
            raise HTTPError(HTTPStatus.UNAUTHORIZED)
        if self._said.spent(device.device_id):
            raise HTTPError(HTTPStatus.TOO_MANY_REQUESTS)
        self._said.take(device.device_id)
        there = self.identity.register.now.place(address, now_ms(), self.identity.registrar.view).device
        if there is not None and there.device_id != device.device_id:
            raise HTTPError(HTTPStatus.FORBIDDEN)
        return device

    def _user(self) -> str:
        try:
            said = json.loads(self.request.body)
        except ValueError as fault:
            raise HTTPError(HTTPStatus.BAD_REQUEST) from fault
        if not isinstance(said, dict) or not isinstance(said.get("user"), str) or not said["user"].strip():
            raise HTTPError(HTTPStatus.BAD_REQUEST)
        return str(said["user"])

    def _logon(self, device: Device, user: str | None) -> None:
        registrar, now = self.identity.registrar, now_ms()
        standing = registrar.standing(Method.HOOK, device.device_id)
        if user is None:  # the machine itself: nobody is logged on
            if standing is not None:
                registrar.end(standing.binding_id, now, BindingStep.SUPERSEDED)
            return
        person_id = self._person(user)
        if standing is not None and standing.person_id == person_id:
            registrar.renew(standing.binding_id, now + MOST_MS)
            return
        registrar.open(
            Found(
                source=Method.HOOK,
                session=device.device_id,
                person_id=person_id,
                device_id=device.device_id,
                client_ip=plain_address(self.client_ip),
                from_ms=now,
                expires_ms=now + MOST_MS,
            )
        )

    def _logoff(self, device: Device, user: str | None) -> None:
        standing = self.identity.registrar.standing(Method.HOOK, device.device_id)
        if standing is not None and (user is None or standing.person_id == self._person(user)):
            self.identity.registrar.end(standing.binding_id, now_ms())

    def _person(self, user: str) -> str:
        person = self.identity.register.now.by_username(user, now_ms()) if user else None
        return "" if person is None else person.person_id


def _of_token(devices: Sequence[Device], token: str) -> Device | None:
    """The device whose token it is. Every device is compared, so that the time it takes tells nothing."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    found = None
    for device in devices:
        if device.token_hash and hmac.compare_digest(digest, device.token_hash):
            found = device
    return found
