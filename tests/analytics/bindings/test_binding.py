"""What a view of bindings says for an address, a person and a moment."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from analytics.bindings import EMPTY, Binding, IdentityView
from analytics.event import Method
from tests.analytics.bindings.a_binding import BINDING

MOMENTS = st.integers(0, 100)


@given(MOMENTS, MOMENTS, MOMENTS, MOMENTS)
def test_a_binding_speaks_from_its_beginning_to_its_end_and_no_further(
    from_ms: int, until_ms: int, expires_ms: int, ts_ms: int
) -> None:
    binding = replace(BINDING, from_ms=from_ms, until_ms=until_ms, expires_ms=expires_ms)
    ended = (until_ms != 0 and ts_ms >= until_ms) or (expires_ms != 0 and ts_ms >= expires_ms)
    assert binding.holds(ts_ms) is (ts_ms >= from_ms and not ended)


def test_an_address_is_asked_for_a_moment() -> None:
    first = replace(BINDING, until_ms=50)
    second = replace(BINDING, binding_id="radius:2", person_id="p-ben", from_ms=50)
    view = IdentityView(bindings=(first, second))
    assert [view.at(BINDING.client_ip, moment) for moment in (9, 10, 49, 50)] == [(), (first,), (first,), (second,)]
    assert view.of("p-ben", 60) == (second,)


def test_what_names_no_address_is_found_at_none() -> None:
    view = IdentityView(bindings=(replace(BINDING, client_ip=""),))
    assert view.at("", 20) == ()
    assert EMPTY.at("10.0.0.1", 20) == ()


def test_only_sign_ins_count_as_a_persons() -> None:
    lease: Binding = replace(BINDING, source=Method.DHCP)
    assert not lease.signed_in
    assert IdentityView(bindings=(lease,)).of(BINDING.person_id, 20) == ()
