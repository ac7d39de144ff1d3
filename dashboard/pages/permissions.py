"""Permissions: what waits for an answer, what holds, what ended; and everybody's own, with the way to ask.

Owns which parts whom: who decides sees the register of those they decide for, everybody sees their own at the end.
Deciding and asking happen on plain forms (dashboard.permit).
"""

from collections.abc import Mapping

from dash import html
from dash.development.base_component import Component

from analytics.governance.permissions import Granted
from analytics.queries import LookPurpose, PermissionRegister, own_permissions, permission_register
from dashboard.at_gateway import AtGateway, at_gateway
from dashboard.guard import DECIDERS, reading, viewer
from dashboard.moments import now_ms
from dashboard.pages.permission_entries import (
    answered_entry,
    confirm_entry,
    entries,
    own_permission_entry,
    own_request_entry,
    permission_entry,
    waiting_entry,
)
from dashboard.panels import empty, page_top
from dashboard.wording import count

ASK, NEW = "/permissions/ask", "/permissions/new"
_DONE: Mapping[str, str] = {
    "asked": "Your request has been sent. You will find the answer on this page.",
    "withdrawn": "Your request has been withdrawn.",
    "granted": "Granted. The register says since when it holds at the gateway.",
    "limited": "Granted in part. The register says since when it holds at the gateway.",
    "refused": "Refused. Your reason is shown to whoever asked.",
    "ended": "Ended. What it covered until now stays permitted.",
    "confirmed": "Your answer is on record, in the register.",
}
_UNDER = (
    "Private use of the school's equipment needs permission (section 3 of the policy). Permitted use is never counted."
)
_ENDED_SHOWN = 30


def build(_subject: str, wanted: Mapping[str, str]) -> list[Component]:
    """The page for the viewer."""
    asking = viewer()
    decides = asking.role in DECIDERS
    ask = html.A(
        "Ask for yourself" if decides else "Ask for permission",
        href=ASK,
        className="button" if decides else "button main",
    )
    new = html.A("Give a permission", href=NEW, className="button main")
    controls = [*([ask] if asking.person_id else []), *([new] if decides else [])]
    parts = [page_top("Permissions", _UNDER, html.Div(controls, className="actions")), *_done(wanted.get("done"))]
    if decides:
        parts += _register(permission_register(reading(LookPurpose.DECISION)))
    return [*parts, *_own(asking.person_id)]


def _done(code: str | None) -> list[Component]:
    said = _DONE.get(code or "")
    return [html.P(said, className="done", role="status")] if said else []


def _register(register: PermissionRegister) -> list[Component]:
    now = now_ms()
    there = at_gateway(min((each.granted_ms for each in register.permissions), default=now))
    waiting = [each for each in register.requests if each.state == "waiting"]
    answered = [each for each in register.requests if each.state != "waiting"]
    ended = [each for each in register.permissions if _over(each, now)]
    held = [each for each in register.permissions if not _over(each, now)]
    return [
        _waiting([waiting_entry(each, register.names) for each in waiting]),
        *_to_confirm(register),
        _held(sorted(held, key=lambda each: (each.person_id is not None, each.granted_ms)), register, there),
        *_past("Answered requests", "answered", [answered_entry(each, register.names) for each in reversed(answered)]),
        *_past("Ended", "ended", [permission_entry(each, register, there) for each in reversed(ended)]),
    ]


def _over(granted: Granted, now: int) -> bool:
    return 0 < granted.until_ms <= now


def _waiting(items: list[html.Li]) -> html.Section:
    if not items:
        return empty("No request is waiting", "Requests appear here as soon as somebody has sent one.")
    said = f"{count(len(items), 'request')}, the oldest first. Whoever asked reads your answer and your reason."
    return entries("Waiting for your answer", said, items)


def _to_confirm(register: PermissionRegister) -> list[Component]:
    by_id = {each.permission_id: each for each in register.permissions}
    items = [
        confirm_entry(by_id[permission], person, register.names)
        for permission, person in register.to_confirm
        if permission in by_id
    ]
    said = (
        "Nobody permits themselves. A permission for all staff covers the Headteacher, and whoever gave it, only once "
        "the Chair of Governors has confirmed it."
    )
    return [entries("For the Chair to confirm", said, items)] if items else []


def _held(held: list[Granted], register: PermissionRegister, there: AtGateway) -> html.Section:
    if not held:
        return empty("No permission is in force", "Private use is judged by the policy alone until you permit some.")
    said = f"{count(len(held), 'permission')}, those for all staff first."
    return entries("In force", said, [permission_entry(each, register, there) for each in held])


def _past(title: str, name: str, items: list[html.Li]) -> list[Component]:
    if not items:
        return []
    said = f"The newest {_ENDED_SHOWN} of {len(items)}." if len(items) > _ENDED_SHOWN else "The newest first."
    heading = html.Summary(f"{title} ({len(items)})", id=f"{name}-title")
    listed = html.Ul(items[:_ENDED_SHOWN], className="entries")
    return [html.Section(html.Details([heading, html.P(said, className="says"), listed]), className="card past")]


def _own(person_id: str | None) -> list[Component]:
    if person_id is None:
        said = "This sign-in is not linked to a member of staff, so there is nothing that it could be permitted."
        return [] if viewer().role in DECIDERS else [empty("Nothing to permit", said)]
    own = own_permissions(reading(LookPurpose.OWN_DATA))
    now = now_ms()
    there = at_gateway(min((each.granted_ms for each in own.permissions), default=now))
    held = [each for each in own.permissions if not _over(each, now)]
    requests = [own_request_entry(each, own.names) for each in reversed(own.requests)]
    return [
        entries("What you are permitted", _said(held), [own_permission_entry(each, own.names, there) for each in held]),
        *([entries("What you asked", "The newest first.", requests)] if requests else []),
    ]


def _said(held: list[Granted]) -> str:
    if not held:
        return "Nothing yet, beyond what the policy allows everybody. Ask for what you would like."
    return "Use within these terms is shown as permitted, and is never counted against you."
