"""The token in a form: for one purpose, address and person, for an hour."""

from hypothesis import given
from hypothesis import strategies as st

from analytics.portal.form_token import HOLDS_MS, FormTokens

NOW = 1_800_000_000_000
FORMS = FormTokens()


@given(st.lists(st.text(max_size=20), max_size=4), st.lists(st.text(max_size=20), max_size=4))
def test_it_holds_for_what_it_was_made_for_and_nothing_else(bound: list[str], other: list[str]) -> None:
    token = FORMS.make(NOW, *bound)
    assert FORMS.holds(token, NOW, *bound)
    if "\0".join(bound) != "\0".join(other):
        assert not FORMS.holds(token, NOW, *other)


@given(st.text(max_size=100))
def test_no_text_is_a_token(text: str) -> None:
    assert not FORMS.holds(text, NOW, "notice")


def test_for_an_hour_and_by_this_process_alone() -> None:
    token = FORMS.make(NOW, "notice")
    assert FORMS.holds(token, NOW + HOLDS_MS, "notice")
    assert not FORMS.holds(token, NOW + HOLDS_MS + 1, "notice")
    assert not FORMS.holds(token, NOW - 1, "notice")
    assert not FormTokens().holds(token, NOW, "notice")
