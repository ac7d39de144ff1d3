"""Counting judged-then against judged-now.

Owns the counts and nothing else: no host, no person, no time is kept, only which verdicts became which, how often and
of how many people. Promises: every event is counted as unchanged,
changed, shielded or not to be judged again, and in one of these alone; memory grows with the number of different
changes and of people, never with the number of events; of what would be shielded now, only a count is kept.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from analytics.categorise import Verdict
from analytics.event import Kind, NotInspected, Purpose
from analytics.judged_again import Judged, Missing, meaning

type Meaning = tuple[str, str, int]
_POLICY_PASSES: Final = (NotInspected.BANKING, NotInspected.PINNED)


@dataclass(slots=True)
class Count:
    """How many exchanges; how many of them visits (navigations); of how many people those visits are."""

    events: int = 0
    visits: int = 0
    people: set[str] = field(default_factory=set)

    def add(self, kind: str, person_id: str | None) -> None:
        """One more."""
        self.events += 1
        if kind == Kind.NAVIGATION:
            self.visits += 1
            if person_id is not None:
                self.people.add(person_id)

    def plain(self) -> dict[str, int]:
        """As numbers."""
        return {"events": self.events, "visits": self.visits, "people": len(self.people)}


class Change(NamedTuple):
    """One verdict that became another, and what decides now; `rule` is "" where it is not to be shown."""

    then: Meaning
    now: Meaning
    list_name: str
    rule: str


class RejudgeTally:
    """The counts of one run. `shown_rules` are the patterns that may be named."""

    def __init__(self, shown_rules: frozenset[str] = frozenset()) -> None:
        self._shown = shown_rules
        self.all, self.same, self.changed, self.shielded = Count(), Count(), Count(), Count()
        self.missing: dict[Missing, Count] = {each: Count() for each in Missing}
        self.passed_through = Count()
        self.changes: defaultdict[Change, Count] = defaultdict(Count)

    def add(
        self, judged: Judged, person_id: str | None, now: Verdict | Missing | None, opened: NotInspected | None
    ) -> None:
        """One event: the verdict `now` (None: as it was) and why it would not be `opened`, if it would not."""
        counts = [self.all, *self._verdict_counts(judged, now)]
        if now is not None and judged.not_inspected == NotInspected.INSPECTED and opened in _POLICY_PASSES:
            counts.append(self.passed_through)
        for count in counts:
            count.add(judged.kind, person_id)

    def changes_by_weight(self) -> list[tuple[Change, Count]]:
        """The changes, most visits first; alike ones always in the same order."""
        return sorted(self.changes.items(), key=lambda pair: (-pair[1].visits, -pair[1].events, pair[0]))

    def _verdict_counts(self, judged: Judged, now: Verdict | Missing | None) -> list[Count]:
        if isinstance(now, Missing):
            return [self.missing[now]]
        then = (judged.category, judged.purpose, judged.gravity)
        if now is None or meaning(now) == then:
            return [self.same]
        if now.purpose is Purpose.SHIELDED:
            return [self.shielded]
        rule = now.rule if now.rule in self._shown else ""
        return [self.changed, self.changes[Change(then, meaning(now), now.list_name, rule)]]

    def plain(self) -> dict[str, Any]:
        """All of it as plain values, for JSON."""
        return {
            "all": self.all.plain(),
            "unchanged": self.same.plain(),
            "changed": self.changed.plain(),
            "changes": [_plain_change(change, count, bool(self._shown)) for change, count in self.changes_by_weight()],
            "would_be_shielded": _nobody(self.shielded),
            "not_rejudged": {str(missing): _nobody(count) for missing, count in self.missing.items()},
            "would_not_be_opened": _nobody(self.passed_through),
        }


def _plain_change(change: Change, count: Count, with_rule: bool) -> dict[str, Any]:
    names = ("category", "purpose", "gravity")
    plain: dict[str, Any] = {
        "then": dict(zip(names, change.then, strict=True)),
        "now": dict(zip(names, change.now, strict=True)),
        "list": change.list_name,
    }
    return plain | ({"rule": change.rule} if with_rule else {}) | count.plain()


def _nobody(count: Count) -> dict[str, int]:
    """Without people: nobody is affected by these in a way that could be told."""
    return {"events": count.events, "visits": count.visits}
