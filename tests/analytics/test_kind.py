"""How an exchange came about."""

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.event import Kind
from analytics.kind import NOT_DECRYPTED, SENTENCES, Exchange, KindReason, KindVerdict, kind_of, remember
from analytics.recent_navigations import RecentNavigations

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
SHOP = "https://shop.example/"
RECORDINGS = Path(__file__).parents[2].parent / "shared" / "data" / "har"


def exchange(**changes: Any) -> Exchange:
    usual: dict[str, Any] = {"host": "shop.example", "user_agent": CHROME, "accept": "*/*", "status": 200}
    return Exchange(**usual | changes)


def fetch(dest: str, mode: str = "no-cors", **changes: Any) -> Exchange:
    return exchange(sec_fetch_dest=dest, sec_fetch_mode=mode, sec_fetch_site="same-origin", referer=SHOP, **changes)


def click(**changes: Any) -> Exchange:
    stated = {"sec_fetch_dest": "document", "sec_fetch_mode": "navigate", "sec_fetch_user": "?1", "accept": PAGE}
    return exchange(**{"sec_fetch_site": "none"} | stated | changes)


def after_opening_shop() -> RecentNavigations:
    recent = RecentNavigations()
    recent.opened("shop.example", "/", 0)
    return recent


@pytest.mark.parametrize(
    ("seen", "kind", "reason"),
    [
        (click(), Kind.NAVIGATION, KindReason.TYPED_OR_CLICKED),
        (click(method="POST"), Kind.NAVIGATION, KindReason.FORM_SENT),
        (click(status=302, location="/next"), Kind.REDIRECT, KindReason.FORWARDED),
        (click(status=304), Kind.NAVIGATION, KindReason.TYPED_OR_CLICKED),
        (click(status=0), Kind.NAVIGATION, KindReason.TYPED_OR_CLICKED),
        (click(content_type="application/pdf"), Kind.NAVIGATION, KindReason.TYPED_OR_CLICKED),
        (click(sec_fetch_user="", path="/x"), Kind.BACKGROUND, KindReason.OPENED_WITHOUT_CLICK),
        (click(sec_fetch_user=""), Kind.BACKGROUND, KindReason.REFRESHED_ITSELF),
        (click(sec_purpose="prefetch"), Kind.BACKGROUND, KindReason.PREFETCH),
        (click(sec_purpose="prefetch;prerender"), Kind.BACKGROUND, KindReason.PREFETCH),
        (click(purpose_header="preview"), Kind.BACKGROUND, KindReason.PREFETCH),
        (fetch("iframe", "navigate"), Kind.EMBEDDED, KindReason.FRAME),
        (fetch("iframe", "navigate", sec_fetch_user="?1"), Kind.EMBEDDED, KindReason.FRAME),
        (fetch("image"), Kind.SUBRESOURCE, KindReason.PART_OF_PAGE),
        (fetch("script"), Kind.SUBRESOURCE, KindReason.PART_OF_PAGE),
        (fetch("style"), Kind.SUBRESOURCE, KindReason.PART_OF_PAGE),
        (fetch("video"), Kind.SUBRESOURCE, KindReason.PART_OF_PAGE),
        (fetch("font", "cors"), Kind.SUBRESOURCE, KindReason.PART_OF_PAGE),
        (fetch("serviceworker", "same-origin"), Kind.BACKGROUND, KindReason.BROWSER_ITSELF),
        (fetch("report"), Kind.BACKGROUND, KindReason.BROWSER_ITSELF),
        (fetch("empty", "cors", ts_ms=3_000), Kind.SUBRESOURCE, KindReason.PAGE_SCRIPT),
        (fetch("empty", "cors", ts_ms=60_000), Kind.BACKGROUND, KindReason.PAGE_LEFT_OPEN),
        (fetch("empty", "cors", method="OPTIONS", preflight_method="PUT"), Kind.SUBRESOURCE, KindReason.PREFLIGHT),
        (fetch("empty", "websocket", upgrade="WebSocket"), Kind.BACKGROUND, KindReason.LIVE_CONNECTION),
        (fetch("document", "cors"), Kind.BACKGROUND, KindReason.NOT_A_PAGE),
    ],
)
def test_a_browser_that_states_how_it_came_about_is_believed(seen: Exchange, kind: Kind, reason: KindReason) -> None:
    found = kind_of(seen, after_opening_shop())
    assert (found.kind, found.reason) == (kind, reason)


@pytest.mark.parametrize(
    ("seen", "kind", "reason"),
    [
        (exchange(scheme="http", accept=PAGE, ts_ms=11_000), Kind.NAVIGATION, KindReason.LOOKS_OPENED),
        (exchange(scheme="http", accept=PAGE), Kind.NAVIGATION, KindReason.MAY_BE_FRAMED),
        (exchange(accept=PAGE, path="/next", referer=SHOP, ts_ms=9_000), Kind.NAVIGATION, KindReason.LOOKS_OPENED),
        (exchange(accept=PAGE, referer=SHOP, ts_ms=9_000), Kind.BACKGROUND, KindReason.REFRESHED_ITSELF),
        (exchange(accept=PAGE, referer=SHOP, ts_ms=900), Kind.EMBEDDED, KindReason.LOOKS_FRAMED),
        (exchange(accept=PAGE, status=301, location=SHOP), Kind.REDIRECT, KindReason.FORWARDED),
        (exchange(accept=PAGE, content_type="image/png"), Kind.SUBRESOURCE, KindReason.LOOKS_PART_OF_PAGE),
        (exchange(accept="image/avif,*/*"), Kind.SUBRESOURCE, KindReason.LOOKS_PART_OF_PAGE),
        (exchange(accept="text/css,*/*;q=0.1"), Kind.SUBRESOURCE, KindReason.LOOKS_PART_OF_PAGE),
        (exchange(content_type="text/javascript"), Kind.SUBRESOURCE, KindReason.LOOKS_PART_OF_PAGE),
        (exchange(referer=SHOP, ts_ms=900), Kind.SUBRESOURCE, KindReason.PAGE_SCRIPT),
        (exchange(referer=SHOP, ts_ms=90_000), Kind.BACKGROUND, KindReason.PAGE_LEFT_OPEN),
        (exchange(accept=PAGE, requested_with="XMLHttpRequest"), Kind.BACKGROUND, KindReason.PAGE_LEFT_OPEN),
        (exchange(accept="text/html, */*; q=0.01"), Kind.BACKGROUND, KindReason.PAGE_LEFT_OPEN),
        (exchange(accept=PAGE, purpose_header="prefetch"), Kind.BACKGROUND, KindReason.PREFETCH),
    ],
)
def test_a_browser_that_states_nothing_is_read_by_what_it_asks_for(
    seen: Exchange, kind: Kind, reason: KindReason
) -> None:
    found = kind_of(seen, after_opening_shop())
    assert (found.kind, found.reason) == (kind, reason)
    assert found.confidence <= 75 or reason is KindReason.PREFETCH


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "curl/8.5.0",
        "Wget/1.21",
        "git/2.43.0",
        "pip/25.0",
        "python-requests/2.32",
        "Windows-Update-Agent/10.0",
        "Microsoft-CryptoAPI/10.0",
        "Microsoft BITS/7.8",
        "Microsoft Office/16.0",
        "Mozilla/4.0 (compatible; MSIE 7.0; ms-office; MSOffice 16)",
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Teams/24.1 Electron/28.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-GB) WindowsPowerShell/5.1",
    ],
)
def test_a_program_that_is_no_browser_is_background_even_when_it_fetches_a_page(agent: str) -> None:
    found = kind_of(exchange(accept=PAGE, user_agent=agent, content_type="text/html"), RecentNavigations())
    assert (found.kind, found.reason in (KindReason.NOT_A_BROWSER, KindReason.APPLICATION)) == (Kind.BACKGROUND, True)


def played(*seen: Exchange) -> list[KindVerdict]:
    """The verdicts on exchanges of one client, in order."""
    recent = RecentNavigations()
    verdicts = []
    for one in seen:
        verdicts.append(kind_of(one, recent))
        remember(recent, one, verdicts[-1])
    return verdicts


def test_a_click_through_three_redirects_is_one_navigation_to_where_it_ended() -> None:
    verdicts = played(
        click(host="t.example", status=301, location="https://a.example/x"),
        click(host="a.example", path="/x", status=302, location="/y"),
        click(host="a.example", path="/y", status=303, location="https://shop.example/z"),
        click(path="/z", ts_ms=400),
    )
    assert [verdict.kind for verdict in verdicts] == [Kind.REDIRECT] * 3 + [Kind.NAVIGATION]
    assert verdicts[-1].reason is KindReason.REACHED_BY_REDIRECT
    assert verdicts[-1].confidence < 95


def test_the_same_in_plain_http() -> None:
    verdicts = played(
        exchange(scheme="http", accept=PAGE, status=301, location="https://shop.example/home"),
        exchange(accept=PAGE, path="/home", ts_ms=90),
    )
    assert [verdict.kind for verdict in verdicts] == [Kind.REDIRECT, Kind.NAVIGATION]


def test_a_page_that_refreshes_itself_all_night_is_one_navigation() -> None:
    refreshed = [
        click(sec_fetch_user="", sec_fetch_site="same-origin", referer=SHOP, ts_ms=minute * 60_000)
        for minute in range(1, 600)
    ]
    verdicts = played(click(), *refreshed)
    assert [verdict.kind for verdict in verdicts].count(Kind.NAVIGATION) == 1
    assert {verdict.reason for verdict in verdicts[1:]} == {KindReason.REFRESHED_ITSELF}


def test_a_page_reloaded_by_its_reader_is_a_navigation() -> None:
    verdicts = played(click(), click(ts_ms=60_000, sec_fetch_site="same-origin"))
    assert [verdict.kind for verdict in verdicts] == [Kind.NAVIGATION] * 2


def test_a_script_that_forwards_at_once_makes_no_second_navigation() -> None:
    forwarded = click(host="b.example", sec_fetch_user="", sec_fetch_site="cross-site", referer=SHOP, ts_ms=300)
    assert played(click(), forwarded)[1].reason is KindReason.FORWARDED_BY_SCRIPT


def test_a_page_polling_for_hours_is_background() -> None:
    polls = [fetch("empty", "cors", path="/poll", ts_ms=minute * 60_000) for minute in range(1, 120)]
    assert {verdict.kind for verdict in played(click(), *polls)[1:]} == {Kind.BACKGROUND}


def test_frames_within_frames_are_frames_where_the_browser_states_nothing() -> None:
    verdicts = played(
        exchange(scheme="http", accept=PAGE),
        exchange(host="ads.example", accept=PAGE, referer=SHOP, ts_ms=4_000),
        exchange(host="sync.example", accept=PAGE, referer="https://ads.example/f", ts_ms=9_000),
    )
    assert [verdict.kind for verdict in verdicts] == [Kind.NAVIGATION, Kind.EMBEDDED, Kind.EMBEDDED]


@pytest.mark.parametrize(
    ("headers", "host"),
    [
        ({"referer": "https://WWW.Shop.example:443/x?y"}, "www.shop.example"),
        ({"origin": "https://shop.example"}, "shop.example"),
        ({"referer": "https://a.example/", "origin": "https://b.example"}, "a.example"),
        ({"origin": "null"}, ""),
        ({"referer": "http://["}, ""),
        ({"referer": "about:blank"}, ""),
        ({}, ""),
    ],
)
def test_the_page_that_asked_is_named_where_the_browser_says(headers: dict[str, str], host: str) -> None:
    assert kind_of(exchange(**headers), RecentNavigations()).initiator_host == host


def test_nothing_is_guessed_of_a_connection_that_was_not_decrypted() -> None:
    assert NOT_DECRYPTED[:4] == (Kind.BACKGROUND, 0, KindReason.NOT_DECRYPTED, "")


def test_every_reason_has_one_sentence() -> None:
    assert set(SENTENCES) == set(KindReason)
    assert all(sentence.count(".") == 1 and sentence.endswith(".") for sentence in SENTENCES.values())


HEADER = st.sampled_from(["", "navigate", "document", "image", "empty", "iframe", "prefetch", PAGE, SHOP, "http://["])
SEEN = st.builds(
    Exchange,
    ts_ms=st.integers(0, 100_000),
    method=st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", "BREW"]),
    host=st.sampled_from(["shop.example", "ads.example", ""]) | st.text(max_size=20),
    path=st.sampled_from(["/", "/x"]) | st.text(max_size=20),
    status=st.sampled_from([0, 200, 204, 302, 304, 404]),
    user_agent=st.sampled_from([CHROME, "curl/8", ""]),
    **{
        name: HEADER | st.text(max_size=20)
        for name in (
            *("sec_fetch_dest", "sec_fetch_mode", "sec_fetch_site", "sec_fetch_user", "sec_purpose", "accept"),
            *("purpose_header", "referer", "origin", "upgrade", "content_type", "location", "requested_with"),
        )
    },
)


@given(st.lists(SEEN, max_size=8))
def test_every_exchange_gets_an_answer_with_a_confidence(seen: list[Exchange]) -> None:
    for verdict in played(*seen):
        assert verdict.kind in Kind
        assert verdict.reason in KindReason
        assert 0 <= verdict.confidence <= 100


def images(seen: Exchange) -> Iterator[Exchange]:
    yield replace(seen, sec_fetch_dest="image")
    yield replace(seen, sec_purpose="prefetch")
    yield replace(seen, purpose_header="prefetch")
    yield replace(seen, method="OPTIONS")
    yield replace(seen, sec_fetch_dest="iframe")


@given(SEEN, st.booleans())
def test_an_image_a_frame_a_preflight_or_a_prefetch_is_never_a_navigation(seen: Exchange, opened: bool) -> None:
    recent = after_opening_shop() if opened else RecentNavigations()
    for one in images(seen):
        assert kind_of(one, recent).kind is not Kind.NAVIGATION


@given(SEEN)
def test_judging_the_kind_changes_nothing_that_is_remembered(seen: Exchange) -> None:
    recent = after_opening_shop()
    assert kind_of(seen, recent) == kind_of(seen, recent)


def recorded(entry: dict[str, Any]) -> Exchange:
    asked = {header["name"].lower(): header["value"] for header in entry["request"]["headers"]}
    answered = {header["name"].lower(): header["value"] for header in entry["response"]["headers"]}
    address = urlsplit(entry["request"]["url"])
    when = datetime.fromisoformat(entry["startedDateTime"].replace("Z", "+00:00"))
    names = ("accept", "referer", "origin", "upgrade", "upgrade_insecure_requests", "user_agent", "sec_purpose")
    stated = (*names, "sec_fetch_dest", "sec_fetch_mode", "sec_fetch_site", "sec_fetch_user")
    return Exchange(
        ts_ms=int(when.timestamp() * 1000),
        method=entry["request"]["method"],
        scheme=address.scheme,
        host=address.hostname or "",
        path=address.path,
        status=entry["response"]["status"],
        content_type=answered.get("content-type", entry["response"]["content"].get("mimeType", "")),
        location=answered.get("location", ""),
        purpose_header=asked.get("purpose", ""),
        requested_with=asked.get("x-requested-with", ""),
        **{name: asked.get(name.replace("_", "-"), "") for name in stated},
    )


def recordings() -> list[tuple[str, int]]:
    index = RECORDINGS / "INDEX.tsv"
    if not index.exists():
        return []
    with index.open(encoding="utf-8") as lines:
        return [(row["file"], int(row["pages"])) for row in csv.DictReader(lines, delimiter="\t")]


# The second page of this one came whole from the browser's store: nothing was asked for that a gateway could see.
UNSEEN = {"cc_www.sitespeed.io-redirecting-to-https": 1}


@pytest.mark.skipif(not recordings(), reason="the recordings of real page loads are not here")
def test_real_page_loads_of_up_to_328_requests_make_as_many_navigations_as_pages_were_opened() -> None:
    found, expected = {}, {}
    for name, pages in recordings():
        har = json.loads(gzip.decompress((RECORDINGS / f"{name}.har.gz").read_bytes()))
        entries = sorted(har["log"]["entries"], key=lambda entry: entry["startedDateTime"])
        verdicts = played(*map(recorded, entries))
        found[name] = sum(verdict.kind is Kind.NAVIGATION for verdict in verdicts)
        expected[name] = pages - UNSEEN.get(name, 0)
    assert found == expected
