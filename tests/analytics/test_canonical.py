"""The canonical form is RFC 8785 to the byte, and refuses what it could not keep exactly."""

import hashlib
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from analytics.canonical import LARGEST_INTEGER, canonical_bytes, leaf_hash
from config.errors import RecordError
from tests.analytics.records_for_tests import NUMBERS, TEXT

KEYS = st.text(st.characters(max_codepoint=126, min_codepoint=32), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES))
def test_it_is_what_an_independent_rfc_8785_writer_writes(value: dict[str, Any]) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value)


def test_it_is_these_very_bytes() -> None:
    value = {"b": "é\n", "a": 1, "c": [True, None, {"z": -5, "y": ""}]}
    assert canonical_bytes(value) == '{"a":1,"b":"é\\n","c":[true,null,{"y":"","z":-5}]}'.encode()


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1.0},
        {"a": float("nan")},
        {"a": [1.5]},
        {"a": LARGEST_INTEGER + 1},
        {"a": {"b": -LARGEST_INTEGER - 1}},
        {"a": "\ud800"},
        {"é": 1},
        {"a": {"é": 1}},
        {"a": b"bytes"},
        {1: "a"},
    ],
)
def test_what_cannot_be_kept_exactly_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        canonical_bytes(value)


@given(st.binary(max_size=64))
def test_a_leaf_is_sha256_of_a_zero_byte_and_the_record(data: bytes) -> None:
    assert leaf_hash(data) == hashlib.sha256(b"\x00" + data).digest()
