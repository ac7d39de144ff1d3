"""Asking for a permission, deciding, giving, confirming and ending: plain forms that work without scripts.

Owns these routes. Promises: only by a form of ours; what a viewer may decide is found in the register as it is open to
them, so an id that is not theirs leads nowhere; governance decides once more, with its own rules; after each decision
the gateway is handed the new snapshot; what could not be read comes back as it was typed, with a sentence beside the
field; addresses hold opaque ids alone.
"""

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, make_response, redirect, render_template
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from analytics.governance import Governance, Role
from analytics.governance.permission_requests import PermissionRequest
from analytics.governance.permission_terms import Terms
from analytics.governance.permissions import Granted
from analytics.governance.permitted_things import permissible
from analytics.queries import LookPurpose, PermissionRegister, permission_register
from config.errors import AccessDenied, FairgateError
from dashboard.at_gateway import hand_over
from dashboard.guard import DECIDERS, EVERYONE, reading, serves, viewer
from dashboard.permission_forms import (
    ANSWERS,
    DAYS,
    DECISIONS,
    EVERYBODY,
    AskForm,
    ConfirmForm,
    DecideForm,
    GrantForm,
    ReasonForm,
    WithdrawForm,
    as_asked,
)
from dashboard.permission_wording import period_words, times_words, wanted_words, what_words
from dashboard.school import school

pages = Blueprint("permit", __name__, template_folder="templates", url_prefix="/permissions")
_TITLES: Final = {
    "who": "Who",
    "categories": "Kinds of site",
    "sites": "Single sites",
    "days": "Days and times",
    "start": "From",
    "end": "To",
    "first": "First day",
    "last": "Last day",
    "why": "Why",
    "decision": "Your answer",
    "answer": "Your answer",
    "said_earlier": "Agreed by word of mouth",
}
_NONE: Final = "There is nothing here for you to decide: it was decided, withdrawn or ended meanwhile."


@pages.route("/ask", methods=["GET", "POST"])
@serves(*EVERYONE)
def ask() -> Response:
    """Ask for oneself."""
    if viewer().person_id is None:
        return _message("This sign-in is not linked to a member of staff, so there is nothing to permit it.", 404)
    form = AskForm()
    decider = Role.CHAIR if viewer().role is Role.HEADTEACHER else Role.HEADTEACHER

    def send() -> str:
        _governance().permission_requests.ask(viewer(), policy=school().policy, why=form.why.data, **form.terms())
        return "asked"

    return _worked(form, send, "permission_ask.html", decider=f"The {decider.label}")


@pages.post("/withdraw/<request_id>")
@serves(*EVERYONE)
def withdraw(request_id: str) -> Response:
    """Take back a request of one's own."""
    if not WithdrawForm().validate_on_submit():
        return _message("The page had been open for too long. Go back and try again.", 400)
    try:
        _governance().permission_requests.withdraw(viewer(), request_id)
    except AccessDenied as refused:
        return _message(str(refused), 403)
    except FairgateError as fault:
        return _message(str(fault), 409)
    return _done("withdrawn")


@pages.route("/new", methods=["GET", "POST"])
@serves(*DECIDERS)
def new() -> Response:
    """Give a permission that nobody asked for."""
    register = _register()
    all_staff = viewer().role is Role.HEADTEACHER
    people = {EVERYBODY: "All staff"} if all_staff else {}
    form = GrantForm(people=people | {each: register.names[each] for each in register.people})

    def give() -> str:
        person = None if form.who.data == EVERYBODY else form.who.data
        _governance().permissions.grant(
            viewer(),
            person,
            policy=school().policy,
            reason=form.why.data,
            said_earlier=form.said_earlier.data,
            **form.terms(),
        )
        return "granted"

    return _worked(form, give, "permission_new.html", all_staff=all_staff)


@pages.route("/decide/<request_id>", methods=["GET", "POST"])
@serves(*DECIDERS)
def decide(request_id: str) -> Response:
    """Answer a request."""
    register = _register()
    found = [each for each in register.requests if each.request_id == request_id and each.state == "waiting"]
    if not found:
        return _message(_NONE, 404)
    asked = found[0]
    titles = permissible(school().policy)
    form = DecideForm(data=as_asked(asked), offered={key: titles.get(key, key) for key in asked.terms.categories})
    return _worked(
        form,
        lambda: _answer(form, asked),
        "permission_decide.html",
        options=DECISIONS,
        asked=asked,
        name=register.names[asked.person_id],
        **_words(asked),
    )


def _answer(form: DecideForm, asked: PermissionRequest) -> str:
    requests, policy = _governance().permission_requests, school().policy
    why, said = form.why.data or "", form.said_earlier.data
    if form.decision.data == "refuse":
        requests.refuse(viewer(), asked.request_id, why)
        return "refused"
    if form.decision.data == "limit":
        requests.limit(viewer(), asked.request_id, policy=policy, reason=why, said_earlier=said, **form.terms())
        return "limited"
    requests.grant(viewer(), asked.request_id, policy=policy, reason=why, said_earlier=said)
    return "granted"


@pages.route("/end/<permission_id>", methods=["GET", "POST"])
@serves(*DECIDERS)
def end(permission_id: str) -> Response:
    """End a permission now."""
    register, form = _register(), ReasonForm()
    found = [each for each in register.permissions if each.permission_id == permission_id]
    if not found:
        return _message(_NONE, 404)

    def stop() -> str:
        _governance().permissions.end(viewer(), permission_id, form.why.data)
        return "ended"

    name = register.names.get(found[0].person_id or "", "All staff")
    return _worked(form, stop, "permission_end.html", granted=found[0], name=name, **_words(found[0]))


@pages.route("/confirm/<permission_id>/<person_id>", methods=["GET", "POST"])
@serves(Role.CHAIR)
def confirm(permission_id: str, person_id: str) -> Response:
    """Say whether a permission for all staff covers one person too."""
    register, form = _register(), ConfirmForm()
    if (permission_id, person_id) not in register.to_confirm:
        return _message(_NONE, 404)
    granted = next(each for each in register.permissions if each.permission_id == permission_id)

    def settle() -> str:
        _governance().confirmations.decide(viewer(), permission_id, person_id, form.answer.data == "yes", form.why.data)
        return "confirmed"

    name = register.names.get(person_id, "the former Headteacher")
    return _worked(
        form,
        settle,
        "permission_confirm.html",
        options=ANSWERS,
        granted=granted,
        name=name,
        person_id=person_id,
        **_words(granted),
    )


def _worked(form: FlaskForm, act: Callable[[], str], template: str, **shown: Any) -> Response:
    """The form; or, where it was sent and can be read, what it asks is done and the page shows it."""
    if not form.is_submitted():
        return _page(template, 200, form=form, **shown)
    if not form.validate():
        return _page(template, 400, form=form, **shown)
    try:
        done = act()
    except AccessDenied as refused:
        return _message(str(refused), 403)
    except FairgateError as fault:
        return _page(template, 409, form=form, fault=str(fault), **shown)
    if done not in ("asked", "refused"):
        hand_over()
    return _done(done)


def _done(code: str) -> Response:
    return redirect(f"/permissions?done={code}", 303)


def _page(template: str, status: int, *, fault: str = "", **shown: Any) -> Response:
    here = school()
    page = render_template(
        template,
        fault=fault,
        titles=_TITLES,
        days=DAYS,
        viewer=viewer(),
        school_name=here.settings.school_name,
        demonstration=here.demonstration,
        **shown,
    )
    return make_response(page, status)


def _message(said: str, status: int) -> Response:
    here = school()
    page = render_template(
        "message.html", said=said, school_name=here.settings.school_name, demonstration=here.demonstration
    )
    return make_response(page, status)


def _words(each: PermissionRequest | Granted) -> dict[str, str]:
    if isinstance(each, PermissionRequest):
        terms: Terms | Granted = each.terms
        period = wanted_words(terms.from_ms, terms.until_ms, each.asked_ms)
    else:
        terms, period = each, period_words(each.from_ms, each.until_ms)
    what = what_words(terms.categories, terms.hosts, school().policy)
    return {"what": what, "times": times_words(terms.windows), "period": period}


def _register() -> PermissionRegister:
    return permission_register(reading(LookPurpose.DECISION))


def _governance() -> Governance:
    return school().governance
