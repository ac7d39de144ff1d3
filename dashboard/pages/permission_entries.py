"""One request or permission as an entry of a list: who, what, when, why, and what can be done about it."""

from collections.abc import Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from analytics.governance import Role
from analytics.governance.permission_requests import PermissionRequest
from analytics.governance.permissions import Granted
from analytics.queries import PermissionRegister
from dashboard.aria import aria
from dashboard.at_gateway import AtGateway, gateway_words
from dashboard.guard import viewer
from dashboard.moments import london_day, moment_words, now_ms, short_date
from dashboard.panels import post_form
from dashboard.permission_wording import STATES, period_words, said_earlier_words, times_words, wanted_words, what_words
from dashboard.school import school

type Names = Mapping[str, str]


def entries(title: str, said: str, items: Sequence[html.Li]) -> html.Section:
    """A card with a list in it."""
    name = title.lower().replace(" ", "-")
    parts: list[Component] = [html.H2(title, id=name), html.P(said, className="says")]
    if items:
        parts.append(html.Ul(list(items), className="entries"))
    return html.Section(parts, className="card", **aria(labelledby=name))


def waiting_entry(request: PermissionRequest, names: Names) -> html.Li:
    """A request to decide."""
    who = names.get(request.person_id, "Somebody")
    decide = html.A(
        "Decide",
        href=f"/permissions/decide/{request.request_id}",
        className="button main",
        **aria(label=f"Decide the request of {who}"),
    )
    return _entry(who, "", [*_asked(request), _line(_asked_when(request))], [decide])


def answered_entry(request: PermissionRequest, names: Names) -> html.Li:
    """A request that was answered, and how."""
    return _entry(names.get(request.person_id, "Somebody"), request.state, [*_asked(request), *_answer(request, names)])


def own_request_entry(request: PermissionRequest, names: Names) -> html.Li:
    """A request of the viewer's own, with its answer, or the way to take it back."""
    what = what_words(request.terms.categories, request.terms.hosts, school().policy)
    button = html.Button("Withdraw", type="submit", className="button", **aria(label=f"Withdraw the request: {what}"))
    action = [post_form(f"/permissions/withdraw/{request.request_id}", button)] if request.state == "waiting" else []
    lines = [*_asked(request, headed=True), _line(_asked_when(request)), *_answer(request, names)]
    return _entry(what, request.state, lines, action)


def permission_entry(granted: Granted, register: PermissionRegister, there: AtGateway) -> html.Li:
    """A permission in the register, and the way to end it."""
    names = register.names
    who = names.get(granted.person_id, "Somebody") if granted.person_id else "All staff"
    over = 0 < granted.until_ms <= now_ms()
    end = html.A(
        "End", href=f"/permissions/end/{granted.permission_id}", className="button", **aria(label=f"End: {who}")
    )
    lines = [
        html.P(what_words(granted.categories, granted.hosts, school().policy), className="what"),
        *_terms(granted),
        _reason(
            granted.reason,
            f"{names.get(granted.granted_by, 'Set up with the school')}, {short_date(granted.granted_ms)}",
        ),
        *_notes(granted, names),
        *_confirmed(granted, register),
        html.P(gateway_words(granted, there), className="state"),
    ]
    theirs = granted.person_id is not None or viewer().role is Role.HEADTEACHER
    return _entry(who, "", lines, [end] if theirs and not over else [])


def own_permission_entry(granted: Granted, names: Names, there: AtGateway) -> html.Li:
    """A permission that covers the viewer, and why."""
    what = what_words(granted.categories, granted.hosts, school().policy)
    by = _given(granted, names)
    lines = [
        *_terms(granted),
        _reason(granted.reason, f"{by}, for all staff" if granted.person_id is None else by),
        *_notes(granted, names),
        html.P(gateway_words(granted, there, viewer().person_id), className="state"),
    ]
    return _entry(what, "", lines)


def confirm_entry(granted: Granted, person_id: str, names: Names) -> html.Li:
    """A permission for all staff that the Chair has yet to confirm for one person."""
    who = names.get(person_id, "the former Headteacher")
    answer = html.A(
        "Answer",
        href=f"/permissions/confirm/{granted.permission_id}/{person_id}",
        className="button main",
        **aria(label=f"Answer for {who}"),
    )
    lines = [
        html.P(what_words(granted.categories, granted.hosts, school().policy), className="what"),
        *_terms(granted),
        _reason(granted.reason, _given(granted, names)),
    ]
    return _entry(f"All staff: does it cover {who} too?", "", lines, [answer] if viewer().role is Role.CHAIR else [])


def _asked(request: PermissionRequest, *, headed: bool = False) -> list[Component]:
    terms = request.terms
    what = [] if headed else [html.P(what_words(terms.categories, terms.hosts, school().policy), className="what")]
    period = wanted_words(terms.from_ms, terms.until_ms, request.asked_ms)
    times = _line(f"{times_words(terms.windows)}. {period}.")
    return [*what, times, html.P(f"“{request.why}”", className="quote")]


def _asked_when(request: PermissionRequest) -> str:
    return f"Asked at {moment_words(request.asked_ms, london_day(now_ms()))}"


def _answer(request: PermissionRequest, names: Names) -> list[Component]:
    if request.state == "waiting":
        return []
    said = f"{STATES[request.state]} by {names.get(request.decided_by, 'somebody')}, {short_date(request.decided_ms)}"
    return [_reason(request.decided_why, said) if request.decided_why else _line(f"{said}.")]


def _terms(granted: Granted) -> list[Component]:
    return [_line(f"{times_words(granted.windows)}. {period_words(granted.from_ms, granted.until_ms)}.")]


def _given(granted: Granted, names: Names) -> str:
    return f"{names.get(granted.granted_by, 'Set up with the school')}, {short_date(granted.granted_ms)}"


def _reason(reason: str, who: str) -> Component:
    return html.P([f"“{reason}”", html.Small(f" {who}")], className="quote")


def _notes(granted: Granted, names: Names) -> list[Component]:
    said = []
    if granted.said_earlier:
        words = said_earlier_words(granted)
        said.append(f"{words[0].upper()}{words[1:]}. Visits before it was given stay as they were judged.")
    if granted.ended_why:
        said.append(f"Ended by {names.get(granted.ended_by, 'somebody')}: “{granted.ended_why}”")
    return [_line(each) for each in said]


def _confirmed(granted: Granted, register: PermissionRegister) -> list[Component]:
    answers = [each for each in register.confirmations if each.permission_id == granted.permission_id]
    return [
        _line(
            f"The Chair {'confirmed' if each.confirmed else 'did not confirm'} it for "
            f"{register.names.get(each.person_id, 'the former Headteacher')} on {short_date(each.decided_ms)}: "
            f"“{each.why}”"
        )
        for each in answers
    ]


def _entry(title: str, state: str, lines: Sequence[Component], actions: Sequence[Component] = ()) -> html.Li:
    tag = [html.Span(STATES[state], className=f"tag {_TAGS.get(state, '')}")] if state else []
    body = html.Div([html.H3([title, *tag]), *lines])
    return html.Li([body, html.Div(list(actions), className="actions")] if actions else [body])


_TAGS: Mapping[str, str] = {"granted": "permitted", "limited": "permitted", "refused": "inappropriate"}


def _line(said: str) -> html.P:
    return html.P(said, className="line")
