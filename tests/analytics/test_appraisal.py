"""Kind, shield and verdict act on each other in one order, wherever an exchange is appraised."""

from typing import Any

import pytest

from analytics.appraisal import appraise_kind, appraise_meaning
from analytics.categorise import Judge, Reason
from analytics.event import Kind, Purpose
from analytics.exchange import Exchange
from analytics.recent_navigations import RecentNavigations
from config.policy import load_policy

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(load_policy())


def picture(host: str, page: str, **changes: Any) -> Exchange:
    stated: dict[str, Any] = {"sec_fetch_dest": "image", "sec_fetch_mode": "no-cors", "sec_fetch_site": "cross-site"}
    return Exchange(host=host, referer=page, user_agent=CHROME, status=200, **stated | changes)


def test_what_another_site_supplies_is_judged_as_the_page_that_asked(judge: Judge) -> None:
    kind, page = appraise_kind(picture("www.bet365.com", "https://www.tes.com/lessons"), RecentNavigations(), judge)
    verdict = appraise_meaning(judge, kind, page, "www.bet365.com", "/logo.png", "")
    assert (verdict.purpose, verdict.gravity, verdict.reason) == (Purpose.WORK, 0, Reason.PAGE_CONTEXT)


def test_a_shielded_page_is_not_named_and_shields_what_it_pulls_in(judge: Judge) -> None:
    kind, page = appraise_kind(picture("cdn.example", "https://www.samaritans.org/x"), RecentNavigations(), judge)
    assert kind.initiator_host == ""
    assert appraise_meaning(judge, kind, page, "cdn.example", "/", "").purpose is Purpose.SHIELDED


def test_a_page_that_somebody_chose_is_judged_by_itself(judge: Judge) -> None:
    clicked = {"sec_fetch_dest": "document", "sec_fetch_mode": "navigate", "sec_fetch_user": "?1"}
    kind, page = appraise_kind(
        picture("www.amazon.co.uk", "https://www.tes.com/", **clicked), RecentNavigations(), judge
    )
    assert kind.kind is Kind.NAVIGATION
    verdict = appraise_meaning(judge, kind, page, "www.amazon.co.uk", "/", "")
    assert verdict == judge.judge("www.amazon.co.uk")


def test_a_page_address_that_cannot_be_read_is_judged_by_its_host_alone(judge: Judge) -> None:
    seen = picture("cdn.example", "https://[", origin="https://www.tes.com")
    kind, page = appraise_kind(seen, RecentNavigations(), judge)
    assert page is not None
    assert (kind.initiator_host, page.purpose) == ("www.tes.com", Purpose.WORK)
