"""The forms of the permissions page: what may be typed into them, and what that means.

Owns their reading and the sentence beside each field that cannot be read. Days are London dates: "until" names the
last day included. Governance checks everything once more; a form only says it next to the field.
"""

from datetime import date, time
from typing import Any, Final

from flask_wtf import FlaskForm
from wtforms import DateField, SelectMultipleField, StringField, TextAreaField, TimeField
from wtforms.validators import AnyOf, InputRequired, Length, Optional, ValidationError

from analytics.governance.permission_requests import PermissionRequest
from analytics.governance.permitted_things import permissible, read_categories, read_sites
from analytics.snapshot import Window
from config.errors import FairgateError
from dashboard.moments import day_bounds_ms, london_day, now_ms
from dashboard.school import school

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EVERYBODY: Final = "everybody"
DECISIONS: Final = {"grant": "Grant as asked", "limit": "Grant in part, or at other times", "refuse": "Refuse"}
ANSWERS: Final = {"yes": "Yes, it covers them too", "no": "No, it does not cover them"}
_MIDNIGHT: Final = 24 * 60
_TERMS: Final = ("categories", "sites", "days", "start", "end", "first", "last")
_WHY: Final = InputRequired("Write why, in a sentence or two.")
_LONG: Final = Length(max=1000, message="Say it in at most 1,000 characters.")


class TermsForm(FlaskForm):  # type: ignore[misc]
    """What and when; the base class adds the token against forged posts."""

    categories = SelectMultipleField(validate_choice=False)
    sites = TextAreaField(validators=[Length(max=3000, message="Name fewer sites.")])
    days = SelectMultipleField(choices=[str(day) for day in range(7)], coerce=str)
    start = TimeField(validators=[Optional()])
    end = TimeField(validators=[Optional()])
    first = DateField(validators=[Optional()])
    last = DateField(validators=[Optional()])

    offered: dict[str, str]
    """Categories to choose from: key and title."""

    def __init__(self, *args: Any, offered: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = permissible(school().policy) if offered is None else offered

    def validate_categories(self, field: SelectMultipleField) -> None:
        if not field.data and not self.named:
            raise ValidationError("Choose at least one kind of site, or name a site below.")
        if not set(field.data) <= self.offered.keys():
            raise ValidationError("Choose among these kinds of site.")
        _say(lambda: read_categories(school().policy, field.data))

    def validate_sites(self, _field: TextAreaField) -> None:
        _say(lambda: read_sites(school().policy, self.named))

    def validate_days(self, field: SelectMultipleField) -> None:
        """The times as well: this field is looked at even where they are empty."""
        start, end = self.start.data, self.end.data
        if (start is None) != (end is None):
            raise ValidationError("Give both times, or neither: without times, whole days are meant.")
        if start is not None and start == end:
            raise ValidationError("It cannot begin and end at the same minute.")
        if start is not None and not field.data:
            raise ValidationError("Choose the days on which these times are meant.")

    def validate_first(self, field: DateField) -> None:
        if field.data is not None and field.data < london_day(now_ms()):
            raise ValidationError("A permission begins today or later. What was visited before stays as it was judged.")

    def validate_last(self, field: DateField) -> None:
        if field.data is not None and field.data < (self.first.data or london_day(now_ms())):
            raise ValidationError("The last day comes before the first. Mend one of them.")

    @property
    def named(self) -> list[str]:
        """The sites, one a line."""
        return [line for line in (self.sites.data or "").replace(",", "\n").splitlines() if line.strip()]

    def terms(self) -> dict[str, Any]:
        """What governance is asked for."""
        return {
            "categories": self.categories.data or [],
            "hosts": self.named,
            "windows": self._windows(),
            "from_ms": day_bounds_ms(self.first.data)[0] if self.first.data else None,
            "until_ms": day_bounds_ms(self.last.data)[1] if self.last.data else 0,
        }

    def _windows(self) -> list[Window]:
        start, end = _minutes(self.start.data), _minutes(self.end.data) or _MIDNIGHT
        return [Window(weekday=int(day), start=start, end=end) for day in self.days.data or []]


class AskForm(TermsForm):
    """A request for oneself."""

    why = TextAreaField(validators=[_WHY, _LONG])


class _NotedForm(FlaskForm):  # type: ignore[misc]
    """With a note of an earlier word."""

    said_earlier = DateField(validators=[Optional()])

    def validate_said_earlier(self, field: DateField) -> None:
        if field.data is not None and field.data > london_day(now_ms()):
            raise ValidationError("This day lies ahead.")


class GrantForm(TermsForm, _NotedForm):
    """A permission that nobody asked for."""

    who = StringField()
    why = TextAreaField(validators=[_WHY, _LONG])

    people: dict[str, str]

    def __init__(self, *args: Any, people: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people

    def validate_who(self, field: StringField) -> None:
        if field.data not in self.people:
            raise ValidationError("Choose whom it is for.")


class DecideForm(TermsForm, _NotedForm):
    """An answer to a request; the terms count only where less is granted."""

    decision = StringField(validators=[AnyOf(DECISIONS, "Choose one of the three.")])
    why = TextAreaField(validators=[_LONG])

    def validate_why(self, field: TextAreaField) -> None:
        if self.decision.data != "grant" and not (field.data or "").strip():
            raise ValidationError("Write why: whoever asked will read it.")

    def validate(self, extra_validators: Any = None) -> bool:
        """The terms are looked at only where they count."""
        super().validate(extra_validators)
        if self.decision.data != "limit":
            for name in _TERMS:
                self[name].errors = []
        return not self.errors


class ReasonForm(FlaskForm):  # type: ignore[misc]
    """Why something is ended."""

    why = TextAreaField(validators=[_WHY, _LONG])


class ConfirmForm(ReasonForm):
    """The Chair's answer."""

    answer = StringField(validators=[AnyOf(ANSWERS, "Choose one of the two.")])


class WithdrawForm(FlaskForm):  # type: ignore[misc]
    """Nothing but the token against forged posts."""


def as_asked(request: PermissionRequest) -> dict[str, Any]:
    """What the limiting fields show first: the request itself, as far as one row of days and times can say it."""
    terms = request.terms
    stretches = {(window.start, window.end) for window in terms.windows}
    start, end = stretches.pop() if len(stretches) == 1 else (0, _MIDNIGHT)
    whole_day = (start, end) == (0, _MIDNIGHT)
    return {
        "categories": list(terms.categories),
        "sites": "\n".join(terms.hosts),
        "days": [str(window.weekday) for window in terms.windows],
        "start": None if whole_day else _clock(start),
        "end": None if whole_day else _clock(end),
        "first": _later_day(terms.from_ms),
        "last": london_day(terms.until_ms - 1) if terms.until_ms else None,
    }


def _later_day(from_ms: int) -> date | None:
    day = london_day(from_ms)
    return day if day > london_day(now_ms()) else None


def _minutes(at: time | None) -> int:
    return at.hour * 60 + at.minute if at else 0


def _clock(minutes: int) -> time:
    return time(*divmod(minutes % _MIDNIGHT, 60))


def _say(check: Any) -> None:
    """The sentence of a refusal, beside the field."""
    try:
        check()
    except FairgateError as fault:
        raise ValidationError(str(fault)) from fault
