"""An event left out of a bundle, and everything else made to fit: who is found out, and who is not.

A bundle of one person's events proves what is in it, not what was left out. Whoever lacks the school's signing key is
found; whoever holds it is not. These tests state that limit, as verify.py, HOW-TO-CHECK.txt and SECURITY.md do: should
a bundle one day be able to show it, the second test here fails and says which sentences to change.
"""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from analytics.evidence.bundle import bundle_bytes, heads
from analytics.evidence.canonical_zip import zip_bytes
from analytics.evidence.keys import new_key
from analytics.evidence.verify import verify_bundle
from tests.analytics.evidence.samples import KEY, request
from tests.analytics.evidence.test_bundle import files_of
from tests.hostile.test_bundle_attacks import Files, lines, signed_again

ROW = 3


@pytest.fixture(scope="module")
def files() -> Files:
    """The files of a bundle without event `ROW`: nor its proof, nor its row of the spreadsheet."""
    whole = files_of(bundle_bytes(request()))
    short = {name: b"".join(_without(lines(whole[name]))) for name in ("events.jsonl", "proofs.jsonl")}
    header, *rows = csv.reader(io.StringIO(whole["events.csv"].decode(), newline=""))
    assert header[0] == "row"
    out = io.StringIO(newline="")
    csv.writer(out).writerows([header, *([str(n), *row[1:]] for n, row in enumerate(_without(rows), 1))])
    return {**whole, **short, "events.csv": out.getvalue().encode()}


def _without[T](rows: Sequence[T]) -> list[T]:
    return [*rows[:ROW], *rows[ROW + 1 :]]


def _problems(data: bytes, folder: Path, *held: str) -> list[str]:
    path = folder / "bundle.zip"
    path.write_bytes(data)
    return verify_bundle(path, held).problems


def _stated(files: Files) -> int:
    return int(json.loads(files["manifest.json"])["events"])


def test_whoever_has_no_key_of_the_school_is_found(files: Files, tmp_path: Path) -> None:
    assert any(
        "not the file that the manifest was signed for" in each for each in _problems(zip_bytes(files), tmp_path)
    )
    forged = signed_again(files, new_key(demonstration=True), events=_stated(files) - 1)
    assert _problems(forged, tmp_path) == ["manifest.json is signed by a key that made none of the seals."]


def test_the_limit_a_holder_of_the_school_s_key_is_not_found(files: Files, tmp_path: Path) -> None:
    forged = signed_again(files, KEY, events=_stated(files) - 1)
    assert _problems(forged, tmp_path) == []
    assert _problems(forged, tmp_path, heads(request())["gate-0"]) == []


def test_a_holder_of_the_key_who_does_not_correct_the_count_is_found(files: Files, tmp_path: Path) -> None:
    told = _problems(signed_again(files, KEY), tmp_path)
    assert told == [f"events.jsonl holds {_stated(files) - 1} events; the manifest says {_stated(files)}."]


def test_what_was_left_out_still_stands_in_the_school_s_seals_and_store(files: Files) -> None:
    """The seals count every record of a segment, the one left out among them, and the store has its leaf."""
    place = json.loads(lines(files_of(bundle_bytes(request()))["proofs.jsonl"])[ROW])
    [seal] = [
        statement
        for statement in (json.loads(line)["statement"] for line in lines(files["seals.jsonl"]))
        if statement["segment"] == place["segment"]
    ]
    [stored] = [each for each in request().segments if each.seal.segment == place["segment"]]
    assert place["index"] < seal["count"] == len(stored.leaves)
