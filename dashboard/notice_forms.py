"""The forms of the notices page: one's own acknowledgement, a paper or training-day record, a list as a CSV file.

Owns their reading and the sentence beside each field that cannot be read.
"""

from typing import Any, Final

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired, FileSize
from wtforms import DateField, SelectMultipleField, StringField
from wtforms.validators import AnyOf, InputRequired, ValidationError

from dashboard.moments import london_day, now_ms

WAYS: Final = {"paper": "They signed the paper", "training_day": "They were told on a training day"}
LARGEST: Final = 256 * 1024


class AcknowledgeForm(FlaskForm):  # type: ignore[misc]
    """Nothing but the token against forged posts."""


class RecordForm(FlaskForm):  # type: ignore[misc]
    """Several people, told on one day in one way."""

    people = SelectMultipleField(validate_choice=False)
    how = StringField(validators=[AnyOf(WAYS, "Choose one of the two.")])
    day = DateField(validators=[InputRequired("Give the day.")])

    offered: dict[str, str]
    """Who may be chosen: id and name."""

    def __init__(self, *args: Any, offered: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = offered

    def validate_people(self, field: SelectMultipleField) -> None:
        if not field.data:
            raise ValidationError("Choose at least one person.")
        if not set(field.data) <= self.offered.keys():
            raise ValidationError("Choose among these people.")

    def validate_day(self, field: DateField) -> None:
        if field.data is not None and field.data > london_day(now_ms()):
            raise ValidationError("This day lies ahead. Record it when it has come.")


class ListForm(FlaskForm):  # type: ignore[misc]
    """A CSV file."""

    file = FileField(
        validators=[FileRequired("Choose the file."), FileSize(LARGEST, message="The file is too large for a list.")]
    )
