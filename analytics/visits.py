"""Visits: what a person chose, made from the exchanges of one person's London day.

Owns these rules, and states them so that they can be argued with:

* Every navigation that got a page in answer makes exactly one visit, and nothing else makes any. Its id is the
  navigation's event id. One without an answer (no connection, no content) showed nothing, and makes none.
* A redirect chain is one visit: answers that lead on (HTTP 3xx) and where they led, each within 10 s on the same
  device; and a page that a script of a page in the chain opened within 10 s, where the browser says which page asked.
  It starts when the chain does; who is taken from the navigation (what the person chose), place and verdict from the
  last page shown (what they saw), how surely it was this person from the less sure of the two. Where a script led
  there, the milder of the two pages is taken: nobody chose where a page sends them. Redirects that no navigation
  belongs to are pulled in by the page they came from.
* Everything else is pulled in by the latest visit on the same device that its initiator (or, where none is stated, its
  own host) belongs to. It adds to `pulled_in`, and moves `fetched_until_ms`, and does nothing else: polling cannot make
  a minute or a misdeed, but shows that a page was left open.
* A gap of more than 30 minutes between visits starts a new session. Sessions are numbered from 0 in the day, over all
  of the person's devices; none runs across midnight.
* Time is a range. `lower_s` is what the person's own acts show: the time until the next visit in the session, at most
  60 s; nothing where that is on another device or not surely theirs, or for the last visit of a session, so a lone hit
  is 0. `upper_s` is the time until the next visit in the session, of which at most 10 minutes are credited; for the
  last one 3 minutes, because nothing shows when they looked away. More may have been read; nothing recorded can show
  it, so nothing more is said.

Promises: the same events give the same visits in whatever order and however often they come; all numbers are integers;
no subresource or background exchange changes a visit, a time or a verdict.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Final

import pandas as pd

from analytics.event import COUNTED_PURPOSES, Grade

CHAIN_MS: Final = 10_000
SESSION_GAP_MS: Final = 30 * 60_000
LOWER_CAP_MS: Final = 60_000
UPPER_CAP_MS: Final = 10 * 60_000
LAST_CAP_MS: Final = 3 * 60_000
_LEADS_ON: Final = frozenset((300, 301, 302, 303, 305, 307, 308))
_SHOWS_NOTHING: Final = _LEADS_ON | {0, 204, 205}
_BY_SCRIPT: Final = "forwarded_by_script"
_BY_REDIRECT: Final = "reached_by_redirect"

_SEEN: Final = (
    "host",
    "domain",
    "path",
    "status",
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
    "kind_reason",
    "kind_confidence",
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
    status: int
    """HTTP status of the page seen: from 400 on the site refused it or had none."""
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
    kind_reason: str
    """The clue that the navigation was chosen, and how sure that is (0 to 100)."""
    kind_confidence: int
    device_id: str | None
    pulled_in: int
    """Redirects, frames, subresources and background exchanges that came with it."""
    fetched_until_ms: int
    """When the page last fetched something by itself; its start where it never did. Not a time anybody looked at it."""
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
    pulled: list[Row] = field(default_factory=list)

    def takes(self, step: Row) -> bool:
        """Whether `step` is the next of this chain: a second navigation never is."""
        last = self.steps[-1]
        if step["ts_ms"] - last["ts_ms"] > CHAIN_MS:
            return False
        if step["kind"] == "navigation":
            return self.navigation is None and last["status"] in _LEADS_ON and step["kind_reason"] == _BY_REDIRECT
        return last["status"] in _LEADS_ON or self._sent_on(step)

    def _sent_on(self, step: Row) -> bool:
        """Whether a page of this chain opened `step` by script, by the browser's own word."""
        return step["kind_reason"] == _BY_SCRIPT and any(step["initiator_host"] == past["host"] for past in self.steps)

    def add(self, step: Row) -> None:
        """Append `step`, which it takes."""
        self.steps.append(step)
        if step["kind"] == "navigation":
            self.navigation = step

    def shown(self) -> Row | None:
        """The page that stands for what the person saw; None where no page was shown."""
        found: Row | None = None
        for step in self.steps:
            if step["status"] in _SHOWS_NOTHING:
                continue
            milder = found is None or step["kind_reason"] != _BY_SCRIPT or _weight(step) <= _weight(found)
            found = step if milder else found
        return found


def _weight(page: Row) -> tuple[bool, int]:
    return page["purpose"] in COUNTED_PURPOSES, page["gravity"]


def build_visits(events: pd.DataFrame) -> pd.DataFrame:
    """The visits (`VISIT_COLUMNS`, by start) of `events` (`EVENT_COLUMNS`) of one school, person and day."""
    visits = visits_of(_rows(events))
    frame = pd.DataFrame([{name: getattr(visit, name) for name in VISIT_COLUMNS} for visit in visits])
    return frame.reindex(columns=list(VISIT_COLUMNS))


def exchanges_by_visit(events: pd.DataFrame) -> dict[str, str]:
    """Event id to visit id, for each of `events` (`EVENT_COLUMNS`, one person's day) that a visit is made of."""
    return belonging(_rows(events))


def belonging(events: Iterable[Row]) -> dict[str, str]:
    """As `exchanges_by_visit`, from plain rows."""
    return {
        row["event_id"]: navigation["event_id"]
        for navigation, _, chain in _begun(events)
        for row in (*chain.steps, *chain.pulled)
    }


def visits_of(events: Iterable[Row]) -> list[Visit]:
    """As `build_visits`, from plain rows; absent values are None."""
    begun = _begun(events)
    starts = [chain.steps[0]["ts_ms"] for _, _, chain in begun]
    session, visits = 0, []
    for number, (navigation, page, chain) in enumerate(begun):
        until_next = starts[number + 1] - starts[number] if number + 1 < len(starts) else None
        last = until_next is None or until_next > SESSION_GAP_MS
        stays = not last and _same_hands(navigation, begun[number + 1][0])
        visits.append(_visit(navigation, page, chain, session, None if last else until_next, stays=stays))
        session += last
    return visits


def _same_hands(now: Row, after: Row) -> bool:
    """Whether the next visit shows what this person did: on the same device, and surely theirs."""
    return bool(after["device_id"] == now["device_id"] and after["attribution_grade"] != Grade.C)


def _begun(events: Iterable[Row]) -> list[tuple[Row, Row, _Chain]]:
    """The chains a person began, each with its navigation and the page it showed, by start."""
    begun: list[tuple[Row, Row, _Chain]] = []
    for chain in reversed(_chains(events)):
        page = chain.shown()
        if chain.navigation is not None and page is not None:
            begun.append((chain.navigation, page, chain))
        elif chain.page is not None:
            chain.page.pulled += [*chain.steps, *chain.pulled]
    return sorted(begun, key=lambda each: (each[2].steps[0]["ts_ms"], each[0]["event_id"]))


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
            page.pulled.append(row)
            if row["kind"] == "embedded":
                # What a frame asks for names the frame as its initiator.
                pages[device, row["host"]] = page
    return found


def _visit(chosen: Row, seen: Row, chain: _Chain, session: int, until_next: int | None, *, stays: bool) -> Visit:
    """`stays`: whether the next visit of the session is the same person's, on the same device."""
    start = chain.steps[0]["ts_ms"]
    least_sure = max((chosen, seen), key=_grade)
    credited = LAST_CAP_MS if until_next is None else min(until_next, UPPER_CAP_MS)
    return Visit(
        visit_id=chosen["event_id"],
        school=chosen["school"],
        person_id=chosen["person_id"],
        day=chosen["day"],
        start_ms=start,
        grade=least_sure["attribution_grade"],
        method=least_sure["attribution_method"],
        kind_reason=chosen["kind_reason"],
        kind_confidence=chosen["kind_confidence"],
        device_id=chosen["device_id"],
        pulled_in=len(chain.steps) - 1 + len(chain.pulled),
        fetched_until_ms=max((row["ts_ms"] for row in chain.pulled), default=start),
        lower_s=min(until_next, LOWER_CAP_MS) // 1000 if until_next is not None and stays else 0,
        upper_s=-(-credited // 1000),
        session=session,
        **{name: seen[name] for name in _SEEN},
    )


def _grade(row: Row) -> str:
    """Sorts the surest first: "A", "B", "C"."""
    return str(row["attribution_grade"])


def _when(row: Row) -> tuple[int, str]:
    return row["ts_ms"], row["event_id"]


def _rows(events: pd.DataFrame) -> list[Row]:
    """Plain rows; pandas' NaN for absent text becomes None."""
    records = events.to_dict("records")
    return [{str(name): None if value != value else value for name, value in record.items()} for record in records]
