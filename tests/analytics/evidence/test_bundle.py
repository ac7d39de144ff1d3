"""The bundle."""

import csv
import io
import json
import stat
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.evidence import verify
from analytics.evidence.bundle import bundle_bytes, heads, write_bundle
from analytics.evidence.keys import new_key
from analytics.evidence.verify import verify_bundle
from config.errors import EvidenceError
from tests.analytics.evidence.samples import DAY_MS, KEY, MONDAY_MS, read_spool, request, spooled
from tests.analytics.spool.samples import web_event


def files_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_a_bundle_verifies_and_says_it_is_a_demonstration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_bundle(request(), tmp_path / "b.zip")
    assert verify.main([str(tmp_path / "b.zip")]) == 0
    said = capsys.readouterr().out
    assert said.startswith("*** DEMO ***")
    assert "Not checked against an outside copy" in said
    assert "30 events of p-01" in said


def test_the_head_held_outside_is_found_and_another_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_bundle(request(), tmp_path / "b.zip")
    head = heads(request())["gate-0"]
    assert verify.main([str(tmp_path / "b.zip"), "--head", head]) == 0
    assert "held outside agrees" in capsys.readouterr().out
    assert verify.main([str(tmp_path / "b.zip"), "--head", "ab" * 32]) == 1
    assert "no seal of this bundle" in capsys.readouterr().out


def test_an_earlier_head_says_what_it_does_not_cover(tmp_path: Path) -> None:
    asked = request()
    write_bundle(asked, tmp_path / "b.zip")
    found = verify_bundle(tmp_path / "b.zip", [asked.segments[0].seal.digest])
    assert found.problems == []
    assert any("events are later than the heads given" in note for note in found.notes)


def test_a_file_that_is_not_there_is_said_to_be_so_and_is_called_nothing_else(tmp_path: Path) -> None:
    for absent in (tmp_path / "none.zip", tmp_path):
        command = [sys.executable, verify.__file__, str(absent)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said = (done.returncode, done.stdout, done.stderr)
        assert said == (1, "", f"There is no file {absent}: nothing was checked.\n")


def test_the_same_request_twice_makes_the_same_bytes() -> None:
    assert bundle_bytes(request()) == bundle_bytes(request())


def test_the_checker_runs_alone_with_nothing_of_ours(tmp_path: Path) -> None:
    write_bundle(request(), tmp_path / "b.zip")
    alone = tmp_path / "verify.py"
    alone.write_bytes(Path(verify.__file__).read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", alone, tmp_path / "b.zip"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(alone.read_text().splitlines()) <= 300
    assert not any(line.startswith(("from analytics", "from config")) for line in alone.read_text().splitlines())


def test_whatever_a_site_put_into_an_address_the_bundle_still_verifies(tmp_path: Path) -> None:
    wicked = ("\r\n", 'a,"b"\nc', "=1+1", "\u2028x\x85", "'", '"', "\x00", ",", "\\n", "\x0b\x0c\x1c", "")
    events = [web_event(ts_ms=MONDAY_MS + at, path=text, search_phrase=text) for at, text in enumerate(wicked)]
    stored, sealed = read_spool(spooled(events, tmp_path / "spool"))
    write_bundle(replace(request(), events=stored, visits=(), segments=sealed), tmp_path / "b.zip")
    assert verify_bundle(tmp_path / "b.zip").problems == []


def test_only_the_owner_can_read_it_and_it_replaces_whole(tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_text("earlier")
    write_bundle(request(), tmp_path / "b.zip")
    assert stat.S_IMODE((tmp_path / "b.zip").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["b.zip"]


def test_nobody_elses_data_is_in_it() -> None:
    others = replace(web_event(ts_ms=MONDAY_MS), person_id="p-02", host="secret.example")
    files = files_of(bundle_bytes(request()))
    assert not any(b"p-02" in data or others.host.encode() in data for data in files.values())
    mine = {event.event_id for event in request().events}
    rows = [json.loads(line) for line in files["events.jsonl"].splitlines()]
    assert {row["event_id"] for row in rows} == mine
    assert {row["person_id"] for row in rows} == {"p-01"}


def test_every_file_is_openable_by_ordinary_tools() -> None:
    files = files_of(bundle_bytes(request()))
    rows = list(csv.DictReader(io.StringIO(files["events.csv"].decode())))
    assert len(rows) == 30
    assert rows[0]["time_london"].startswith("2026-11-02 ")
    assert json.loads(files["manifest.json"])["events"] == 30
    assert files["report.pdf"].startswith(b"%PDF-1.7")
    assert b"python verify.py" in files["HOW-TO-CHECK.txt"]


def test_openssl_alone_checks_the_signature(tmp_path: Path) -> None:
    files = files_of(bundle_bytes(request()))
    for name in ("manifest.json", "manifest.sig"):
        (tmp_path / name).write_bytes(files[name])
    public = json.loads(files["keys.json"])["keys"][0]["public_key"]
    (tmp_path / "key.der").write_bytes(bytes.fromhex("302a300506032b6570032100" + public))
    recipe = "openssl pkeyutl -verify -pubin -inkey key.der -keyform DER -rawin -in manifest.json -sigfile manifest.sig"
    done = subprocess.run(recipe.split(), cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Signature Verified Successfully" in done.stdout
    assert recipe in files["HOW-TO-CHECK.txt"].decode()


def test_events_not_yet_sealed_are_left_out_and_it_says_so(tmp_path: Path) -> None:
    asked = request()
    last = asked.segments[-1].seal
    waiting = [event for event in asked.events if event.segment == last.segment]
    asked = replace(asked, segments=asked.segments[:-1])
    write_bundle(asked, tmp_path / "b.zip")
    found = verify_bundle(tmp_path / "b.zip")
    assert found.problems == []
    assert found.manifest["not_yet_sealed"] == len(waiting) > 0
    assert found.manifest["events"] == 30 - len(waiting)


def test_a_bundle_without_any_event_still_verifies(tmp_path: Path) -> None:
    write_bundle(replace(request(), events=(), visits=(), segments=()), tmp_path / "b.zip")
    assert verify_bundle(tmp_path / "b.zip").problems == []


@pytest.mark.parametrize("change", [{"path": "/other"}, {"gravity": 0}, {"seq": 77}, {"host": "x.example"}])
def test_a_row_altered_in_the_store_stops_the_export_and_is_named(change: dict[str, object]) -> None:
    asked = request()
    altered = replace(asked.events[5], **change)  # type: ignore[arg-type]
    with pytest.raises(EvidenceError, match="is not as it was sealed") as fault:
        bundle_bytes(replace(asked, events=(*asked.events[:5], altered, *asked.events[6:])))
    assert altered.event_id in str(fault.value)


def test_a_leaf_list_altered_in_the_store_stops_the_export() -> None:
    asked = request()
    first = asked.segments[0]
    short = replace(first, leaves=first.leaves[:-1])
    with pytest.raises(EvidenceError, match="not the ones that were sealed"):
        bundle_bytes(replace(asked, segments=(short, *asked.segments[1:])))


def test_another_persons_event_stops_the_export() -> None:
    asked = request()
    stray = replace(asked.events[0], person_id="p-02")
    with pytest.raises(EvidenceError, match="is not of p-01"):
        bundle_bytes(replace(asked, events=(stray,), visits=()))


def test_an_event_outside_the_period_or_doubled_stops_the_export() -> None:
    asked = request()
    late = replace(asked.events[0], ts_ms=MONDAY_MS + 40 * DAY_MS)
    with pytest.raises(EvidenceError, match="outside the period"):
        bundle_bytes(replace(asked, events=(late,), visits=()))
    with pytest.raises(EvidenceError, match="came twice"):
        bundle_bytes(replace(asked, events=(asked.events[0], asked.events[0]), visits=()))


def test_a_visit_that_rests_on_no_event_stops_the_export() -> None:
    asked = request()
    made_up = dict(asked.visits[0]) | {"visit_id": "made-up"}
    with pytest.raises(EvidenceError, match="rests on no stored event"):
        bundle_bytes(replace(asked, visits=(made_up,)))


def test_a_missing_seal_or_a_key_of_another_school_stops_the_export() -> None:
    asked = request()
    with pytest.raises(EvidenceError, match="does not follow the one before"):
        bundle_bytes(replace(asked, segments=(asked.segments[0], *asked.segments[2:])))
    with pytest.raises(EvidenceError, match="made none of the seals"):
        bundle_bytes(replace(asked, key=new_key(demonstration=True)))
    with pytest.raises(EvidenceError, match="demonstration"):
        bundle_bytes(replace(asked, key=new_key(demonstration=False)))
    assert asked.key is KEY
