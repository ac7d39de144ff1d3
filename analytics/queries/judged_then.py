"""Every event of some days, as it was judged then: what `fairgate rejudge` reads.

Owns `read_judged`. It is asked at the command line, where no viewer is signed in, and so it is not one of the queries
that pages run (analytics.queries.access): what it gives out may only be counted, never shown. Promises: the look stands
in the audit log, with the account of the operating system that looked, before the first row is read; each event comes
once; no more than `PAGE` rows are in memory; it changes nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from analytics.governance.audit import SYSTEM, Action
from analytics.governance.governance import Governance
from analytics.judged_again import Judged
from analytics.policy_then import KnownThen
from analytics.store import EventStore, Parameter

PAGE: Final = 20_000
_SPAN: Final = "school = {school:String} AND day BETWEEN {first:Date} AND {last:Date}"
_DAYS: Final = f"SELECT DISTINCT toString(day) AS on_day FROM events WHERE {_SPAN} ORDER BY on_day"  # noqa: S608 - a constant
_PHRASED: Final = f"SELECT DISTINCT policy_version, category FROM events WHERE {_SPAN} AND search_phrase != ''"  # noqa: S608
_LISTS: Final = f"SELECT DISTINCT policy_version, list_name, list_version FROM events WHERE {_SPAN}"  # noqa: S608
_EVENTS: Final = f"""
SELECT event_id, ts_ms, person_id, {", ".join(Judged._fields)} FROM events
WHERE school = {{school:String}} AND day = {{day:Date}}
    AND (ts_ms, event_id) > ({{ts_ms:Int64}}, {{event_id:String}})
ORDER BY ts_ms, event_id
LIMIT 1 BY event_id
LIMIT {{page:UInt32}}
"""  # noqa: S608 - the columns are our own constants


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Who looks, at which London days (both included), by which policy."""

    account: str
    """The account of the operating system that runs the command."""
    first: date
    last: date
    policy_version: str
    rules_shown: bool


@dataclass(frozen=True, slots=True)
class JudgedThen:
    """The open look."""

    known: KnownThen
    rows: Iterator[Mapping[str, Any]]
    """With the columns of `Judged`, and person_id (None: nobody)."""


def read_judged(store: EventStore, governance: Governance, look: Look) -> JudgedThen:
    """Note the look, and open the rows.

    Raises:
        StoreError: the store is down; here, or while the rows are read.
    """
    detail: dict[str, str | int] = {
        "account": look.account,
        "purpose": "rejudge",
        "query": "judged_then",
        "span": f"{look.first} to {look.last}",
        "policy_version": look.policy_version,
        "rules_shown": int(look.rules_shown),
    }
    governance.audit.record(SYSTEM, None, Action.REJUDGED, detail=detail)
    bound = {"school": governance.school, "first": look.first.isoformat(), "last": look.last.isoformat()}
    known = KnownThen(
        phrased=frozenset((row["policy_version"], row["category"]) for row in store.arrow(_PHRASED, bound).to_pylist()),
        lists=frozenset(
            (row["policy_version"], row["list_name"], row["list_version"])
            for row in store.arrow(_LISTS, bound).to_pylist()
        ),
    )
    days = [row["on_day"] for row in store.arrow(_DAYS, bound).to_pylist()]
    return JudgedThen(known, _rows(store, governance.school, days))


def _rows(store: EventStore, school: str, days: list[str]) -> Iterator[Mapping[str, Any]]:
    for day in days:
        after: dict[str, Parameter] = {"ts_ms": -1, "event_id": ""}
        while rows := store.arrow(_EVENTS, {"school": school, "day": day, "page": PAGE, **after}).to_pylist():
            yield from rows
            after = {name: rows[-1][name] for name in after}
