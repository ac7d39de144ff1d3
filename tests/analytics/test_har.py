"""HAR recordings are read alike whoever wrote them, and what is none is refused so that its owner can mend it."""

import gzip
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import har
from analytics.har import read_har
from config.errors import FairgateError


def entry(**changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "startedDateTime": "2026-11-24T09:05:07.123Z",
        "request": {"method": "get", "url": "https://news.example/", "headers": [{"name": "Accept", "value": "*/*"}]},
        "response": {"status": 200, "headers": [{"name": "content-type", "value": "text/html"}]},
    }
    return plain | changes


def written(folder: Path, whole: Any) -> Path:
    path = folder / "recording.har"
    path.write_text(whole if isinstance(whole, str) else json.dumps(whole), "utf-8")
    return path


def recording(*entries: Any, **log: Any) -> dict[str, Any]:
    return {"log": {"version": "1.2", "entries": list(entries), **log}}


def test_an_entry_is_read_with_its_headers_whatever_their_case(tmp_path: Path) -> None:
    [found] = read_har(written(tmp_path, recording(entry()))).entries
    assert (found.index, found.method, found.url, found.status) == (0, "GET", "https://news.example/", 200)
    assert (found.asked, found.content_type, found.page) == ({"accept": "*/*"}, "text/html", "")
    assert found.ts_ms == 1_795_511_107_123


@pytest.mark.parametrize(
    ("stated", "ts_ms"),
    [
        ("2026-11-24T10:05:07.123+01:00", 1_795_511_107_123),
        ("2026-11-24T09:05:07.123456Z", 1_795_511_107_123),
        ("2026-11-24T09:05:07", 1_795_511_107_000),
    ],
)
def test_times_are_read_as_browsers_write_them(tmp_path: Path, stated: str, ts_ms: int) -> None:
    [found] = read_har(written(tmp_path, recording(entry(startedDateTime=stated)))).entries
    assert found.ts_ms == ts_ms


def test_a_byte_order_mark_and_gzip_are_no_hindrance(tmp_path: Path) -> None:
    plain = json.dumps(recording(entry()))
    marked = written(tmp_path, f"\N{ZERO WIDTH NO-BREAK SPACE}{plain}")
    packed = tmp_path / "packed.har.gz"
    packed.write_bytes(gzip.compress(plain.encode()))
    assert read_har(marked) == read_har(packed)


@pytest.mark.parametrize("response", [None, {}, {"status": 0}, {"status": -1}, {"status": "200"}])
def test_an_entry_without_an_answer_has_status_0(tmp_path: Path, response: Any) -> None:
    [found] = read_har(written(tmp_path, recording(entry(response=response)))).entries
    assert (found.status, found.content_type) == (0, "")


def test_a_status_written_with_a_fraction_is_still_a_status(tmp_path: Path) -> None:
    [found] = read_har(written(tmp_path, recording(entry(response={"status": 200.0})))).entries
    assert found.status == 200


@pytest.mark.parametrize("how", [{"_fromCache": "memory"}, {"_fetchedViaServiceWorker": True}])
def test_what_never_reached_the_network_is_known_from_what_the_browser_notes(tmp_path: Path, how: Any) -> None:
    here, there = read_har(written(tmp_path, recording(entry(**how), entry(_fetchedViaServiceWorker=False)))).entries
    assert (here.unseen, there.unseen) == (True, False)


def test_pages_are_read_with_their_times(tmp_path: Path) -> None:
    page = {"id": "page_1", "title": "News", "startedDateTime": "2026-11-24T09:05:07.000Z"}
    found = read_har(written(tmp_path, recording(entry(pageref="page_1"), pages=[page])))
    assert (found.entries[0].page, found.pages[0].page_id) == ("page_1", "page_1")


@pytest.mark.parametrize(
    ("whole", "said"),
    [
        ("", "line 1, column 1"),
        ('{"log": {"entries": [', "line 1, column 22"),
        ("[1, 2]", "log: found None; allowed: an object"),
        ({"log": {}}, "log.entries: found None; allowed: a list"),
        (recording(7), "log.entries[0].request: found None; allowed: an object"),
        (recording(entry(), entry(request={"method": "GET", "url": 5})), "log.entries[1].request.url: found 5"),
        (recording(entry(startedDateTime="yesterday")), "log.entries[0].startedDateTime: found 'yesterday'"),
        (recording(entry(startedDateTime=None)), "log.entries[0].startedDateTime: found None; allowed: text"),
        (recording(entry(startedDateTime="1969-12-31T23:59:59Z")), "allowed: a time from 1970 to 2199"),
        (recording(entry(startedDateTime="1970-01-01T00:00:00+05:00")), "allowed: a time from 1970 to 2199"),
        (recording(entry(startedDateTime="9999-12-31T23:59:59Z")), "allowed: a time from 1970 to 2199"),
        (recording(entry(response={"headers": 3})), "log.entries[0].response.headers: found 3"),
        (recording(entry(response={"headers": [{}]})), "log.entries[0].response.headers[0].name"),
        (recording(pages=5), "log.pages: found 5"),
        (recording(pages=[{}]), "log.pages[0].id"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_recording_is_refused_with_where_and_why(tmp_path: Path, whole: Any, said: str) -> None:
    path = written(tmp_path, whole)
    with pytest.raises(FairgateError) as fault:
        read_har(path)
    assert said in str(fault.value)
    assert str(path) in str(fault.value)


def test_other_files_and_none_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FairgateError, match="No such file"):
        read_har(tmp_path / "none.har")
    (tmp_path / "picture.har").write_bytes(b"\x89PNG\r\n\xff\xff")
    with pytest.raises(FairgateError, match="not text"):
        read_har(tmp_path / "picture.har")
    whole = gzip.compress(json.dumps(recording(entry())).encode())
    (tmp_path / "cut.har.gz").write_bytes(whole[:-9])
    with pytest.raises(FairgateError, match="damaged or cut short"):
        read_har(tmp_path / "cut.har.gz")
    monkeypatch.setattr(har, "LARGEST_BYTES", 10)
    with pytest.raises(FairgateError, match="larger than"):
        read_har(written(tmp_path, recording(entry())))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["log", "entries", "pages", "request", "response", "headers", "url", "id"]), inner
        )
    ),
)


@given(JSON)
def test_any_json_is_read_or_refused_in_a_sentence(tmp_path_factory: pytest.TempPathFactory, whole: Any) -> None:
    path = written(tmp_path_factory.getbasetemp(), {"log": {"entries": whole}})
    with suppress(FairgateError):
        read_har(path)
