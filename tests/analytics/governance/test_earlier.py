"""Between a new notice and somebody's acknowledgement of it: exactly that stretch, and none before they were told."""

from hypothesis import given
from hypothesis import strategies as st

from analytics.governance import Governance, Told
from analytics.governance.earlier import EarlierNotice, at, earlier_notices, stretches
from analytics.governance.notices import Acknowledged

VERSIONS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 60)), max_size=5).map(
    lambda found: sorted({moment: name for name, moment in found}.items())
)
TOLD = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 60)), max_size=5)


def acknowledged(version: str, told_ms: int) -> Acknowledged:
    return Acknowledged("p", version, told_ms, Told.PAGE, "gateway")


def test_the_stretch_ends_when_they_were_told(governance: Governance) -> None:
    ann, zoe = governance.people.add("Ann Bell"), governance.people.add("Zoe Quill")
    governance.notices.put_in_force("v1", from_ms=1_000)
    governance.notices.record_told(ann, "v1", Told.PAPER, told_ms=2_000)
    assert earlier_notices(governance.notices, ann) == ()
    governance.notices.put_in_force("v2", from_ms=5_000)
    assert earlier_notices(governance.notices, ann) == (EarlierNotice(from_ms=5_000, until_ms=0, changed_ms=5_000),)
    governance.notices.record_told(ann, "v2", Told.PAGE, told_ms=7_000)
    (only,) = earlier_notices(governance.notices, ann)
    assert (only.from_ms, only.until_ms) == (5_000, 7_000)
    assert earlier_notices(governance.notices, zoe) == ()
    assert at([only], 5_000) == only
    assert at([only], 6_999) == only
    assert at([only], 7_000) is None


def test_whoever_was_told_beforehand_has_none() -> None:
    assert stretches([("v1", 10), ("v2", 50)], [acknowledged("v1", 20), acknowledged("v2", 40)]) == ()


@given(VERSIONS, TOLD, st.integers(1, 70))
def test_at_every_moment_it_is_as_a_plain_look_at_the_register_says(
    versions: list[tuple[int, str]], told: list[tuple[str, int]], moment: int
) -> None:
    in_order = [(name, since) for since, name in versions]
    known = {name for name, when in told if when <= moment}
    in_force = [(name, since) for name, since in in_order if since <= moment]
    expected = bool(known) and bool(in_force) and in_force[-1][0] not in known
    found = at(stretches(in_order, [acknowledged(*each) for each in told]), moment)
    assert (found is not None) == expected
    if found is not None:
        assert found.changed_ms == in_force[-1][1]
