"""`fairgate replay`: what Fairgate would make of a recording of one's own browsing, before a school goes live.

Owns the two forms of the answer: text for a person, and JSON with one object an entry in the order of the file, then
one object a visit. Promises: nothing is recorded; what the recording holds cannot steer a terminal.
"""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from analytics.categorise import Judge
from analytics.contracted_hours import LONDON
from analytics.event import Purpose
from analytics.har import read_har
from analytics.kind import SENTENCES
from analytics.replay import Played, Replay, replay
from analytics.visits import Visit


def replay_file(path: Path, judge: Judge, as_json: bool, out: TextIO) -> None:
    """Play the HAR recording at `path` under the policy of `judge`, and write what each entry and each visit is.

    Raises:
        FairgateError: the file is no recording; says where and why.
    """
    told = replay(read_har(path), judge)
    for line in _as_json(told) if as_json else _as_text(told):
        out.write(line + "\n")


def _as_json(told: Replay) -> Iterator[str]:
    for one in told.played:
        if one.entry is not None:
            yield json.dumps(_entry_answer(one, told), ensure_ascii=False)
    for number, (visit, mine) in enumerate(_with_theirs(told), 1):
        yield json.dumps(_visit_answer(number, visit, mine), ensure_ascii=False)


def _entry_answer(one: Played, told: Replay) -> dict[str, Any]:
    return {
        "index": one.number,
        "url": one.url,
        "kind": str(one.kind.kind),
        "confidence": one.kind.confidence,
        "visit": told.visit_of.get(one.event_id),
        "purpose": str(one.verdict.purpose) if one.verdict else None,
        "category": one.verdict.category if one.verdict else None,
        "reason": one.verdict.sentence if one.verdict else SENTENCES[one.kind.reason],
        "kind_reason": SENTENCES[one.kind.reason],
        "gravity": one.verdict.gravity if one.verdict else 0,
    }


def _visit_answer(number: int, visit: Visit, mine: list[Played]) -> dict[str, Any]:
    chosen = _chosen(visit, mine)
    return {
        "visit": number,
        "index": chosen.number if chosen.entry is not None else None,
        "url": chosen.url,
        "host": visit.host,
        "start": _moment(visit.start_ms).isoformat(timespec="milliseconds"),
        "entries": sum(one.entry is not None for one in mine),
        "purpose": visit.purpose,
        "category": visit.category,
        "gravity": visit.gravity,
        "reason": visit.reason,
        "confidence": chosen.kind.confidence,
        "kind_reason": SENTENCES[chosen.kind.reason],
        "lower_s": visit.lower_s,
        "upper_s": visit.upper_s,
        "session": visit.session,
    }


def _with_theirs(told: Replay) -> Iterator[tuple[Visit, list[Played]]]:
    """Every visit with what belongs to it, in the order of the recording."""
    theirs: dict[int, list[Played]] = {}
    for one in told.played:
        theirs.setdefault(told.visit_of.get(one.event_id, 0), []).append(one)
    return ((visit, theirs[number]) for number, visit in enumerate(told.visits, 1))


def _chosen(visit: Visit, mine: list[Played]) -> Played:
    return next(one for one in mine if one.event_id == visit.visit_id)


def _as_text(told: Replay) -> Iterator[str]:
    yield _summary(told)
    for number, (visit, mine) in enumerate(_with_theirs(told), 1):
        chosen = _chosen(visit, mine)
        yield ""
        when = _moment(visit.start_ms).astimezone(LONDON)
        yield f"Visit {number}, {when:%H:%M:%S} in London: {_printable(chosen.url)}"
        yield f"  Chosen?   {SENTENCES[chosen.kind.reason]} ({chosen.kind.confidence} of 100 sure)"
        yield f"  Judged    {_printable(visit.reason)}"
        yield f"  How long  between {visit.lower_s} and {visit.upper_s} seconds"
        yield f"  With it   {_with_it(mine, chosen)}"


def _summary(told: Replay) -> str:
    entries, visits = [one for one in told.played if one.entry is not None], len(told.visits)
    hidden = sum(one.verdict is not None and one.verdict.purpose is Purpose.SHIELDED for one in entries)
    shielded = f"; {hidden} shielded, of which only a count would be kept" if hidden else ""
    return f"{len(entries)} requests, {visits} {'visit' if visits == 1 else 'visits'}{shielded}."


def _with_it(mine: list[Played], chosen: Played) -> str:
    kinds = Counter(str(one.kind.kind) for one in mine if one is not chosen)
    return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()) or "nothing"


def _moment(ts_ms: int) -> datetime:
    return datetime.fromtimestamp(ts_ms / 1000, UTC)


def _printable(text: str) -> str:
    """A terminal must not be steered by what a recording holds."""
    return "".join(character if character.isprintable() else "�" for character in text)
