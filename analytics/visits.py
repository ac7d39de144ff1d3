"""Visits: what a person chose, made from the exchanges of one person's London day.

Owns these rules, and states them so that they can be argued with:

* Every navigation makes exactly one visit, and nothing else makes any. Its id is the navigation's event id.
* A redirect chain is one visit: an answer that leads on (HTTP 3xx, or a page that forwards by script) and what follows
  it within 10 s on the same device, with one navigation somewhere in it. It starts when the chain does; who and by what
  means is taken from the navigation (what the person chose), place and verdict from the chain's last exchange (what
  they saw). Redirects that no navigation belongs to are pulled in by the page they came from.
* Everything else is pulled in by the latest visit on the same device that its initiator (or, where none is stated, its
  own host) belongs to. It adds to `pulled_in` and to nothing else: polling cannot make a minute or a misdeed.
* A gap of more than 30 minutes between visits starts a new session. Sessions are numbered from 0 in the day, over all
  of the person's devices; none runs across midnight.
* Time is a range. `lower_s` is what the person's own acts show: the time until the next visit in the session, at most
  60 s; nothing for the last visit of a session, so a lone hit is 0. `upper_s` is the time until the next visit in the
  session, at most 30 minutes; for the last one 30 minutes, because nothing shows when they looked away.

Promises: the same events give the same visits in whatever order and however often they come; all numbers are integers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Final

import pandas as pd

CHAIN_MS: Final = 10_000
SESSION_GAP_MS: Final = 30 * 60_000
LOWER_CAP_MS: Final = 60_000
UPPER_CAP_MS: Final = 30 * 60_000
_LEADS_ON: Final = frozenset((300, 301, 302, 303, 305, 307, 308))

_SEEN: Final = (
    "host",
    "domain",
    "path",
    "category",
    "purpose",
    "gravity",
    "reason",
    "rule",
    "list_name",
    "list_version",
    "permission_id",
    "hours",
    "search_phrase",
    "not_inspected",
)
EVENT_COLUMNS: Final = (
    "event_id",
    "school",
    "person_id",
    "day",
    "ts_ms",
    "kind",
    "status",
    "initiator_host",
    "attribution_grade",
    "attribution_method",
    "device_id",
    *_SEEN,
)
"""What is needed of each event."""

type Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit. Times are UTC ms (`start_ms`) and whole seconds (`lower_s`, `upper_s`)."""

    visit_id: str
    school: str
    person_id: str
    day: date
    start_ms: int
    host: str
    domain: str
    path: str
    category: str
    purpose: str
    gravity: int
    reason: str
    rule: str
    list_name: str
    list_version: str
    permission_id: str | None
    hours: str
    grade: str
    method: str
    device_id: str | None
    pulled_in: int
    """Redirects, frames, subresources and background exchanges that came with it."""
    lower_s: int
    upper_s: int
    session: int
    search_phrase: str
    not_inspected: str


VISIT_COLUMNS: Final = tuple(column.name for column in fields(Visit))


@dataclass(slots=True)
class _Chain:
    """Exchanges that led on to each other, in order of time, and what they pulled in."""

    steps: list[Row]
    navigation: Row | None
    page: "_Chain | None"
    """Where it came from."""
    pulled: list[str] = field(default_factory=list)

    def takes(self, step: Row) -> bool:
        """Whether `step` is the next of this chain: a second navigation never is."""
        last = self.steps[-1]
        if step["ts_ms"] - last["ts_ms"] > CHAIN_MS:
            return False
        if last["status"] in _LEADS_ON:
            return step["kind"] == "redirect" or self.navigation is None
        # A page may also forward by script: what it opens is then called a redirect, and leads no further itself.
        return step["kind"] == "redirect" and step["status"] not in _LEADS_ON and self._asked_for(step)

    def _asked_for(self, step: Row) -> bool:
        return not step["initiator_host"] or any(step["initiator_host"] == past["host"] for past in self.steps)

    def add(self, step: Row) -> None:
        """Append `step`, which it takes."""
        self.steps.append(step)
        if step["kind"] == "navigation":
            self.navigation = step


def build_visits(events: pd.DataFrame) -> pd.DataFrame:
    """The visits (`VISIT_COLUMNS`, by start) of `events` (`EVENT_COLUMNS`) of one school, person and day."""
    visits = visits_of(_rows(events))
    frame = pd.DataFrame([{name: getattr(visit, name) for name in VISIT_COLUMNS} for visit in visits])
    return frame.reindex(columns=list(VISIT_COLUMNS))


def exchanges_by_visit(events: pd.DataFrame) -> dict[str, str]:
    """Event id to visit id, for each of `events` (`EVENT_COLUMNS`, one person's day) that a visit is made of."""
    return {
        event_id: navigation["event_id"]
        for navigation, chain in _begun(_rows(events))
        for event_id in (*(step["event_id"] for step in chain.steps), *chain.pulled)
    }


def visits_of(events: Iterable[Row]) -> list[Visit]:
    """As `build_visits`, from plain rows; absent values are None."""
    begun = _begun(events)
    starts = [chain.steps[0]["ts_ms"] for _, chain in begun]
    session, visits = 0, []
    for number, (navigation, chain) in enumerate(begun):
        until_next = starts[number + 1] - starts[number] if number + 1 < len(starts) else None
        last = until_next is None or until_next > SESSION_GAP_MS
        visits.append(_visit(navigation, chain, session, None if last else until_next))
        session += last
    return visits


def _begun(events: Iterable[Row]) -> list[tuple[Row, _Chain]]:
    """The chains a person began, with their navigations, by start."""
    chains = _chains(events)
    for chain in reversed(chains):
        if chain.navigation is None and chain.page is not None:
            chain.page.pulled += [*(step["event_id"] for step in chain.steps), *chain.pulled]
    begun = [(chain.navigation, chain) for chain in chains if chain.navigation is not None]
    return sorted(begun, key=lambda pair: (pair[1].steps[0]["ts_ms"], pair[0]["event_id"]))


def _chains(events: Iterable[Row]) -> list[_Chain]:
    """Every chain of the day, in order of time."""
    found: list[_Chain] = []
    newest: dict[str | None, _Chain] = {}
    pages: dict[tuple[str | None, str], _Chain] = {}
    for row in sorted({row["event_id"]: row for row in events}.values(), key=_when):
        device, page = row["device_id"], pages.get((row["device_id"], row["initiator_host"] or row["host"]))
        if row["kind"] in ("navigation", "redirect"):
            chain = newest.get(device)
            if chain is not None and chain.takes(row):
                chain.add(row)
            else:
                chain = newest[device] = _Chain([row], row if row["kind"] == "navigation" else None, page)
                found.append(chain)
            pages[device, row["host"]] = chain
        elif page is not None:
            page.pulled.append(row["event_id"])
            if row["kind"] == "embedded":
                # What a frame asks for names the frame as its initiator.
                pages[device, row["host"]] = page
    return found


def _visit(chosen: Row, chain: _Chain, session: int, until_next: int | None) -> Visit:
    seen = chain.steps[-1]
    return Visit(
        visit_id=chosen["event_id"],
        school=chosen["school"],
        person_id=chosen["person_id"],
        day=chosen["day"],
        start_ms=chain.steps[0]["ts_ms"],
        grade=chosen["attribution_grade"],
        method=chosen["attribution_method"],
        device_id=chosen["device_id"],
        pulled_in=len(chain.steps) - 1 + len(chain.pulled),
        lower_s=0 if until_next is None else min(until_next, LOWER_CAP_MS) // 1000,
        upper_s=-(-min(UPPER_CAP_MS if until_next is None else until_next, UPPER_CAP_MS) // 1000),
        session=session,
        **{name: seen[name] for name in _SEEN},
    )


def _when(row: Row) -> tuple[int, str]:
    return row["ts_ms"], row["event_id"]


def _rows(events: pd.DataFrame) -> list[Row]:
    """Plain rows; pandas' NaN for absent text becomes None."""
    records = events.to_dict("records")
    return [{str(name): None if value != value else value for name, value in record.items()} for record in records]
