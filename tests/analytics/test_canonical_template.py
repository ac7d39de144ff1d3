"""The fast writer of one record type's canonical form."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.canonical import LARGEST_INTEGER, canonical_bytes
from analytics.canonical_template import CanonicalTemplate

TEMPLATE = CanonicalTemplate({"record": "toy", "v": 1}, ("z", "a"), ("maybe",), ("on",), ("n", "m"))
texts = st.text(st.characters(codec="utf-8"))
numbers = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)


@given(texts, texts, st.none() | texts, st.booleans(), numbers, numbers)
def test_its_bytes_are_the_canonical_form(z: str, a: str, maybe: str | None, on: bool, n: int, m: int) -> None:
    plain = {"record": "toy", "v": 1, "z": z, "a": a, "maybe": maybe, "on": on, "n": n, "m": m}
    assert TEMPLATE.fill((z, a), (maybe,), (on,), (n, m)) == canonical_bytes(plain)


@pytest.mark.parametrize(
    "values",
    [
        (("z", None), (None,), (True,), (1, 2)),
        (("z", 1), (None,), (True,), (1, 2)),
        (("z", "\ud800"), (None,), (True,), (1, 2)),
        (("z", "a"), (7,), (True,), (1, 2)),
        (("z", "a"), (None,), (1,), (1, 2)),
        (("z", "a"), (None,), (None,), (1, 2)),
        (("z", "a"), (None,), (True,), (True, 2)),
        (("z", "a"), (None,), (True,), (1.0, 2)),
        (("z", "a"), (None,), (True,), ("1", 2)),
        (("z", "a"), (None,), (True,), (1, 2**53)),
        (("z", "a"), (None,), (True,), (-(2**53), 2)),
    ],
)
def test_a_value_of_another_type_is_left_to_the_definition(values: tuple[Any, Any, Any, Any]) -> None:
    assert TEMPLATE.fill(*values) is None
