"""Every record type comes back from its bytes exactly; the smaller ones name no host, person or device."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import records
from analytics.canonical import canonical_bytes
from analytics.event import Method
from analytics.records import (
    Acknowledgement,
    Attempts,
    BindingChange,
    BindingStep,
    Condition,
    Gap,
    GapReason,
    Heartbeat,
    PinChange,
    PinStep,
    Record,
    ShieldCount,
)
from config.errors import RecordError
from tests.analytics.records_for_tests import EVENTS, NUMBERS, TEXT


def _filled[T](kind: type[T]) -> st.SearchStrategy[T]:
    words = {kind: st.sampled_from(kind) for kind in (GapReason, BindingStep, PinStep, Method)}
    by_type: dict[Any, st.SearchStrategy[Any]] = {int: NUMBERS, str: TEXT, **words}
    return st.builds(kind, **{field.name: by_type[field.type] for field in fields(kind)})  # type: ignore[arg-type]


OTHERS = (Gap, ShieldCount, Heartbeat, BindingChange, Acknowledgement, PinChange, Attempts, Condition)


@given(EVENTS | st.one_of(*(_filled(kind) for kind in OTHERS)))
def test_a_record_comes_back_from_its_bytes(record: Record) -> None:
    assert records.decode(records.encode(record)) == record


@pytest.mark.parametrize("kind", [Gap, ShieldCount, Heartbeat, Attempts, Condition])
def test_the_smaller_records_have_no_field_for_a_host_a_person_or_a_device(kind: type) -> None:
    names = {field.name for field in fields(kind)}
    assert not names & {"host", "domain", "path", "person_id", "device_id", "client_ip"}


@pytest.mark.parametrize(
    "change", [{"reason": "tired"}, {"count": "1"}, {"record": "note"}, {"v": 2}, {"more": 1}, {"count": True}]
)
def test_a_record_with_a_wrong_value_is_refused(change: dict[str, object]) -> None:
    gap = {
        "record": "gap", "v": 1, "school": "s", "gateway": "g", "segment": 0, "seq": 0, "ts_ms": 1,
        "reason": "crashed", "from_ms": 0, "to_ms": 1, "count": 0,
    }  # fmt: skip
    assert isinstance(records.decode(canonical_bytes(gap)), Gap)
    with pytest.raises(RecordError):
        records.decode(canonical_bytes(gap | change))


def test_a_condition_has_no_count_of_what_is_shielded() -> None:
    assert "shield" not in {field.name for field in fields(Condition)}
