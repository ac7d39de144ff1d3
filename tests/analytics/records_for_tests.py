"""Records for the tests of the core: one full event, and strategies that fill every field with what it may hold."""

from typing import Any

from hypothesis import strategies as st

from analytics.canonical import LARGEST_INTEGER
from analytics.event import Grade, Hours, Kind, Method, NotInspected, Purpose, WebEvent

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
NUMBERS = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)

ONE_EVENT = WebEvent(
    event_id="01a20ae2-8692-75b7-94bf-27e18dd3e587",
    school="oakfield",
    gateway="gate-0",
    segment=3,
    seq=14,
    ts_ms=1_795_000_000_123,
    duration_ms=87,
    person_id="p-7f3k2",
    attribution_method=Method.PROXY,
    attribution_grade=Grade.A,
    binding_id="b-1",
    binding_from_ms=1_794_999_000_000,
    device_id=None,
    client_ip="10.1.2.3",
    method="GET",
    scheme="https",
    host="www.example.co.uk",
    port=443,
    domain="example.co.uk",
    path="/café",
    search_phrase="",
    status=200,
    content_type="text/html",
    bytes_up=412,
    bytes_down=10_240,
    kind=Kind.NAVIGATION,
    kind_confidence=95,
    kind_reason="sec_fetch",
    initiator_host="",
    category="shopping",
    purpose=Purpose.PRIVATE,
    gravity=1,
    rule="sites:example.co.uk",
    list_name="fairgate",
    list_version="3f2a",
    policy_version="9b1c",
    reason="listed_host",
    permission_id=None,
    hours=Hours.CONTRACTED,
    upload=False,
    media=False,
    not_inspected=NotInspected.INSPECTED,
)

_BY_ANNOTATION: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: NUMBERS,
    bool: st.booleans(),
    str | None: st.none() | TEXT,
    Method: st.sampled_from(Method),
    Grade: st.sampled_from(Grade),
    Kind: st.sampled_from(Kind),
    Purpose: st.sampled_from(Purpose),
    Hours: st.sampled_from(Hours),
    NotInspected: st.sampled_from(NotInspected),
}

EVENTS = st.builds(
    WebEvent, **{name: _BY_ANNOTATION[annotation] for name, annotation in WebEvent.__annotations__.items()}
)
