"""Events written after their sign-in had ended count nowhere, whichever of the two is known first."""

from dataclasses import asdict

import pytest

from analytics.event import Grade, Kind, Method
from analytics.event_id import new_event_id
from analytics.late_ends import days_after, graded, is_late
from analytics.records import BindingChange, BindingStep, Record
from analytics.store.columns import table_of
from tests.analytics.gate import Gate
from tests.analytics.spool.samples import START_MS, web_event

MINUTE = 60_000


def visits(gate: Gate, binding_id: str = "radius:1") -> list[Record]:
    """Three pages that were put down to a sign-in, a minute apart."""
    return [
        web_event(
            number,
            school=gate.school,
            ts_ms=START_MS + number * MINUTE,
            event_id=new_event_id(START_MS + number * MINUTE),
            attribution_grade=Grade.A,
            attribution_method=Method.RADIUS,
            binding_id=binding_id,
            kind=Kind.NAVIGATION,
        )
        for number in range(3)
    ]


def ended(
    gate: Gate, until_ms: int, source: Method = Method.RADIUS, step: BindingStep = BindingStep.SUPERSEDED
) -> Record:
    return BindingChange(
        school=gate.school,
        gateway="gate-0",
        ts_ms=START_MS + 10 * MINUTE,
        binding_id=f"{source}:1",
        step=step,
        source=source,
        person_id="",
        device_id="d-1",
        client_ip="",
        mac="",
        from_ms=START_MS - MINUTE,
        until_ms=until_ms,
    )


def grades(gate: Gate) -> list[str]:
    rows = gate.rows("visits_now", "start_ms, grade")
    return [row["grade"] for row in sorted(rows, key=lambda row: row["start_ms"])]


@pytest.mark.parametrize("first", ["events", "end", "both"])
def test_what_came_after_the_end_is_unsure_whichever_was_loaded_first(gate: Gate, first: str) -> None:
    end = [ended(gate, START_MS + MINUTE)]
    for part in {"events": (visits(gate), end), "end": (end, visits(gate)), "both": (visits(gate) + end,)}[first]:
        gate.spool(*part)
        gate.loader().run_until_idle()
    assert grades(gate) == ["A", "C", "C"]
    assert {row["attribution_grade"] for row in gate.rows("events", "attribution_grade")} == {"A"}, (
        "as they were written"
    )


def test_an_end_in_time_or_none_changes_nothing(gate: Gate) -> None:
    gate.spool(*visits(gate), ended(gate, START_MS + 3 * MINUTE), ended(gate, 0, step=BindingStep.OPENED))
    gate.loader().run_until_idle()
    assert grades(gate) == ["A", "A", "A"]


def test_a_sign_in_at_the_proxy_goes_on_with_its_connection(gate: Gate) -> None:
    gate.spool(*visits(gate, "proxy:1"), ended(gate, START_MS, Method.PROXY))
    gate.loader().run_until_idle()
    assert grades(gate) == ["A", "A", "A"]


def test_only_days_with_events_after_the_end_are_built_again(gate: Gate) -> None:
    gate.spool(*visits(gate))
    gate.loader().run_until_idle()
    for until_ms, days in ((0, 0), (START_MS + 3 * MINUTE, 0), (START_MS, 1)):
        table = table_of("bindings", [{**asdict(ended(gate, until_ms)), "received_ms": 1}])
        gate.store.insert("bindings", table, new_event_id(START_MS))
        assert len(days_after(gate.store, gate.school, table)) == days


def test_the_moment_of_the_end_is_after_it() -> None:
    for ts_ms, binding_id, late in (
        (9, "b", False),
        (10, "b", True),
        (11, "b", True),
        (11, "c", False),
        (11, None, False),
    ):
        event = {"ts_ms": ts_ms, "binding_id": binding_id, "attribution_grade": "A"}
        assert is_late(event, {"b": 10}) is late
        assert graded(event, {"b": 10})["attribution_grade"] == ("C" if late else "A")
