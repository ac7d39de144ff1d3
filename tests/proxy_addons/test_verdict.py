"""Verdicts: by the exchange's own address, or in its page's context."""

from pathlib import Path

import pytest

from analytics.event import Purpose
from tests.proxy_addons.pipeline import OPENED, PULLED_IN, Pipeline, answer, only, request


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path)


def test_a_page_is_judged_by_its_own_address(pipeline: Pipeline) -> None:
    pipeline.exchange(request("https://www.bbc.co.uk/sport/football", OPENED), answer())
    event = only(pipeline.events)
    assert (event.category, event.rule, event.reason, event.path) == (
        "sport",
        "bbc.co.uk/sport",
        "path_listed",
        "/sport",
    )
    assert event.policy_version == pipeline.policy.version


def test_a_site_on_no_list_is_unknown(pipeline: Pipeline) -> None:
    pipeline.exchange(request("https://never-heard-of.example/", OPENED), answer())
    assert only(pipeline.events).purpose is Purpose.UNKNOWN


def test_another_sites_resource_takes_on_the_meaning_of_its_page(pipeline: Pipeline) -> None:
    script = {**PULLED_IN, "Referer": "https://www.amazon.co.uk/"}
    pipeline.exchange(request("https://never-heard-of.example/w.js", script), answer())
    event = only(pipeline.events)
    assert (event.category, event.reason, event.initiator_host) == ("shopping", "page_context", "www.amazon.co.uk")


def test_a_resource_of_a_worse_site_is_no_graver_than_its_page(pipeline: Pipeline) -> None:
    script = {**PULLED_IN, "Referer": "https://www.gov.uk/"}
    pipeline.exchange(request("https://www.bet365.com/w.js", script), answer())
    event = only(pipeline.events)
    assert (event.purpose, event.gravity) == (Purpose.WORK, 0)


def test_what_a_frame_of_another_site_pulls_in_is_no_graver_than_the_page_it_stands_in(pipeline: Pipeline) -> None:
    pipeline.exchange(request("https://www.gov.uk/", OPENED), answer())
    frame = {**PULLED_IN, "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Mode": "navigate", "Referer": "https://www.gov.uk/"}
    pipeline.exchange(request("https://www.bet365.com/", frame), answer())
    script = {**PULLED_IN, "Referer": "https://www.bet365.com/"}
    pipeline.exchange(request("https://www.bet365.com/w.js", script), answer())
    assert [(each.purpose, each.gravity) for each in pipeline.events] == [(Purpose.WORK, 0)] * 3


def test_what_names_no_page_weighs_nothing(pipeline: Pipeline) -> None:
    pipeline.exchange(request("https://www.bet365.com/w.js", PULLED_IN), answer())
    event = only(pipeline.events)
    assert (event.category, event.purpose, event.gravity) == ("gambling", Purpose.INAPPROPRIATE, 0)


def test_the_pages_own_resources_keep_their_own_verdict(pipeline: Pipeline) -> None:
    script = {**PULLED_IN, "Referer": "https://www.bbc.co.uk/sport"}
    pipeline.exchange(request("https://static.bbc.co.uk/w.js", script), answer())
    assert only(pipeline.events).reason != "page_context"


def test_a_click_from_one_site_to_another_is_judged_by_where_it_leads(pipeline: Pipeline) -> None:
    clicked = {**OPENED, "Sec-Fetch-Site": "cross-site", "Referer": "https://www.gov.uk/"}
    pipeline.exchange(request("https://www.bet365.com/", clicked), answer())
    event = only(pipeline.events)
    assert (event.category, event.initiator_host) == ("gambling", "www.gov.uk")
