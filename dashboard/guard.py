"""The one gate: who is asking, and may their role ask this.

Owns the session cookie's reading and the refusal. Promises: nothing but the sign-in page and the style sheet answers
without a live session, whatever address is asked; every callback names the roles it serves, and refuses and audits
all others, because a callback is a plain POST that anybody can send. What a role may see *of whom* is not decided
here but in analytics.queries, which refuses and audits by itself.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, Response, abort, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from analytics.governance import Action, Role, Viewer
from analytics.queries import LookPurpose, Reading, Rule
from config.errors import AccessDenied
from dashboard.school import school

COOKIE = "fairgate_session"
SIGN_IN, SIGN_OUT, NEW_PASSWORD = "/sign-in", "/sign-out", "/new-password"
_OPEN = ("/assets/",)
READERS = (Role.HEADTEACHER, Role.CHAIR)
DECIDERS = READERS
WATCHERS = (Role.HEADTEACHER, Role.CHAIR, Role.TECHNICIAN)
"""Who sees whether anything is recorded at all."""
EVERYONE = tuple(Role)
"""Whoever may sign in sees what they themselves are permitted; what else, each page says."""


def guard(server: Flask) -> None:
    """Refuse whatever comes to `server` without a session, and turn a refusal into a plain answer."""

    @server.before_request
    def need_session() -> AnyResponse | None:
        if request.path == SIGN_IN or request.path.startswith(_OPEN):
            return None
        asking = maybe_viewer()
        if asking is None:
            return _elsewhere(SIGN_IN, Response("Please sign in.", 401))
        if request.path not in (NEW_PASSWORD, SIGN_OUT) and _must_change(asking):
            return _elsewhere(NEW_PASSWORD, Response("Please change your password first.", 403))
        return None

    @server.errorhandler(AccessDenied)
    def refused(fault: AccessDenied) -> tuple[str, int]:
        return str(fault), 403


def _elsewhere(page: str, refusal: AnyResponse) -> AnyResponse:
    """A person's browser goes to `page`; a script or a form gets the refusal."""
    return redirect(page) if request.method == "GET" and not request.path.startswith("/_") else refusal


def _must_change(asking: Viewer) -> bool:
    account = school().governance.accounts.get(asking.account_id)
    return account is None or account.must_change


def maybe_viewer() -> Viewer | None:
    """The viewer whose live session this request carries, looked up once a request."""
    if "viewer" not in g:
        token = request.cookies.get(COOKIE, "")
        g.viewer = school().governance.session(token) if token else None
    found: Viewer | None = g.viewer
    return found


def viewer() -> Viewer:
    """The viewer, where the gate has let the request through."""
    return maybe_viewer() or abort(401)


def serves[**P, T](*roles: Role) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Mark a callback or page as serving `roles`; any other viewer is refused, and the refusal audited."""

    def mark(work: Callable[P, T]) -> Callable[P, T]:
        @wraps(work)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
            refuse_unless(roles, work.__name__)
            return work(*args, **kwargs)

        marked: Any = guarded
        marked.serves = frozenset(roles)
        return guarded

    return mark


def refuse_unless(roles: tuple[Role, ...], what: str) -> None:
    """Raise `AccessDenied`, audited, unless the viewer's role is one of `roles`."""
    asking = viewer()
    if asking.role in roles:
        return
    school().governance.audit.record(
        asking.account_id, None, Action.REFUSED, role=asking.role, session=asking.session_id, detail={"query": what}
    )
    raise AccessDenied("Your role does not open this page. Refused attempts are on record.")


def reading(purpose: LookPurpose, reason: str = "") -> Reading:
    """The viewer's only way to records, for one stated purpose."""
    here = school()
    return Reading(here.store, here.governance, viewer(), purpose, reason, rule=Rule.of(here.policy.thresholds))
