"""A spooled record's bytes: the canonical form of the record with its place set, whatever the record holds."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import records
from analytics.canonical import canonical_bytes
from analytics.event import FIELDS, as_dict
from analytics.spool.writer import encoded
from config.errors import RecordError
from tests.analytics.spool.samples import heartbeat, web_event

odd = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**54), 2**54), st.text(max_size=8), st.just("\ud800"), st.floats()
)


@given(st.sampled_from(FIELDS), odd, st.integers(0, 10**6), st.integers(0, 10**6))
def test_an_event_is_written_as_its_definition_says_or_refused_as_it_says(
    name: str, value: Any, segment: int, seq: int
) -> None:
    event = replace(web_event(), **{name: value})
    plain = as_dict(event) | {"gateway": "gate-0", "segment": segment, "seq": seq}
    try:
        expected = canonical_bytes(plain)
    except RecordError:
        with pytest.raises(RecordError):
            encoded(event, "gate-0", segment, seq)
    else:
        assert encoded(event, "gate-0", segment, seq) == expected


def test_every_other_record_gets_its_place_too() -> None:
    placed = records.decode(encoded(heartbeat(), "gate-0", 7, 3))
    assert (placed.gateway, placed.segment, placed.seq) == ("gate-0", 7, 3)
