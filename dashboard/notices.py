"""Telling and being told: one's own notice, a paper or training-day record, a list from a file. Plain forms.

Owns these routes. Promises: they work without scripts; somebody acknowledges for themselves alone; who enters that
others were told does so only for those they decide for, for all of a list or for nobody; after it the gateway is handed
the new snapshot.
"""

from collections.abc import Sequence
from typing import Any, Final

from flask import Blueprint, make_response, redirect, render_template
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from analytics.governance import Told
from analytics.governance.csv_rows import plain_text
from analytics.governance.enrolment import told_moment
from analytics.governance.told_file import COLUMNS, read_told
from analytics.notice_due import Due, due
from analytics.queries import LookPurpose, NoticeRegister, notice_register, own_notice
from config.errors import ConfigError, FairgateError
from dashboard.at_gateway import hand_over
from dashboard.guard import DECIDERS, EVERYONE, reading, serves, viewer
from dashboard.moments import london_day, now_ms
from dashboard.notice_forms import WAYS, AcknowledgeForm, ListForm, RecordForm
from dashboard.school import school

NOTICE: Final = "/notice"
pages = Blueprint("notices", __name__, template_folder="templates")
_TITLES: Final = {"people": "Who", "how": "How", "day": "The day", "file": "The file"}
_WHY: Final = {
    Due.FIRST: "Please read this. Nothing is recorded of you before you were told.",
    Due.CHANGED: "The notice has changed since you were told. What is recorded meanwhile is marked so.",
    Due.REMINDER: "This is the reminder for this term.",
}


def notice_due() -> Due | None:
    """Why the viewer is to be shown the notice; None where there is no need, or no notice in force."""
    here = school()
    if here.governance.notices.policy_in_force() != here.policy.notice_version:
        return None  # what this process would show is not the notice in force
    own = own_notice(reading(LookPurpose.OWN_DATA))
    if own is None:
        return None
    times = {"told_ms": own.told_ms, "ever_ms": own.ever_ms, "last_ms": own.last_ms}
    return due(now_ms=now_ms(), calendar=here.policy.calendar, **times)


@pages.get(NOTICE)
@serves(*EVERYONE)
def notice() -> Response:
    """The notice, with its button where the viewer is to answer it."""
    return _notice()


@pages.post(NOTICE)
@serves(*EVERYONE)
def acknowledge() -> Response:
    """The viewer says that they were told."""
    if not AcknowledgeForm().validate_on_submit():
        return _notice("The page had been open for too long. Nothing was noted: please read it and answer again.", 400)
    asking, here = viewer(), school()
    if asking.person_id is not None and notice_due() is not None:
        version = here.policy.notice_version
        here.governance.notices.record_told(asking.person_id, version, Told.DASHBOARD, by=asking.account_id)
        hand_over()
    return redirect("/", 303)


def _notice(fault: str = "", status: int = 200) -> Response:
    found, told = notice_due(), school().policy.notice
    paragraphs = [part for part in told.text.split("\n\n") if part.strip()]
    why = _WHY[found] if found else ""
    return _page(
        "notice.html", status, form=AcknowledgeForm(), notice=told, paragraphs=paragraphs, why=why, said_fault=fault
    )


@pages.route("/notices/record", methods=["GET", "POST"])
@serves(*DECIDERS)
def record() -> Response:
    """Several people signed the paper, or were told on a training day."""
    register = _register()
    outstanding = {row.person_id: row.name for row in register.rows if row.outstanding_ms}
    rest = {row.person_id: row.name for row in register.rows if not row.outstanding_ms}
    form = RecordForm(offered=outstanding | rest, day=london_day(now_ms()))
    if not form.is_submitted() or not form.validate():
        status = 400 if form.is_submitted() else 200
        return _page("notice_record.html", status, form=form, ways=WAYS, outstanding=outstanding, rest=rest)
    when, how = told_moment(form.day.data), Told(form.how.data)
    return _entered([(person_id, how, when) for person_id in dict.fromkeys(form.people.data)], register)


@pages.route("/notices/import", methods=["GET", "POST"])
@serves(*DECIDERS)
def import_list() -> Response:
    """Many people at once, from a CSV file."""
    register, form = _register(), ListForm()
    if not form.is_submitted() or not form.validate():
        return _page("notice_import.html", 400 if form.is_submitted() else 200, form=form, columns=COLUMNS, faults=[])
    theirs = {row.person_id for row in register.rows}
    people = [person for person in school().governance.people.all() if person.person_id in theirs]
    try:
        text = plain_text(form.file.data.read(), "the file")
        rows = read_told(text, "The file", people, london_day(now_ms()))
    except ConfigError as fault:
        return _page("notice_import.html", 409, form=form, columns=COLUMNS, faults=str(fault).splitlines())
    return _entered([(row.person_id, row.how, told_moment(row.day)) for row in rows], register)


def _entered(entries: Sequence[tuple[str, Told, int]], register: NoticeRegister) -> Response:
    version = register.notice_version or school().policy.notice_version
    try:
        school().governance.notices.record_list(entries, version, by=viewer().account_id)
    except FairgateError as fault:
        return make_response(str(fault), 409)
    hand_over()
    return redirect(f"/notices?done={len(entries)}", 303)


def _register() -> NoticeRegister:
    return notice_register(reading(LookPurpose.DECISION))


def _page(template: str, status: int, *, form: FlaskForm, **shown: Any) -> Response:
    here = school()
    page = render_template(
        template,
        form=form,
        titles=_TITLES,
        viewer=viewer(),
        school_name=here.settings.school_name,
        demonstration=here.demonstration,
        **shown,
    )
    return make_response(page, status)
