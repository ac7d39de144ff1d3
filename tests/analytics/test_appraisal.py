"""Kind, shield and verdict act on each other in one order, wherever an exchange is appraised."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.appraisal import appraise_kind, appraise_meaning
from analytics.categorise import Judge, Reason
from analytics.event import Kind, Purpose
from analytics.exchange import Exchange
from analytics.recent_navigations import RecentNavigations
from analytics.verdict import Verdict
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


DOCUMENT = {"sec_fetch_dest": "document", "sec_fetch_mode": "navigate", "sec_fetch_user": "?1"}
FRAME = {"sec_fetch_dest": "iframe", "sec_fetch_mode": "navigate"}


def purpose(judge: Judge, recent: RecentNavigations, seen: Exchange) -> Purpose:
    kind, page = appraise_kind(seen, recent, judge)
    path, _, query = seen.path.partition("?")
    return appraise_meaning(judge, kind, page, seen.host, path, query).purpose


def test_of_two_stated_pages_either_shields(judge: Judge) -> None:
    seen = picture("cdn.example", "https://www.tes.com/", origin="https://www.samaritans.org")
    assert purpose(judge, RecentNavigations(), seen) is Purpose.SHIELDED


def test_what_frames_of_a_shielded_page_fetch_is_shielded_until_the_frames_site_is_opened_itself(judge: Judge) -> None:
    recent = RecentNavigations()
    assert purpose(judge, recent, picture("video.example", "https://www.samaritans.org/", **FRAME)) is Purpose.SHIELDED
    assert purpose(judge, recent, picture("cdn.example", "https://video.example/")) is Purpose.SHIELDED
    assert purpose(judge, recent, picture("video.example", "", **DOCUMENT)) is Purpose.UNKNOWN
    assert purpose(judge, recent, picture("cdn.example", "https://video.example/")) is Purpose.UNKNOWN


def test_what_a_shielded_search_fetches_elsewhere_is_shielded_until_another_search(judge: Judge) -> None:
    recent = RecentNavigations()
    advert = picture("ads.example", "https://www.google.com/")
    assert purpose(judge, recent, picture("www.google.com", "", path="/search?q=union+rep", **DOCUMENT)) is (
        Purpose.SHIELDED
    )
    assert purpose(judge, recent, advert) is Purpose.SHIELDED
    clicked, _ = appraise_kind(picture("www.tes.com", "https://www.google.com/", **DOCUMENT), recent, judge)
    assert (clicked.kind, clicked.initiator_host) == (Kind.NAVIGATION, "")
    purpose(judge, recent, picture("www.google.com", "", path="/search?q=volcanoes", **DOCUMENT))
    assert purpose(judge, recent, advert) is Purpose.UNKNOWN


@pytest.mark.parametrize(
    ("page", "later_ms", "agent", "found"),
    [
        ("", 9_000, CHROME, Purpose.SHIELDED),
        ("", 11_000, CHROME, Purpose.INFRASTRUCTURE),
        ("https://www.tes.com/", 9_000, CHROME, Purpose.INFRASTRUCTURE),
        ("", 9_000, "curl/8.1", Purpose.INFRASTRUCTURE),
    ],
)
def test_what_names_no_page_just_after_something_shielded_is_taken_for_a_part_of_it(
    judge: Judge, page: str, later_ms: int, agent: str, found: Purpose
) -> None:
    recent = RecentNavigations()
    recent.hid(1_000)
    stated = {} if agent == CHROME else {"user_agent": agent, "sec_fetch_dest": "", "sec_fetch_mode": ""}
    font = Exchange(**{**_fields(picture("fonts.gstatic.com", page, ts_ms=1_000 + later_ms)), **stated})
    assert purpose(judge, recent, font) is found


@pytest.mark.parametrize(
    "stated",
    [{"upgrade": "websocket"}, {"method": "OPTIONS", "preflight_method": "PUT"}],
    ids=["live connection", "preflight"],
)
def test_what_would_name_its_page_if_it_had_one_is_no_part(judge: Judge, stated: dict[str, str]) -> None:
    recent = RecentNavigations()
    recent.hid(1_000)
    assert purpose(judge, recent, picture("live.example", "", ts_ms=2_000, **stated)) is Purpose.UNKNOWN


def _fields(seen: Exchange) -> dict[str, Any]:
    return {name: getattr(seen, name) for name in Exchange.__dataclass_fields__ if name != "page"}


@pytest.mark.parametrize(
    "location",
    ["https://www.samaritans.org/x", "//NEU.org.uk", "https://www.google.com/search?q=union+rep", "\\\\neu.org.uk"],
)
def test_a_redirect_to_something_shielded_is_a_step_of_it(judge: Judge, location: str) -> None:
    recent = RecentNavigations()
    seen = Exchange(**{**_fields(picture("bit.ly", "", **DOCUMENT)), "status": 302, "location": location})
    assert purpose(judge, recent, seen) is Purpose.SHIELDED
    target = seen.target()
    assert recent.forwarded_as(*target, 0) is None, "nothing that follows is told by it"


def test_of_a_kept_path_what_gives_away_something_shielded_is_left_out(judge: Judge) -> None:
    kind, page = appraise_kind(picture("www.bet365.com", "", **DOCUMENT), RecentNavigations(), judge)
    told = appraise_meaning(judge, kind, page, "www.bet365.com", "/casino", "")
    hidden = appraise_meaning(judge, kind, page, "www.bet365.com", "/go/https://www.samaritans.org", "")
    assert (told.keep, hidden.keep) == ("path", "host")
    assert (told.purpose, told.gravity) == (hidden.purpose, hidden.gravity)


def told_of(judge: Judge, recent: RecentNavigations, seen: Exchange) -> Verdict:
    kind, page = appraise_kind(seen, recent, judge)
    path, _, query = seen.path.partition("?")
    return appraise_meaning(judge, kind, page, seen.host, path, query)


def test_what_a_frame_of_another_site_pulls_in_inherits_the_page_the_frame_stands_in(judge: Judge) -> None:
    recent = RecentNavigations()
    told_of(judge, recent, picture("www.tes.com", "", **DOCUMENT))
    told_of(judge, recent, picture("www.bet365.com", "https://www.tes.com/", **FRAME))
    own = picture("www.bet365.com", "https://www.bet365.com/odds", path="/odds.js")
    inner = picture("static.bet365.com", "https://www.bet365.com/", **FRAME)
    for seen in (own, inner, picture("static.bet365.com", "https://static.bet365.com/")):
        found = told_of(judge, recent, seen)
        assert (found.purpose, found.gravity, found.reason) == (Purpose.WORK, 0, Reason.PAGE_CONTEXT)
    opened = told_of(judge, recent, picture("www.bet365.com", "", **DOCUMENT))
    assert told_of(judge, recent, own).gravity == opened.gravity > 0


def test_of_a_page_and_a_frame_of_one_host_the_one_that_weighs_less_is_taken_to_have_asked(judge: Judge) -> None:
    recent = RecentNavigations()
    for host in ("www.bet365.com", "www.tes.com"):
        told_of(judge, recent, picture(host, "", **DOCUMENT))
    told_of(judge, recent, picture("www.bet365.com", "https://www.tes.com/", **FRAME))
    told_of(judge, recent, picture("www.tes.com", "https://www.bet365.com/", **FRAME))
    assert told_of(judge, recent, picture("www.bet365.com", "https://www.bet365.com/")).gravity == 0
    assert told_of(judge, recent, picture("www.tes.com", "https://www.tes.com/")).reason == Reason.LISTED


PROGRAM = {"user_agent": "curl/8.1", "sec_fetch_dest": "", "sec_fetch_mode": ""}


@pytest.mark.parametrize("stated", [FRAME, {}, {"sec_fetch_dest": "empty"}, PROGRAM], ids=str)
def test_what_nobody_chose_and_no_page_is_named_for_weighs_nothing(judge: Judge, stated: dict[str, str]) -> None:
    recent, own = RecentNavigations(), judge.judge("www.bet365.com")
    seen = Exchange(**{**_fields(picture("www.bet365.com", "", ts_ms=1_000)), **stated})
    found = told_of(judge, recent, seen)
    assert (found.category, found.purpose, found.gravity) == (own.category, own.purpose, 0)


def test_what_a_frame_of_no_named_page_pulls_in_weighs_nothing(judge: Judge) -> None:
    recent = RecentNavigations()
    told_of(judge, recent, picture("www.bet365.com", "", ts_ms=1_000, **FRAME))
    found = told_of(judge, recent, picture("www.bet365.com", "https://www.bet365.com/", ts_ms=1_000))
    assert (found.purpose, found.gravity) == (Purpose.UNKNOWN, 0)


SITES = st.sampled_from(
    (
        *("www.tes.com", "www.bet365.com", "static.bet365.com", "www.amazon.co.uk", "doubleclick.net", "a.example"),
        *("www.bbc.co.uk", "www.pornhub.com", "www.facebook.com", "www-bet365-com.translate.goog"),
    )
)
SHIPPED = Judge(load_policy())


@given(SITES, st.lists(SITES, max_size=4), SITES, st.sampled_from(("image", "script", "empty")), st.booleans())
def test_along_frames_in_frames_nothing_unchosen_is_graver_than_the_page_that_was_opened(
    page: str, frames: list[str], last: str, dest: str, named: bool
) -> None:
    recent = RecentNavigations()
    opened = told_of(SHIPPED, recent, picture(page, "", ts_ms=1, **DOCUMENT))
    asked_by = page
    for frame in frames:
        stated = f"https://{asked_by}/" if named else ""
        assert told_of(SHIPPED, recent, picture(frame, stated, ts_ms=1, **FRAME)).gravity <= opened.gravity
        asked_by = frame
    found = told_of(SHIPPED, recent, picture(last, f"https://{asked_by}/", ts_ms=1, sec_fetch_dest=dest))
    assert found.gravity <= opened.gravity
