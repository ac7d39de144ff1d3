"""When refusals are believed: the rules, by example and for any sequence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.pin_learning import (
    APART_MS,
    ATTEMPTS,
    CAP_ALL,
    CAP_CLIENT,
    LACKING,
    LATELY_MS,
    NEARLY,
    OPENED_ATTEMPTS,
    SILENT_ATTEMPTS,
    WITHIN_MS,
    Outcome,
    PinLearning,
    Refusal,
    distrusts,
)

NOON = 1_800_000_000_000


def refused(at_ms: int, **more: object) -> Refusal:
    given = {"client": "d-1", "host": "api.example", "ts_ms": NOON + at_ms, "accepted": 30, "accepted_ms": NOON + at_ms}
    return Refusal(**(given | more))  # type: ignore[arg-type]


def hear(learning: PinLearning, refusal: Refusal, of_client: int = 0, in_all: int = 0) -> Outcome:
    return learning.hear(refusal, of_client=of_client, in_all=in_all)


def attempts_until_learnt(apart_ms: int = APART_MS, **more: object) -> int:
    """How many refusals it takes; 0 where thirty are not enough."""
    learning = PinLearning()
    for number in range(30):
        if hear(learning, refused(number * apart_ms, **more)) is Outcome.LEARNT:
            return number + 1
    return 0


def test_three_attempts_are_enough_where_the_client_says_why() -> None:
    assert attempts_until_learnt() == ATTEMPTS


def test_one_page_load_is_one_attempt_however_many_connections_it_opens() -> None:
    learning = PinLearning()
    assert {hear(learning, refused(at)) for at in range(0, APART_MS, 50)} == {Outcome.NOTED}


def test_attempts_too_far_apart_are_nobody_trying() -> None:
    assert attempts_until_learnt(WITHIN_MS) == 0
    assert attempts_until_learnt(WITHIN_MS // 2) == 0
    assert attempts_until_learnt(WITHIN_MS // 2 - 1) == ATTEMPTS


def test_who_hangs_up_without_a_word_needs_more() -> None:
    assert attempts_until_learnt(silent=True) == SILENT_ATTEMPTS


def test_a_site_that_the_same_device_opened_needs_many_more() -> None:
    assert attempts_until_learnt(opened=True) == OPENED_ATTEMPTS
    assert attempts_until_learnt(opened=True, silent=True) == OPENED_ATTEMPTS


def test_reloading_in_a_browser_never_opens_the_door() -> None:
    assert attempts_until_learnt(browser=True) == 0


def test_a_client_that_accepted_nothing_since_it_began_to_refuse_may_have_lost_the_certificate() -> None:
    assert attempts_until_learnt(accepted_ms=NOON - 1) == 0
    assert attempts_until_learnt(accepted_ms=0) == 0


def test_a_client_that_refuses_every_site_lacks_the_certificate() -> None:
    learning = PinLearning()
    heard = [
        hear(learning, refused(number * APART_MS, host=f"{number % 5}.example", accepted=0, accepted_ms=0))
        for number in range(40)
    ]
    assert heard[: LACKING - 1] == [Outcome.NOTED] * (LACKING - 1)
    assert set(heard[LACKING - 1 :]) == {Outcome.DISTRUSTS}
    assert learning.accepts("d-1", 1, NOON + LATELY_MS + 41 * APART_MS)


def test_what_was_said_of_acceptance_before_a_worker_began_anew_counts() -> None:
    learning = PinLearning()
    assert learning.accepts("d-1", 20, NOON)
    heard = {hear(learning, refused(number, host=f"{number}.example", accepted=0)) for number in range(9)}
    assert heard == {Outcome.NOTED}


@pytest.mark.parametrize(
    ("of_client", "in_all", "expected"),
    [
        (CAP_CLIENT - 1, CAP_ALL - 1, Outcome.LEARNT),
        (CAP_CLIENT, CAP_CLIENT, Outcome.CAPPED_CLIENT),
        (0, CAP_ALL, Outcome.CAPPED_ALL),
    ],
)
def test_beyond_the_caps_nothing_is_learnt(of_client: int, in_all: int, expected: Outcome) -> None:
    learning = PinLearning()
    heard = [hear(learning, refused(number * APART_MS), of_client, in_all) for number in range(ATTEMPTS)]
    assert heard[-1] is expected


def test_after_it_was_learnt_and_ended_it_takes_as_many_again() -> None:
    learning = PinLearning()
    heard = []
    for number in range(ATTEMPTS * 2):
        heard.append(hear(learning, refused(number * APART_MS)))
        if heard[-1] is Outcome.LEARNT:
            learning.settled(refused(number * APART_MS))
    assert [number + 1 for number, outcome in enumerate(heard) if outcome is Outcome.LEARNT] == [ATTEMPTS, ATTEMPTS * 2]


def test_refusals_of_one_never_count_for_another() -> None:
    learning = PinLearning()
    pairs = [(client, host) for client in ("d-1", "d-2") for host in ("a.example", "b.example", "www.a.example")]
    for number, (client, host) in enumerate(pairs * (ATTEMPTS - 1)):
        assert hear(learning, refused(number * APART_MS, client=client, host=host)) is Outcome.NOTED


@given(
    st.lists(
        st.builds(
            refused,
            st.integers(0, 2 * WITHIN_MS),
            client=st.sampled_from(("d-1", "10.0.0.9")),
            host=st.sampled_from(("a.example", "b.example", "c.example", "d.example")),
            browser=st.booleans(),
            silent=st.booleans(),
            opened=st.booleans(),
            accepted=st.integers(0, 5),
            accepted_ms=st.integers(NOON, NOON + 2 * WITHIN_MS),
        ),
        max_size=60,
    )
)
def test_whatever_is_learnt_was_refused_often_enough_by_that_client_and_no_browser(refusals: list[Refusal]) -> None:
    learning = PinLearning()
    for number, refusal in enumerate(refusals):
        if hear(learning, refusal) is not Outcome.LEARNT:
            continue
        learning.settled(refusal)
        same = [
            other.ts_ms
            for other in refusals[: number + 1]
            if (other.client, other.host) == (refusal.client, refusal.host)
            and not other.browser
            and abs(other.ts_ms - refusal.ts_ms) < WITHIN_MS
        ]
        assert not refusal.browser
        assert len(same) >= (OPENED_ATTEMPTS if refusal.opened else ATTEMPTS)
        assert max(same) - min(same) >= (ATTEMPTS - 1) * APART_MS
        assert refusal.accepted > 0 or refusal.opened


@given(st.integers(0, 500), st.integers(0, 50))
def test_more_refusals_never_show_more_trust(refused_sites: int, accepted: int) -> None:
    assert not distrusts(refused_sites, accepted) or distrusts(refused_sites + 1, accepted)
    assert not distrusts(refused_sites, accepted + 1) or distrusts(refused_sites, accepted)
    assert not distrusts(accepted * NEARLY - 1, accepted)
