"""Passed through: how much goes by unopened and why, what was learnt for which device, and what is to be mended.

Counts alone: no site and nobody stands on this page, so that whoever looks after the network can have it.
"""

from collections.abc import Mapping

import pandas as pd
from dash import html
from dash.development.base_component import Component

from analytics.event import NotInspected
from analytics.queries import LookPurpose, PassedThrough, passed_through
from analytics.queries.conditions import CLOSED_BECAUSE
from analytics.queries.passed_through import CAPS
from dashboard.aria import aria
from dashboard.chart import plain_table
from dashboard.guard import reading
from dashboard.moments import london_day, moment_words, now_ms, span_words
from dashboard.panels import empty, page_top, range_chooser, totals
from dashboard.periods import offered, period
from dashboard.school import school
from dashboard.wording import count, listed

_SHIELDED = "A sensitive area: never opened, no name is kept, only this count."
_LEARNT = (
    "An app refused the gateway's certificate here several times, so what it needs goes through unopened: for that one "
    "device and that one site, for a week. Which sites, stands in the records of the people concerned, not here."
)
_LACKING = (
    "These devices refuse nearly every site: they lack the school's certificate, or lost it. Give it to them, as the "
    "technician's guide says. Until then they show warnings instead of pages, and nothing is let through for them."
)
_FULL = "For these nothing more is learnt. See which app is installed that was not before; an app may then not work."
_SCHOOL_FULL = "Nothing more is learnt for any device until some of what was learnt ends."


def build(_subject: str, wanted: Mapping[str, str]) -> list[Component]:
    """The page for the range in the address."""
    today = london_day(now_ms())
    chosen = period(wanted.get("range"), today, school().policy.calendar)
    found = passed_through(reading(LookPurpose.COVERAGE), chosen.first, chosen.last)
    top = page_top(
        "Passed through",
        span_words(chosen.first, chosen.last),
        range_chooser("/passed-through", chosen.key, offered(today, school().policy.calendar)),
    )
    return [
        top,
        html.P(_lead(found), className="lead"),
        _totals(found),
        *_to_mend(found),
        _learnt(found),
        _closed(found),
    ]


def _lead(found: PassedThrough) -> str:
    wrong = []
    if len(found.lacking):
        wrong.append(f"{count(len(found.lacking), 'device')} without the school's certificate")
    if len(found.full):
        wrong.append(f"{count(len(found.full), 'device')} for which no more may be learnt")
    if found.school_full:
        wrong.append("no more may be learnt for any device")
    return f"To be mended: {listed(wrong)}." if wrong else "Nothing here needs mending."


def _totals(found: PassedThrough) -> html.Dl:
    through = sum(found.closed.values())
    _, in_all = CAPS
    return totals(
        (
            ("", "Not opened", f"{through:,}", "connections, by reason below"),
            ("permitted", "Shielded", f"{found.shielded:,}", "sensitive areas: only this count is kept"),
            ("", "Learnt", f"{found.learnt_in_all:,}", f"sites let through now, of at most {in_all:,}"),
            ("", "Devices", f"{len(found.learnt):,}", "have something learnt for them"),
        )
    )


def _to_mend(found: PassedThrough) -> list[html.Section]:
    today = london_day(now_ms())
    sections = []
    if len(found.lacking):
        since = [moment_words(int(ms), today) for ms in found.lacking["since_ms"]]
        table = pd.DataFrame({"Device": _names(found.lacking), "Since": since})
        sections.append(_section("Devices that do not trust the gateway's certificate", _LACKING, table))
    if len(found.full):
        when = [moment_words(int(ms), today) for ms in found.full["last_ms"]]
        said = f"{_FULL} At most {CAPS[0]} sites are learnt for one device."
        sections.append(
            _section("Devices that are full", said, pd.DataFrame({"Device": _names(found.full), "Last refused": when}))
        )
    if found.school_full:
        sections.append(empty("The school is full", f"{CAPS[1]} sites are learnt. {_SCHOOL_FULL}"))
    return sections


def _learnt(found: PassedThrough) -> html.Section:
    title = "Learnt for single devices"
    if not len(found.learnt):
        return empty(title, "Nothing is let through for a single device just now.")
    today = london_day(now_ms())
    rows = {
        "Device": _names(found.learnt),
        "Sites": [f"{int(hosts):,}" for hosts in found.learnt["hosts"]],
        "Until": [moment_words(int(ms), today) for ms in found.learnt["until_ms"]],
    }
    return _section(title, _LEARNT, pd.DataFrame(rows))


def _closed(found: PassedThrough) -> html.Section:
    rows = [(CLOSED_BECAUSE[why], f"{number:,}", _volume(found, why)) for why, number in found.closed.items() if number]
    if found.shielded:
        rows.append((_SHIELDED, f"{found.shielded:,}", "not kept"))
    if not rows:
        return empty(
            "Nothing went through unopened", "No connection in this range is known to have been left unopened."
        )
    said = "What went over a connection is counted when it ends, and of long ones in the first ten minutes alone."
    return _section("What was not opened, and why", said, pd.DataFrame(rows, columns=["Why", "Connections", "Volume"]))


def _volume(found: PassedThrough, why: NotInspected) -> str:
    if why in (NotInspected.NOT_TOLD, NotInspected.NOT_ENROLLED):
        return "not kept"
    megabytes = found.megabytes.get(why, 0)
    return f"{megabytes:,} MB" if megabytes else "under 1 MB"


def _names(devices: pd.DataFrame) -> list[str]:
    return [str(name) for name in devices["device"]]


def _section(title: str, said: str, table: pd.DataFrame) -> html.Section:
    return html.Section(
        [
            html.H2(title),
            html.P(said, className="says"),
            html.Div(plain_table(table, title), className="scroll", tabIndex=0, role="region", **aria(label=title)),
        ],
        className="card",
    )
