"""The stand-in web's catalogue."""

import pytest

from analytics.categorise import Judge
from analytics.demonstration.sites import BARE_DOMAINS, BY_HOST, CATALOGUE, SHORT_LINKS, Dest, in_topic, parts, polled
from analytics.event import NotInspected, Purpose

PURPOSES = {
    "teaching": {Purpose.WORK},
    "running": {Purpose.WORK},
    "search": {Purpose.UNKNOWN},
    "news": {Purpose.PRIVATE, Purpose.UNKNOWN},  # the BBC's front page leads to lessons as well
    "shopping": {Purpose.PRIVATE},
    "property": {Purpose.PRIVATE},
    "sport": {Purpose.PRIVATE},
    "travel": {Purpose.PRIVATE},
    "jobs": {Purpose.PRIVATE},
    "gambling": {Purpose.INAPPROPRIATE},
    "shield": {Purpose.SHIELDED},
    "unknown": {Purpose.UNKNOWN},
}


def test_no_host_is_listed_twice() -> None:
    assert len(BY_HOST) == len(CATALOGUE)


@pytest.mark.parametrize("topic", PURPOSES)
def test_the_shipped_policy_judges_each_topic_as_its_stories_need(topic: str, judge: Judge) -> None:
    assert {judge.judge(site.host).purpose for site in in_topic(topic)} <= PURPOSES[topic]


def test_banks_and_the_shield_are_never_decrypted(judge: Judge) -> None:
    assert {judge.pass_through(site.host) for site in in_topic("banking")} == {NotInspected.BANKING}
    assert {judge.pass_through(site.host) for site in in_topic("shield")} == {NotInspected.SHIELD}


def test_what_pages_pull_in_from_elsewhere_is_infrastructure_or_a_box(judge: Judge) -> None:
    for site in CATALOGUE:
        for part in parts(site.home):
            host = part.url.split("/")[2]
            assert host == site.host or judge.judge(host).purpose in (Purpose.INFRASTRUCTURE, Purpose.UNKNOWN)


def test_the_false_alarm_is_there_a_news_page_with_a_social_box() -> None:
    boxes = [part for part in parts("https://www.bbc.co.uk/news") if "facebook.com" in part.url]
    assert [box.dest for box in boxes] == [Dest.FRAME]


def test_sensitive_pages_pull_in_nothing_from_elsewhere() -> None:
    for site in (*in_topic("shield"), *in_topic("banking")):
        assert all(part.url.startswith(site.home) for part in parts(site.home))


def test_a_box_pulls_in_its_own_parts_and_polls_nothing() -> None:
    box = "https://www.facebook.com/plugins/page.html"
    assert [part.dest for part in parts(box)] == [Dest.IMAGE]
    assert polled(box) is None
    assert polled("https://www.facebook.com/") == "https://www.facebook.com/live/updates.json"


def test_every_redirect_leads_to_a_listed_site() -> None:
    assert {url.split("/")[2] for url in SHORT_LINKS.values()} <= BY_HOST.keys()
    assert set(BARE_DOMAINS.values()) <= BY_HOST.keys()
