"""Labelled requests of real browsers and of programs: what each was is known, because it was made to happen.

The cases stand in kind_cases/*.json, one list of sequences a file, each one client's requests in order:
{name, browser, source, user_agent, steps}. `source` is "recorded" (a real browser before stand-in sites) or
"documented" (written by hand from what the client's makers or its users publish, see `cite`). A step holds at_ms,
method, scheme, host, path, headers (lower-case names; the sequence's user_agent holds where none is given), what was
answered, and `truth`: navigation, redirect, embedded, subresource or background. `also` lists the other answers that
would do no harm where the truth can be argued about. `undecidable` says of a step why nobody could tell it from a
navigation by what was sent; such a step is shown and not counted.
"""

import json
from collections import Counter
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from analytics.event import Kind
from analytics.kind import Exchange, KindVerdict, kind_of, remember
from analytics.recent_navigations import RecentNavigations

CASES = Path(__file__).parent / "kind_cases"
FILES = sorted(path.stem for path in CASES.glob("*.json"))
HEADERS_OF_ANOTHER_NAME = {
    "access-control-request-method": "preflight_method",
    "purpose": "purpose_header",
    "x-moz": "purpose_header",
    "x-purpose": "purpose_header",
    "x-requested-with": "requested_with",
}
NOT_FROM_THE_REQUEST = {"content_type", "location", "ts_ms", "method", "scheme", "host", "path", "status", "user_agent"}
READ = {field.name for field in fields(Exchange)} - NOT_FROM_THE_REQUEST

type Case = tuple[str, dict[str, Any], KindVerdict]
"""The sequence's name, the step, what was made of it."""


def sequences(file: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((CASES / f"{file}.json").read_text("utf-8"))
    return found


def exchange(step: dict[str, Any], user_agent: str) -> Exchange:
    sent: dict[str, Any] = step["headers"]
    stated: dict[str, Any] = {
        HEADERS_OF_ANOTHER_NAME.get(name, name.replace("-", "_")): value for name, value in sent.items()
    }
    return Exchange(
        ts_ms=step["at_ms"],
        user_agent=sent.get("user-agent", user_agent),
        content_type=step.get("content_type", ""),
        location=step.get("location", ""),
        **{name: step[name] for name in ("method", "scheme", "host", "path", "status")},
        **{name: value for name, value in stated.items() if name in READ},
    )


def played(file: str) -> list[Case]:
    cases = []
    for sequence in sequences(file):
        recent = RecentNavigations()
        for step in sequence["steps"]:
            seen = exchange(step, sequence["user_agent"])
            verdict = kind_of(seen, recent)
            remember(recent, seen, verdict)
            cases.append((sequence["name"], step, verdict))
    return cases


def allowed(step: dict[str, Any]) -> set[str]:
    return {step["truth"], *step.get("also", ())}


def shown(case: Case) -> str:
    name, step, verdict = case
    address = f"{step['method']} {step['host']}{step['path']}"
    return f"{name}: {address} is {step['truth']}, judged {verdict.kind.value} ({verdict.reason.name})"


def test_there_are_cases_of_browsers_and_of_programs_enough_to_judge_by() -> None:
    every = [sequence for file in FILES for sequence in sequences(file)]
    assert len({sequence["name"] for sequence in every}) >= 80
    assert sum(len(sequence["steps"]) for sequence in every) >= 150
    assert {sequence["source"] for sequence in every} == {"recorded", "documented"}
    assert all(sequence.get("cite") for sequence in every if sequence["source"] == "documented")


def test_what_nobody_could_decide_is_rare_and_always_says_why() -> None:
    every = [step for file in FILES for sequence in sequences(file) for step in sequence["steps"]]
    undecidable = [step for step in every if "undecidable" in step]
    assert len(undecidable) <= len(every) / 50
    assert all(step["truth"] != "navigation" and len(step["undecidable"].split()) > 5 for step in undecidable)


@pytest.mark.parametrize("file", FILES)
def test_every_label_is_one_of_the_kinds_and_an_alternative_never_harms(file: str) -> None:
    for sequence in sequences(file):
        for step in sequence["steps"]:
            assert allowed(step) <= {kind.value for kind in Kind}
            assert step["truth"] == "navigation" or "navigation" not in step.get("also", ())


def harmful(case: Case) -> bool:
    return case[2].kind is Kind.NAVIGATION and case[1]["truth"] != "navigation" and "undecidable" not in case[1]


@pytest.mark.parametrize("file", FILES)
def test_nothing_that_was_no_navigation_is_judged_one(file: str) -> None:
    assert [shown(case) for case in played(file) if harmful(case)] == []


@pytest.mark.parametrize("file", FILES)
def test_nineteen_in_twenty_are_judged_as_they_were(file: str) -> None:
    cases = [case for case in played(file) if "undecidable" not in case[1]]
    wrong = [case for case in cases if case[2].kind.value not in allowed(case[1])]
    kinds = dict(Counter(case[1]["truth"] for case in cases))
    score = f"{file}: {len(cases) - len(wrong)} of {len(cases)} judged as they were; {kinds}"
    print(score, *map(shown, wrong), sep="\n")  # noqa: T201
    assert len(wrong) <= 0.05 * len(cases)
