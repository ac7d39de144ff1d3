"""A verdict in the context of the page it stands in."""

from hypothesis import given

from analytics.categorise import Judge
from analytics.event import Purpose
from analytics.verdict import Reason, Verdict, frame_context, in_page_context, of_no_page
from config.policy import load_policy
from tests.analytics.test_categorise import HOSTS

JUDGE = Judge(load_policy())


@given(HOSTS, HOSTS)
def test_what_a_page_pulls_in_is_never_graver_than_the_page(pulled_in: str, page: str) -> None:
    own, around = JUDGE.judge(pulled_in), JUDGE.judge(page)
    result = in_page_context(own, around)
    assert result.gravity <= min(own.gravity, around.gravity)
    if Purpose.SHIELDED in (own.purpose, around.purpose):
        assert result.purpose is Purpose.SHIELDED
    else:
        assert result.purpose in (around.purpose, Purpose.INFRASTRUCTURE, own.purpose)


def _context(pulled_in: str, page: str) -> Verdict:
    return in_page_context(JUDGE.judge(pulled_in), JUDGE.judge(page))


def test_a_facebook_box_on_a_teaching_page_is_work() -> None:
    verdict = _context("www.instagram.com", "www.tes.com")
    assert (verdict.purpose, verdict.gravity, verdict.reason) == (Purpose.WORK, 0, Reason.PAGE_CONTEXT)
    assert verdict.sentence.startswith("The page pulled this in by itself, so it is judged as the page is: tes.com")


def test_infrastructure_stays_infrastructure_on_any_page() -> None:
    assert _context("doubleclick.net", "www.bet365.com").purpose is Purpose.INFRASTRUCTURE


@given(HOSTS, HOSTS, HOSTS)
def test_what_a_frame_pulls_in_is_never_graver_than_the_page_and_is_said_to_be_judged_by_it(
    pulled_in: str, frame: str, page: str
) -> None:
    around, own = JUDGE.judge(page), JUDGE.judge(pulled_in)
    framed = in_page_context(JUDGE.judge(frame), around)
    if Purpose.SHIELDED in (around.purpose, framed.purpose, own.purpose):
        return
    result = in_page_context(own, frame_context(framed, around))
    assert result.gravity <= around.gravity
    assert result.reason == Reason.PAGE_CONTEXT


def test_what_a_frame_hands_on_names_no_host_that_no_list_names() -> None:
    handed_on = frame_context(JUDGE.judge("www.bet365.com"), JUDGE.judge("diary.example"))
    assert "diary" not in repr(handed_on)
    assert handed_on.sentence == (
        "A frame pulled this in, so it is judged as the page is that the frame stands in, which serves work and "
        "private ends alike, so it counts against nobody."
    )


def test_what_names_no_page_keeps_its_meaning_and_weighs_nothing() -> None:
    own = JUDGE.judge("www.bet365.com")
    found = of_no_page(own)
    assert own.gravity > 0 == found.gravity
    assert (found.category, found.purpose) == (own.category, own.purpose)
    assert frame_context(own, None).purpose is Purpose.UNKNOWN
