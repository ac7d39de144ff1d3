"""A verdict in the context of the page it stands in."""

from hypothesis import given

from analytics.categorise import Judge
from analytics.event import Purpose
from analytics.verdict import Reason, Verdict, in_page_context
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
