"""`fairgate replay`: a recording shown as the visits it would become."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from analytics.categorise import Judge
from analytics.replaying import replay_file
from config.policy import load_policy
from tests.analytics.test_har import recording, written

JUDGE = Judge(load_policy())
RECORDINGS = Path(__file__).parents[2].parent / "shared" / "data" / "har"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
CLICK = {"dest": "document", "mode": "navigate", "site": "none", "user": "?1"}
IMAGE = {"dest": "image", "mode": "no-cors", "site": "cross-site"}


def asked(second: int, url: str, fetch: dict[str, str], referer: str = "", **changes: Any) -> dict[str, Any]:
    stated = {f"Sec-Fetch-{name.title()}": value for name, value in fetch.items()}
    headers = stated | {"User-Agent": CHROME} | ({"Referer": referer} if referer else {})
    plain: dict[str, Any] = {
        "startedDateTime": f"2026-11-24T09:05:{second:02d}.000Z",
        "request": {"method": "GET", "url": url, "headers": [{"name": n, "value": v} for n, v in headers.items()]},
        "response": {"status": 200, "headers": []},
    }
    return plain | changes


def answers(folder: Path, *entries: Any, **log: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The entries' answers, then the visits'."""
    out = io.StringIO()
    replay_file(written(folder, recording(*entries, **log)), JUDGE, as_json=True, out=out)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    return lines[: len(entries)], lines[len(entries) :]


def test_each_entry_is_answered_in_the_order_of_the_file_then_each_visit(tmp_path: Path) -> None:
    entries, visits = answers(
        tmp_path,
        asked(9, "https://cdn.example/logo.png", IMAGE, "https://www.amazon.co.uk/"),
        asked(8, "https://www.amazon.co.uk/", CLICK),
        asked(20, "https://www.tes.com/", CLICK),
    )
    assert [entry["index"] for entry in entries] == [0, 1, 2]
    assert [(entry["kind"], entry["visit"]) for entry in entries] == [
        ("subresource", 1),
        ("navigation", 1),
        ("navigation", 2),
    ]
    assert {"index", "url", "kind", "confidence", "visit", "purpose", "category", "reason"} <= entries[0].keys()
    assert [(visit["visit"], visit["index"], visit["purpose"]) for visit in visits] == [
        (1, 1, "private"),
        (2, 2, "work"),
    ]
    assert (visits[0]["lower_s"], visits[0]["upper_s"], visits[0]["entries"]) == (12, 12, 2)


def test_what_would_be_shielded_or_not_opened_makes_no_visit(tmp_path: Path) -> None:
    entries, visits = answers(
        tmp_path,
        asked(1, "https://www.samaritans.org/how-we-can-help", CLICK),
        asked(2, "https://www.barclays.co.uk/", CLICK),
        asked(3, "blob:https://www.tes.com/1234", CLICK),
        asked(4, "data:text/html,hello", CLICK),
    )
    assert visits == []
    assert [entry["purpose"] for entry in entries] == ["shielded", "private", None, None]
    assert all(entry["visit"] is None for entry in entries)


def test_a_page_that_came_from_the_browsers_own_store_is_a_visit_by_the_recordings_word(tmp_path: Path) -> None:
    page = {"id": "p", "title": "TES", "startedDateTime": "2026-11-24T09:05:00.000Z"}
    picture = asked(1, "https://x.example/a.png", IMAGE, "https://www.tes.com/", pageref="p")
    _, [visit] = answers(tmp_path, picture, pages=[page])
    assert (visit["index"], visit["url"], visit["purpose"]) == (None, "https://www.tes.com/", "work")
    assert (visit["entries"], visit["confidence"]) == (1, 40)


@pytest.mark.parametrize("hidden", ["https://www.samaritans.org/", "https://www.barclays.co.uk/"])
def test_but_never_of_a_page_that_is_shielded_or_not_opened(tmp_path: Path, hidden: str) -> None:
    page = {"id": "p", "title": "", "startedDateTime": "2026-11-24T09:05:00.000Z"}
    _, visits = answers(tmp_path, asked(1, "https://x.example/a.png", IMAGE, hidden, pageref="p"), pages=[page])
    assert visits == []


def test_a_page_with_nothing_but_its_title_is_known_by_it(tmp_path: Path) -> None:
    page = {"id": "p", "title": "https://www.tes.com/jobs", "startedDateTime": "2026-11-24T09:05:00.000Z"}
    _, [visit] = answers(tmp_path, pages=[page])
    assert (visit["index"], visit["url"]) == (None, "https://www.tes.com/jobs")


@pytest.mark.parametrize("unseen", [{"_fromCache": "disk"}, {"_fetchedViaServiceWorker": True}])
def test_what_the_browser_had_already_is_no_request_and_its_page_a_visit_of_40_in_100(
    tmp_path: Path, unseen: dict[str, Any]
) -> None:
    page = {"id": "p", "title": "TES", "startedDateTime": "2026-11-24T09:05:00.000Z"}
    [entry], [visit] = answers(tmp_path, asked(1, "https://www.tes.com/", CLICK, pageref="p", **unseen), pages=[page])
    assert (entry["kind"], entry["visit"]) == ("background", None)
    assert (visit["index"], visit["confidence"], visit["entries"]) == (None, 40, 0)


def test_a_page_whose_document_was_asked_for_is_not_told_twice_whatever_its_kind(tmp_path: Path) -> None:
    """A document asked beforehand is no navigation, yet it shows that the page was not from the browser's store."""
    page = {"id": "p", "title": "https://www.tes.com/", "startedDateTime": "2026-11-24T09:05:00.000Z"}
    ahead = asked(1, "https://www.tes.com/", CLICK | {"user": ""}, pageref="p")
    ahead["request"]["headers"].append({"name": "Sec-Purpose", "value": "prefetch"})
    [entry], visits = answers(tmp_path, ahead, pages=[page])
    assert (entry["kind"], visits) == ("background", [])


def test_an_empty_recording_has_no_visits(tmp_path: Path) -> None:
    out = io.StringIO()
    replay_file(written(tmp_path, recording()), JUDGE, as_json=False, out=out)
    assert out.getvalue() == "0 requests, 0 visits.\n"


def test_a_person_reads_what_was_chosen_and_why_it_was_judged_so(tmp_path: Path) -> None:
    out = io.StringIO()
    path = written(
        tmp_path,
        recording(
            asked(1, "https://www.amazon.co.uk/\N{RIGHT-TO-LEFT OVERRIDE}x", CLICK),
            asked(2, "https://cdn.example/a.png", IMAGE, "https://www.amazon.co.uk/"),
            asked(3, "https://www.samaritans.org/", CLICK),
        ),
    )
    replay_file(path, JUDGE, as_json=False, out=out)
    said = out.getvalue()
    assert said.startswith("3 requests, 1 visit; 1 shielded, of which only a count would be kept.")
    assert "The browser says that the person typed the address or clicked. (95 of 100 sure)" in said
    assert "which is private use" in said
    assert "1 subresource" in said
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in said


def test_times_are_londons(tmp_path: Path) -> None:
    out = io.StringIO()
    summer = asked(1, "https://www.tes.com/", CLICK, startedDateTime="2026-07-01T09:05:00.000Z")
    replay_file(written(tmp_path, recording(summer)), JUDGE, as_json=False, out=out)
    assert "Visit 1, 10:05:00 in London: https://www.tes.com/" in out.getvalue()


def recorded_page_loads() -> list[tuple[str, int, int]]:
    index = RECORDINGS / "INDEX.tsv"
    if not index.exists():
        return []
    with index.open(encoding="utf-8") as lines:
        return [(row["file"], int(row["entries"]), int(row["pages"])) for row in csv.DictReader(lines, delimiter="\t")]


@pytest.mark.skipif(not recorded_page_loads(), reason="the recordings of real page loads are not here")
def test_real_recordings_become_exactly_as_many_visits_as_pages_were_loaded() -> None:
    for name, entries, pages in recorded_page_loads():
        out = io.StringIO()
        replay_file(RECORDINGS / f"{name}.har.gz", JUDGE, as_json=True, out=out)
        lines = [json.loads(line) for line in out.getvalue().splitlines()]
        assert (name, len(lines) - entries) == (name, pages)
        assert [line["index"] for line in lines[:entries]] == list(range(entries))
