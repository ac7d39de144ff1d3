"""Signing in at the portal, on a device that several people use, and signing out.

Owns the form, the check and the session. Promises: HTTPS alone, so that a password never travels in the clear; one
answer for every failure, after the same time, so that no name can be tried out; the check (argon2) waits for nobody and
nobody waits for it; a sign-in is of the very device it was made on, ends when they sign out, and at the latest after
some hours; nobody is told that they are signed in or out before every worker of the gateway knows it; the cookie is a
random word of which only a digest is kept.
"""

import asyncio
import hashlib
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final

from analytics.bindings import Binding
from analytics.contracted_hours import LONDON
from analytics.event import Method
from analytics.identity import NEVER_RECORDED, plain_address
from analytics.password_check import matches
from analytics.portal.form_token import FormTokens
from analytics.portal.lock_out import LockOut
from analytics.portal.pages import Page
from analytics.portal.route import Route
from analytics.portal.whose import Whose
from analytics.portal_place import NOTICE, SIGN_IN
from analytics.registrar import Found
from analytics.sources.source import Identity, now_ms

SIGN_OUT: Final = "/sign-out"
COOKIE: Final = "__Host-fairgate-portal"
MOST_MS: Final = 8 * 3_600_000
"""The longest that a sign-in lasts."""
WAITING: Final = 16
"""Checks that may wait; more are refused, so that guessing cannot fill the machine."""
LONGEST: Final = 1000
WRONG: Final = (
    "That did not work. Check the username and the password. After several tries that did not work, wait a few minutes."
)
_STALE: Final = "The page had been open for too long. Please try again."


class Passwords:
    """Checks passwords one after another, off the event loop."""

    def __init__(self, identity: Identity) -> None:
        self._identity, self._lock_out = identity, LockOut()
        self._checks = ThreadPoolExecutor(max_workers=1, thread_name_prefix="portal-sign-in")
        self._waiting = 0

    async def person(self, username: str, password: str, client_ip: str) -> str | None:
        """The id of whose name and password these are; None where they are wrong or may not be tried now."""
        if self._waiting >= WAITING or self._lock_out.locked(username, client_ip, time.monotonic()):
            return None
        person = self._identity.register.now.by_username(username, now_ms()) if username else None
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            right = await loop.run_in_executor(self._checks, matches, person, password)
        finally:
            self._waiting -= 1
        if not right or person is None:
            self._lock_out.wrong(username, client_ip, time.monotonic())
            return None
        self._lock_out.right(username, client_ip)
        return person.person_id


class _SignInPage(Page):
    """What these pages share."""

    def initialize(self, identity: Identity, whose: Whose, forms: FormTokens, passwords: Passwords) -> None:  # type: ignore[override]
        super().initialize(identity)
        self.whose, self.forms, self.passwords = whose, forms, passwords

    def session(self) -> Binding | None:
        """The sign-in that this browser's cookie stands for, on the device it was made on."""
        named = _digest(self.get_cookie(COOKIE) or "")
        for binding in self.identity.registrar.open_bindings:
            if binding.source is Method.PORTAL and secrets.compare_digest(binding.session, named):
                return binding if binding.client_ip == plain_address(self.client_ip) else None
        return None

    def form_token(self, purpose: str) -> str:
        return self.forms.make(now_ms(), purpose, self.client_ip)

    def form_holds(self, purpose: str) -> bool:
        site = self.request.headers.get("Sec-Fetch-Site", "same-origin")
        form = self.get_body_argument("form", "")
        return site in ("same-origin", "none") and self.forms.holds(form, now_ms(), purpose, self.client_ip)

    def ask(self, token: str, fault: str = "", status: int = 200) -> None:
        self.page(
            "sign_in.html",
            title="Sign in on this computer",
            fault=fault,
            to=token,
            form=self.form_token("sign-in"),
            status=status,
        )

    def refused(self) -> str:
        """Why nobody signs in from here; "" where they may."""
        if self.identity.settings.gateway.mode != "transparent" or self.client_ip == self.reached:
            return "Here your browser itself asks for your name and password when you open a page."
        device_class = self.whose.at(self.client_ip).device_class
        if device_class in NEVER_RECORDED:
            return "This device is not one on which staff sign in. Nothing of what is done on it is recorded."
        if device_class is None:
            return "This device is not in the school's list of devices. Please tell the school's technician."
        return ""


class SignInPage(_SignInPage):
    """The form, and whom it lets in."""

    def get(self) -> None:
        token = self.get_query_argument("to", "")
        carried = self.whose.carried(token)
        if why := self.refused():
            self.message("You cannot sign in here", why, go_on=carried.url if carried else "")
        elif binding := self.session():
            since = datetime.fromtimestamp(binding.from_ms / 1000, LONDON)
            self.page(
                "signed_in.html",
                title="You are signed in",
                since=f"{since:%H:%M}",
                form=self.form_token("sign-out"),
                go_on=carried.url if carried else "",
            )
        else:
            self.ask(token if carried else "")

    async def post(self) -> None:
        token = self.get_body_argument("to", "")
        carried = self.whose.carried(token)
        if why := self.refused():
            self.message("You cannot sign in here", why, status=403)
            return
        if not self.form_holds("sign-in"):
            self.ask(token if carried else "", _STALE, 403)
            return
        username = self.get_body_argument("username", "", strip=True)[:LONGEST]
        password = self.get_body_argument("password", "", strip=False)[:LONGEST]
        person_id = await self.passwords.person(username, password, self.client_ip)
        if person_id is None:
            self.ask(token if carried else "", WRONG, 401)
            return
        self._open(person_id)
        # or what they do next would still be put down to whoever was here before
        await self.seen_by_workers()
        reader = self.whose.reader(self.client_ip, None)
        due = reader is not None and reader.due is not None
        way_on = carried.url if carried is not None and carried.url else SIGN_IN
        self.set_status(303)
        self.set_header("Location", f"{NOTICE}?to={token if carried else ''}" if due else way_on)
        self.finish()

    def _open(self, person_id: str) -> None:
        word, begin = secrets.token_urlsafe(32), now_ms()
        self.identity.registrar.open(
            Found(
                source=Method.PORTAL,
                session=_digest(word),
                person_id=person_id,
                device_id=self.whose.at(self.client_ip).device_id or "",
                client_ip=plain_address(self.client_ip),
                from_ms=begin,
                expires_ms=begin + MOST_MS,
            )
        )
        self.set_cookie(COOKIE, word, secure=True, httponly=True, samesite="Strict", path="/")


class SignOutPage(_SignInPage):
    """The end of a sign-in."""

    async def post(self) -> None:
        if not self.form_holds("sign-out"):
            self.message("Not signed out", _STALE, status=403)
            return
        if binding := self.session():
            self.identity.registrar.end(binding.binding_id, now_ms())
            await self.seen_by_workers()
        self.clear_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")
        self.message("You are signed out", "What is done on this computer from now on is not yours.")


def routes(identity: Identity) -> list[Route]:
    """What this adds to the portal; never over plain HTTP."""
    given = {"whose": Whose(identity), "forms": FormTokens(), "passwords": Passwords(identity)}
    return [
        Route(pattern=SIGN_IN, handler=SignInPage, given=given),
        Route(pattern=SIGN_OUT, handler=SignOutPage, given=given),
    ]


def _digest(word: str) -> str:
    return hashlib.sha256(word.encode("utf-8", "replace")).hexdigest()
