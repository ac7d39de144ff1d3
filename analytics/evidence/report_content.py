"""What the report says, as plain data for its typst template.

Owns the choice and order of facts: counts, tables, the day-by-day chart. Pure: the same request gives the same data.
Promises: visits are counted by their standing, each once; at most `MOST_LISTED` are listed and the report says how
many more there are; the points in the employee's favour are always there.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from analytics.event import COUNTED_PURPOSES, Grade
from analytics.evidence import charts, favour
from analytics.evidence import report_wording as words
from analytics.evidence.proofs import Proven
from analytics.evidence.request import BundleRequest, SealedSegment, london
from analytics.kind_reason import COUNTS_FROM
from analytics.queries.standing import COUNTED, Standing

MOST_LISTED: Final = 500
_MOST_GAPS: Final = 40
_DAYS_BY_DAY: Final = 45
"""Longer periods are charted by week."""

type Visit = Mapping[str, Any]


def content(request: BundleRequest, proven: Proven, visits: Sequence[Visit]) -> dict[str, Any]:
    """Everything the template shows."""
    stood = sorted(((visit, standing_of(visit)) for visit in visits), key=lambda each: _order(each[0]))
    events = [row.event for row in proven.events]
    counted = [each for each in stood if each[1] in COUNTED]
    apart = [each for each in stood if each[1] in (Standing.PERMITTED, Standing.BREAK)]
    labels, chart, alt = _chart(request, stood)
    lists = sorted({_list_of(visit) for visit, _ in stood})
    return {
        "demonstration": request.demonstration,
        "school": request.school_name,
        "person": request.person_name,
        "person_id": request.person_id,
        "period": f"{_day(request.first_day)} to {_day(request.last_day)}",
        "made": f"{_moment(request.made_ms)}",
        "made_by": f"{request.made_by}, {request.made_as}",
        "reason": request.reason,
        "told": _told(request),
        "software": request.software,
        "policies": sorted({event.policy_version for event in events}),
        "summary": [_summed(standing, stood) for standing in Standing],
        "counted_line": _counted_line(counted),
        "chart": chart,
        "chart_alt": alt,
        "chart_rows": labels,
        "listed": [_row(number, *each, request, lists) for number, each in enumerate(_most_telling(counted), 1)],
        "unlisted": max(len(counted) - MOST_LISTED, 0),
        "apart": [_row(number, *each, request, lists) for number, each in enumerate(apart[:MOST_LISTED], 1)],
        "apart_unlisted": max(len(apart) - MOST_LISTED, 0),
        "permissions": [_permission(each) for each in request.permissions],
        "categories": _categories(request, stood),
        "lists": [[f"{number}", *each] for number, each in enumerate(lists, 1)],
        "favour": favour.points(request, events, stood, len(proven.unsealed)),
        "coverage": _coverage(request),
        "unsealed": _unsealed(proven),
        "events": f"{len(events):,}",
        "seals": len(request.segments),
        "heads": _heads(request.segments),
        "key_id": request.key.key_id,
        "words": {name: getattr(words, name) for name in _FIXED},
        "glossary": [list(pair) for pair in words.GLOSSARY],
    }


def _told(request: BundleRequest) -> str:
    if not request.told_ms:
        return "There is no record of it."
    changes = [
        f"The notice changed on {_moment(each.changed_ms)}; they knew an earlier one "
        + (f"until {_moment(each.until_ms)}." if each.until_ms else "still when this was made.")
        for each in request.earlier_notices
    ]
    return " ".join([f"{_moment(request.told_ms)}{'.' if changes else ''}", *changes])


_FIXED: Final = ("HOW_TIME", "HOW_COUNTED", "HOW_JUDGED", "HOW_PERSON", "NOT_RECORDED", "TO_VERIFY")


def standing_of(visit: Visit) -> Standing:
    """The rule of analytics.queries.standing, over one visit."""
    purpose = str(visit["purpose"])
    if purpose in COUNTED_PURPOSES and visit["grade"] == Grade.C:
        return Standing.UNSURE
    if purpose in COUNTED_PURPOSES and visit["kind_confidence"] < COUNTS_FROM:
        return Standing.UNKNOWN
    if purpose in (Standing.PRIVATE, Standing.INAPPROPRIATE) and visit["permission_id"] is not None:
        return Standing.PERMITTED
    if purpose == Standing.PRIVATE and visit["hours"] == "break":
        return Standing.BREAK
    return Standing(purpose)


def _order(visit: Visit) -> tuple[int, str]:
    return visit["start_ms"], visit["visit_id"]


def _most_telling(counted: Sequence[tuple[Visit, Standing]]) -> list[tuple[Visit, Standing]]:
    """The gravest where not all can be listed, by time."""
    gravest = sorted(counted, key=lambda each: (-each[0]["gravity"], *_order(each[0])))[:MOST_LISTED]
    return sorted(gravest, key=lambda each: _order(each[0]))


def _summed(standing: Standing, stood: Sequence[tuple[Visit, Standing]]) -> dict[str, Any]:
    theirs = [visit for visit, each in stood if each is standing]
    return {
        "title": words.STANDINGS[standing],
        "visits": len(theirs),
        "time": _total(theirs),
        "counted": standing in COUNTED,
    }


def _counted_line(counted: Sequence[tuple[Visit, Standing]]) -> str:
    if not counted:
        return "No visit in this period is counted against this person."
    days = {london(visit["start_ms"]).date() for visit, _ in counted}
    return (
        f"{len(counted)} visit{'s' * (len(counted) != 1)} on {len(days)} day{'s' * (len(days) != 1)} are counted, "
        f"together between {_total([visit for visit, _ in counted])}."
    ).replace("1 visit on", "One visit on")


def _list_of(visit: Visit) -> tuple[str, str]:
    return visit["list_name"], visit["list_version"]


def _row(
    number: int, visit: Visit, standing: Standing, request: BundleRequest, lists: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    meaning = request.categories.get(visit["category"])
    opaque = visit["not_inspected"] != "inspected"
    return {
        "number": number,
        "when": _to_the_second(visit["start_ms"]),
        "hours": words.HOURS[str(visit["hours"])] + (words.EARLIER if visit.get("notice_changed_ms") else ""),
        "site": visit["host"],
        "page": words.NOT_INSPECTED if opaque else visit["path"] if visit["path"] not in ("", "/") else "",
        "phrase": visit["search_phrase"],
        "judged": words.IN_A_ROW[standing],
        "category": meaning.title if meaning else visit["category"],
        "gravity": visit["gravity"],
        "rule": f"{visit['rule']} on list {lists.index(_list_of(visit)) + 1}",
        "time": _total([visit]),
        "grade": str(visit["grade"]),
        "who": f"{words.GRADES[str(visit['grade'])]} ({words.METHODS[str(visit['method'])]})",
    }


def _chart(request: BundleRequest, stood: Sequence[tuple[Visit, Standing]]) -> tuple[list[Any], str, str]:
    """(rows of the chart's table, SVG, sentence)."""
    weekly = (request.last_day - request.first_day).days + 1 > _DAYS_BY_DAY
    slots = list(_slots(request.first_day, request.last_day, 7 if weekly else 1))
    place = {day: slot for slot in slots for day in (slot + timedelta(days=n) for n in range(7 if weekly else 1))}
    counts: dict[Standing, Counter[date]] = {standing: Counter() for standing in Standing}
    for visit, standing in stood:
        counts[standing][place[london(visit["start_ms"]).date()]] += 1
    grave = [counts[Standing.INAPPROPRIATE][slot] + counts[Standing.UNLAWFUL][slot] for slot in slots]
    private = [counts[Standing.PRIVATE][slot] for slot in slots]
    apart = [counts[Standing.PERMITTED][slot] + counts[Standing.BREAK][slot] for slot in slots]
    series = [
        charts.Series("Inappropriate or unlawful", charts.SOLID, grave),
        charts.Series("Private, counted", charts.HATCHED, private),
        charts.Series("Private, permitted or in a break: not counted", charts.OPEN, apart),
    ]
    labels = [f"{'Week of ' * weekly}{slot.day} {slot:%b}" for slot in slots]
    shown = [f"{slot.day} {slot:%b}" if at % _every(len(slots)) == 0 else "" for at, slot in enumerate(slots)]
    rows = [list(row) for row in zip(labels, grave, private, apart, strict=True) if any(row[1:])]
    totals = {label: g + p for label, g, p in zip(labels, grave, private, strict=True)}
    slot = "week" if weekly else "day"
    alt = f"Counted visits by {slot}: {charts.in_words(labels, totals, slot)}"
    return rows, charts.stacked_bars(shown, series, "Visits"), alt


def _slots(first: date, last: date, days: int) -> Iterable[date]:
    while first <= last:
        yield first
        first += timedelta(days=days)


def _every(number: int) -> int:
    return max(1, -(-number // 14))


def _categories(request: BundleRequest, stood: Sequence[tuple[Visit, Standing]]) -> list[list[str]]:
    used = {
        visit["category"] for visit, standing in stood if standing in (*COUNTED, Standing.PERMITTED, Standing.BREAK)
    }
    known = sorted(
        (request.categories[key].title, request.categories[key].why) for key in used if key in request.categories
    )
    return [list(pair) for pair in known]


def _permission(each: Any) -> dict[str, str]:
    until = _moment(each.until_ms) if each.until_ms else "further notice"
    return {
        "what": each.what,
        "reason": each.reason,
        "by": each.granted_by,
        "when": f"{_moment(each.from_ms)} until {until}",
    }


def _coverage(request: BundleRequest) -> dict[str, Any]:
    recorded = request.recorded
    gaps = [
        [
            f"{_moment(gap.from_ms)} to {_moment(gap.to_ms)}",
            gap.gateway,
            gap.sentence,
            f"{gap.count:,}" if gap.count else "not known",
        ]
        for gap in recorded.gaps[:_MOST_GAPS]
    ]
    return {
        "recorded": _hours(recorded.recorded_ms // 1000),
        "of": _passed(request),
        "gaps": gaps,
        "more": max(len(recorded.gaps) - _MOST_GAPS, 0),
        "passed_through": f"{recorded.passed_through:,}",
        "untold": f"{recorded.untold:,}",
        "shielded": f"{recorded.shielded:,}",
        "closed": [[why, f"{count:,}"] for why, count in recorded.closed],
        "read_with": list(recorded.read_with),
    }


def _passed(request: BundleRequest) -> str:
    """The hours of the period, or those that had passed when the report was made."""
    until = min(request.to_ms, request.made_ms)
    early = " (up to when this report was made)" if until < request.to_ms else ""
    return f"{_hours(max(until - request.from_ms, 0) // 1000)}{early}"


def _unsealed(proven: Proven) -> str:
    if not proven.unsealed:
        return ""
    number = len(proven.unsealed)
    return (
        f"{number} event{'s' * (number != 1)} from {_moment(proven.unsealed[0].ts_ms)} on were not yet sealed when "
        "this was made, and are left out."
    )


def _heads(segments: Sequence[SealedSegment]) -> list[list[str]]:
    last = {each.seal.gateway: each.seal for each in sorted(segments, key=lambda each: each.seal.segment)}
    return [
        [gateway, f"{seal.segment}", _moment(seal.closed_ms), seal.digest] for gateway, seal in sorted(last.items())
    ]


def _total(visits: Sequence[Visit]) -> str:
    lower, upper = sum(visit["lower_s"] for visit in visits), sum(visit["upper_s"] for visit in visits)
    return _hours(lower) if lower == upper else f"{_hours(lower)} and {_hours(upper)}"


def _hours(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60:02d} min"


def _moment(ts_ms: int) -> str:
    return f"{london(ts_ms).day} {london(ts_ms):%B %Y, %H:%M}"


def _to_the_second(ts_ms: int) -> str:
    return f"{london(ts_ms):%a} {london(ts_ms).day} {london(ts_ms):%b %Y, %H:%M:%S}"


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"
