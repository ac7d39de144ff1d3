"""Points in the employee's favour, and the limits of the record: compulsory in every report.

Owns which points there are and when each is made. Promises: a point is never left out because it is inconvenient;
each rests on a count over the very visits and events of the report; those that always hold are always stated.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from analytics.event import Hours, Kind, NotInspected, WebEvent
from analytics.evidence.request import BundleRequest, london
from analytics.queries.how_chosen import SURE_PERCENT, was_left_open, was_refused
from analytics.queries.standing import COUNTED, Standing

type Visit = Mapping[str, Any]


def points(
    request: BundleRequest, events: Sequence[WebEvent], visits: Sequence[tuple[Visit, Standing]], unsealed: int
) -> list[str]:
    """The points, as sentences."""
    counted = [visit for visit, standing in visits if standing in COUNTED]
    stated = [
        *_about_person(request, visits, counted),
        *_about_time(visits, counted),
        *_about_seeing(visits, events, counted),
        *_about_record(request, counted, unsealed),
    ]
    return [*stated, *_ALWAYS]


_ALWAYS: Final = (
    "The record does not show why a page was opened. Work can lead to any kind of site; a mistyped address, a link in "
    "an e-mail or a search result can too.",
    "The record does not show what was on the page, or whether anybody looked at it.",
    "A category is a judgement about a site, not about the person. It may be wrong, and may be disputed.",
)


def _about_person(
    request: BundleRequest, visits: Sequence[tuple[Visit, Standing]], counted: Sequence[Visit]
) -> list[str]:
    grades = [visit["grade"] for visit in counted]
    said = []
    if assigned := grades.count("B"):
        said.append(
            f"{_of(assigned, counted)} put down to this person because the device is assigned to them, not because "
            "they had signed in. Somebody else may have used it."
        )
    if unsure := sum(standing is Standing.UNSURE for _, standing in visits):
        said.append(f"{_visits(unsure)} made where it is not sure who it was. These are not counted.")
    if request.unsure:
        said.append(
            f"{request.unsure:,} event{'s' * (request.unsure != 1)} of this period may be somebody else's: a shared "
            "device, or signs that disagree. They are left out of this report and count against nobody."
        )
    return said


def _about_time(visits: Sequence[tuple[Visit, Standing]], counted: Sequence[Visit]) -> list[str]:
    said = []
    if breaks := sum(standing is Standing.BREAK for _, standing in visits):
        said.append(f"{_visits(breaks)} private, in a break. These are shown apart and not counted.")
    if permitted := sum(standing is Standing.PERMITTED for _, standing in visits):
        said.append(f"{_visits(permitted)} private and permitted. These are shown apart and not counted.")
    if outside := sum(visit["hours"] == Hours.OUTSIDE for visit in counted):
        said.append(f"{_of(outside, counted)} made outside contracted hours.")
    if unstated := sum(visit["hours"] == Hours.NOT_STATED for visit in counted):
        said.append(
            f"For {unstated} of the counted visits this person's hours are not stated, so breaks cannot be told."
        )
    return said


def _about_seeing(
    visits: Sequence[tuple[Visit, Standing]], events: Sequence[WebEvent], counted: Sequence[Visit]
) -> list[str]:
    said = []
    chosen = {visit["visit_id"] for visit in counted}
    if unsure := sum(event.event_id in chosen and event.kind_confidence < SURE_PERCENT for event in events):
        said.append(f"{_of(unsure, counted)} told from automatic traffic with less than {SURE_PERCENT} % confidence.")
    if refused := sum(map(was_refused, counted)):
        said.append(
            f"{_of(refused, counted)} answered with a refusal or an error, by the site or by a filter. Nothing of "
            "the page need have been seen."
        )
    if left_open := sum(map(was_left_open, counted)):
        said.append(
            f"For {left_open} of the {len(counted)} counted visits the page was left open and went on fetching by "
            "itself long after. That is not counted as time, and says nothing of anybody looking at it."
        )
    if opaque := sum(visit["not_inspected"] != NotInspected.INSPECTED for visit in counted):
        said.append(
            f"{_of(opaque, counted)} not decrypted: only the site's name is known, and what happened there is not."
        )
    if automatic := sum(event.kind is not Kind.NAVIGATION for event in events):
        said.append(
            f"{automatic:,} of {len(events):,} events were made by pages and programs, not chosen. None is counted."
        )
    if unknown := sum(standing is Standing.UNKNOWN for _, standing in visits):
        said.append(
            f"{_visits(unknown)} not judged: the site serves work and private ends alike or is on no list, or it "
            "cannot be told whether anybody chose the page. They are not counted; they may well have been work."
        )
    return said


def _about_record(request: BundleRequest, counted: Sequence[Visit], unsealed: int) -> list[str]:
    said = []
    if request.recorded.gaps:
        number = len(request.recorded.gaps)
        said.append(
            f"The record has {number} gap{'s' * (number != 1)} in this period: see “How complete the record is”."
        )
    if request.told_ms == 0:
        said.append("There is no record that this person was told of monitoring.")
    for each in request.earlier_notices:
        made = sum(each.holds(visit["start_ms"]) for visit in counted)
        said.append(
            f"The notice changed on {_day(each.changed_ms)}. {_of(made, counted)} made when this person had "
            "been told of the earlier notice only."
        )
    if request.told_ms > request.from_ms:
        said.append("This person was told of monitoring only during this period. Nothing is recorded from before.")
    if unsealed:
        said.append(
            f"{unsealed} event{'s' * (unsealed != 1)} had not been sealed when this was made, and stand in no count."
        )
    return said


def _day(ts_ms: int) -> str:
    return f"{london(ts_ms).day} {london(ts_ms):%B %Y}"


def _of(number: int, counted: Sequence[Visit]) -> str:
    return f"{number} of the {len(counted)} counted visit{'s' * (len(counted) != 1)} {'was' if number == 1 else 'were'}"


def _visits(number: int) -> str:
    return f"{number} visit was" if number == 1 else f"{number} visits were"
