"""Downloading one person's report.

Owns the route and its refusals in plain words. Promises: only by a form of ours, only for a role that reads people,
only from a demonstration school until approvals exist; the download is audited before the first byte leaves.
"""

import io
import tempfile
from datetime import date
from pathlib import Path

from flask import Blueprint, make_response, render_template, send_file
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField, StringField
from wtforms.validators import InputRequired, Length

from analytics.governance import Action
from config.errors import AccessDenied, FairgateError
from dashboard.guard import READERS, serves, viewer
from dashboard.school import school

pages = Blueprint("report", __name__, template_folder="templates")
_NOT_YET = (
    "Reports that name a person need a second approver, and approvals are not part of this version. "
    "Only a demonstration school can download them. Nothing was written."
)


class ReportForm(FlaskForm):  # type: ignore[misc]
    """Of whom, from when to when; the base class adds the token against forged posts."""

    person = StringField(validators=[InputRequired(), Length(max=64)])
    first = DateField(validators=[InputRequired()])
    last = DateField(validators=[InputRequired()])


@pages.post("/report")
@serves(*READERS)
def download() -> Response:
    """The signed bundle as one zip, or a page that says why not."""
    form = ReportForm()
    if not form.validate_on_submit():
        return _message("The form was not complete, or had been open for too long. Go back and try again.", 400)
    if not school().demonstration:
        _refuse(form.person.data)
        return _message(_NOT_YET, 403)
    try:
        data = _bundle(form.person.data, form.first.data, form.last.data)
    except AccessDenied as refused:
        return _message(str(refused), 403)
    except FairgateError as fault:
        return _message(str(fault), 409)
    name = f"fairgate-demo-report-{form.first.data}-to-{form.last.data}.zip"
    return send_file(io.BytesIO(data), mimetype="application/zip", as_attachment=True, download_name=name)


def _refuse(person_id: str) -> None:
    """Put the refusal on record; an id nobody has is not repeated into the log."""
    here, asking = school(), viewer()
    known = here.governance.people.get(person_id)
    here.governance.audit.record(
        asking.account_id,
        known.person_id if known else None,
        Action.REFUSED,
        role=asking.role,
        session=asking.session_id,
        detail={"query": "report"},
    )


def _bundle(person_id: str, first: date, last: date) -> bytes:
    from analytics.evidence.export import export_report

    here = school()
    with tempfile.TemporaryDirectory(dir=here.state.dashboard) as folder:
        out = Path(folder) / "report.zip"
        export_report(here.settings, here.state, person_id, first, last, out, viewer=viewer())
        return out.read_bytes()


def _message(said: str, status: int) -> Response:
    here = school()
    page = render_template(
        "message.html", said=said, school_name=here.settings.school_name, demonstration=here.demonstration
    )
    return make_response(page, status)
