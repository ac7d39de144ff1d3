"""The policy that comes with Fairgate, against addresses labelled by hand before its lists were looked at.

`labelled/addresses.tsv` holds for each address what a fair-minded governor would call it, why, and what else would be
fair (`also`). It is the measure of the policy and not made from it: change a label only where the label is wrong. What
else would be fair never excuses a verdict that counts against somebody.
"""

import csv
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from analytics.categorise import Judge, Verdict
from analytics.event import Purpose
from analytics.judging import read_address
from config.policy import load_policy

ADDRESSES = Path(__file__).with_name("labelled") / "addresses.tsv"
COUNTED = frozenset({Purpose.PRIVATE, Purpose.INAPPROPRIATE, Purpose.UNLAWFUL})
ENOUGH = 0.95


@dataclass(frozen=True)
class Judged:
    """One labelled address and the verdict on it."""

    url: str
    label: Purpose
    note: str
    also: frozenset[Purpose]
    verdict: Verdict

    @property
    def right(self) -> bool:
        return self.verdict.purpose == self.label or self.verdict.purpose in self.also

    @property
    def honest(self) -> bool:
        """Not known is no mistake, except of what must be shielded."""
        return self.verdict.purpose is Purpose.UNKNOWN and self.label is not Purpose.SHIELDED

    @property
    def accuses(self) -> bool:
        return self.label not in COUNTED and self.verdict.purpose in COUNTED

    def __str__(self) -> str:
        return f"{self.url} is {self.label} ({self.note}), was judged {self.verdict.purpose}: {self.verdict.sentence}"


@cache
def judged() -> tuple[Judged, ...]:
    judge = Judge(load_policy())
    with ADDRESSES.open(encoding="utf-8", newline="") as file:
        return tuple(_judged(judge, row) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _judged(judge: Judge, row: dict[str, str]) -> Judged:
    address = read_address(row["url"])
    return Judged(
        url=row["url"],
        label=Purpose(row["purpose"]),
        note=row["note"],
        also=frozenset(Purpose(name) for name in filter(None, row["also"].split(","))),
        verdict=judge.judge(address.host, address.path, address.query),
    )


def listed(mistakes: list[Judged]) -> str:
    return "\n".join([f"{len(mistakes)} mistakes:", *map(str, mistakes)])


def test_the_set_is_large_and_varied_enough_to_mean_something() -> None:
    labels = Counter(page.label for page in judged())
    assert len({page.url for page in judged()}) == len(judged()) >= 600
    assert set(labels) == set(Purpose)
    assert min(labels[kind] for kind in Purpose if kind is not Purpose.UNLAWFUL) >= 40


def test_nobody_is_accused_over_work_shielded_infrastructure_or_unknown_pages() -> None:
    mistakes = [page for page in judged() if page.accuses]
    assert not mistakes, listed(mistakes)


def test_nothing_shielded_is_missed() -> None:
    mistakes = [page for page in judged() if page.label is Purpose.SHIELDED and not page.right]
    assert not mistakes, listed(mistakes)


def test_nothing_private_is_called_worse_than_private() -> None:
    worse = {Purpose.INAPPROPRIATE, Purpose.UNLAWFUL}
    mistakes = [page for page in judged() if page.verdict.purpose in worse and not page.right]
    assert not mistakes, listed(mistakes)


def test_nearly_everything_is_right_or_honestly_unknown() -> None:
    mistakes = [page for page in judged() if not page.right and not page.honest]
    right = sum(page.right for page in judged())
    unknown = sum(page.honest and not page.right for page in judged())
    score = f"{len(judged())} labelled addresses: {right} right, {unknown} honestly unknown, {len(mistakes)} wrong"
    sys.stdout.write(f"{score}\n")
    assert right + unknown >= ENOUGH * len(judged()), f"{score}\n{listed(mistakes)}"
