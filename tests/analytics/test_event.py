"""A web event comes back from its bytes exactly, and nothing else is taken for one."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import event
from analytics.canonical import canonical_bytes, leaf_hash
from analytics.event import FIELDS, WebEvent
from config.errors import RecordError
from tests.analytics.records_for_tests import EVENTS, ONE_EVENT

FROZEN_LEAF = "907a3d9dccbb2d1ebf1d731ce32515cbcaa878554e9602c6331fd296ef58f0e3"


@given(EVENTS)
def test_an_event_comes_back_from_its_bytes(one: WebEvent) -> None:
    assert event.decode(event.encode(one)) == one


@given(EVENTS)
def test_its_bytes_are_the_canonical_form_of_its_fields(one: WebEvent) -> None:
    assert event.encode(one) == canonical_bytes(event.as_dict(one))


def test_version_1_of_the_event_never_changes() -> None:
    assert len(FIELDS) == 42
    assert leaf_hash(event.encode(ONE_EVENT)).hex() == FROZEN_LEAF


@pytest.mark.parametrize("name", FIELDS)
def test_a_missing_field_is_refused(name: str) -> None:
    plain = event.as_dict(ONE_EVENT)
    del plain[name]
    with pytest.raises(RecordError, match=name):
        event.decode(canonical_bytes(plain))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "200"),
        ("status", True),
        ("upload", 1),
        ("host", None),
        ("host", 7),
        ("kind", "guess"),
        ("attribution_grade", "A+"),
        ("extra", 1),
        ("v", 2),
        ("record", "gap"),
    ],
)
def test_a_wrong_value_is_refused(name: str, value: object) -> None:
    with pytest.raises(RecordError):
        event.decode(canonical_bytes(event.as_dict(ONE_EVENT) | {name: value}))


def test_the_same_event_written_another_way_is_refused() -> None:
    spaced = json.dumps(event.as_dict(ONE_EVENT)).encode()
    with pytest.raises(RecordError, match="canonical"):
        event.decode(spaced)


@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(RecordError):
        event.decode(data)


def test_a_text_that_is_half_a_character_is_refused_when_written() -> None:
    with pytest.raises(RecordError, match="surrogate"):
        event.encode(replace(ONE_EVENT, path="\udcff"))
