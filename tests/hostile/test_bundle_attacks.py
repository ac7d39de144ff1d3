"""Attacks on a bundle, by somebody who may alter anything in it, and has no private key, or only one of their own.

Some go further and sign again with the school's own key, where even that does not help. One thing it does help with:
to leave an event out (tests/hostile/test_bundle_left_out.py).
"""

import csv
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analytics.canonical import canonical_bytes
from analytics.evidence.bundle import bundle_bytes, heads
from analytics.evidence.canonical_zip import zip_bytes
from analytics.evidence.keys import SigningKey, new_key
from analytics.evidence.seal import Sealer
from analytics.evidence.verify import NAMES, verify_bundle
from tests.analytics.evidence.samples import KEY, read_spool, request, spooled, term_events
from tests.analytics.evidence.test_bundle import files_of

type Files = dict[str, bytes]


@pytest.fixture(scope="module")
def whole() -> bytes:
    return bundle_bytes(request())


@pytest.fixture
def problems(tmp_path: Path) -> Callable[..., list[str]]:
    def check(data: bytes, *heads: str) -> list[str]:
        path = tmp_path / "bundle.zip"
        path.write_bytes(data)
        return verify_bundle(path, heads).problems

    return check


def lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def signed_again(files: Files, key: SigningKey, **changes: Any) -> bytes:
    """Hashes made to fit, and a signature by `key`: with `KEY`, the school's own, the strongest forgery there is."""
    listed = json.loads(files["keys.json"])
    entry = {"key_id": key.key_id, "public_key": key.public_key.hex(), "demonstration": key.demonstration}
    if entry not in listed["keys"]:
        listed["keys"].append(entry)
    files = files | {"keys.json": canonical_bytes(listed)}
    statement = (
        json.loads(files["manifest.json"]) | {"key_id": key.key_id, "demonstration": key.demonstration} | changes
    )
    statement["files"] = {name: hashlib.sha256(files[name]).hexdigest() for name in NAMES[:-2]}
    return zip_bytes({**files, "manifest.json": canonical_bytes(statement), "manifest.sig": key.sign(statement)})


def test_the_bundle_under_attack_holds(whole: bytes, problems: Callable[..., list[str]]) -> None:
    assert problems(whole) == []
    assert problems(signed_again(files_of(whole), KEY)) == []


def undetected(path: Path, places: Iterable[int]) -> list[int]:
    """The places where one changed bit goes unnoticed."""
    missed = []
    with path.open("r+b", buffering=0) as file:
        for at in places:
            whole = os.pread(file.fileno(), 1, at)
            os.pwrite(file.fileno(), bytes([whole[0] ^ 1 << at % 8]), at)
            if not verify_bundle(path).problems:
                missed.append(at)
            os.pwrite(file.fileno(), whole, at)
    return missed


@pytest.mark.slow
def test_one_changed_bit_in_any_byte_is_found(tmp_path: Path) -> None:
    small = bundle_bytes(request(5))
    path = tmp_path / "bundle.zip"
    path.write_bytes(small)
    # The report is most of the bytes and is only hashed, so of its middle every 97th byte stands for the rest.
    start, end = small.index(b"%PDF"), small.index(b"%%EOF")
    tried = [at for at in range(len(small)) if not start + 200 < at < end - 200 or at % 97 == 0]
    assert len(tried) > 10_000
    assert undetected(path, tried) == []


@pytest.mark.soak
def test_one_changed_bit_in_every_single_byte_is_found(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(bundle_bytes(request(5)))
    assert undetected(path, range(path.stat().st_size)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_file_is_named(whole: bytes, problems: Callable[..., list[str]], name: str) -> None:
    files = files_of(whole)
    half = len(files[name]) // 2
    files[name] = files[name][:half] + bytes([files[name][half] ^ 1]) + files[name][half + 1 :]
    expected = "manifest.json" if name.startswith("manifest") else name
    assert any(expected in problem for problem in problems(zip_bytes(files)))


def _removed(rows: list[bytes]) -> list[bytes]:
    return rows[:3] + rows[4:]


def _added(rows: list[bytes]) -> list[bytes]:
    return [*rows[:4], rows[3], *rows[4:]]


def _reordered(rows: list[bytes]) -> list[bytes]:
    return [*rows[:3], rows[4], rows[3], *rows[5:]]


@pytest.mark.parametrize("change", [_removed, _added, _reordered])
def test_rows_removed_added_or_reordered_are_found_even_when_a_key_holder_signs_again_without_correcting_the_rest(
    whole: bytes, problems: Callable[..., list[str]], change: Callable[[list[bytes]], list[bytes]]
) -> None:
    files = files_of(whole)
    for name in ("events.jsonl", "proofs.jsonl"):
        files[name] = b"".join(change(lines(files[name])))
    assert problems(zip_bytes(files))
    assert problems(signed_again(files, KEY))


@pytest.mark.parametrize(
    ("field", "value"), [("host", "forged.example"), ("gravity", 4), ("ts_ms", 1_793_610_000_001), ("path", "/forged")]
)
def test_an_altered_row_is_named_even_when_signed_again(
    whole: bytes, problems: Callable[..., list[str]], field: str, value: Any
) -> None:
    files = files_of(whole)
    rows = lines(files["events.jsonl"])
    rows[0] = canonical_bytes(json.loads(rows[0]) | {field: value}) + b"\n"
    files["events.jsonl"] = b"".join(rows)
    assert any("Event 1 " in problem and "not as it was sealed" in problem for problem in problems(zip_bytes(files)))
    assert any("Event 1 " in problem for problem in problems(signed_again(files, KEY)))


def test_an_event_of_somebody_else_is_found_though_it_is_sealed(
    tmp_path: Path, problems: Callable[..., list[str]]
) -> None:
    asked = request()
    other = replace(asked, person_id="p-02", events=(), visits=(), segments=asked.segments)
    files = files_of(bundle_bytes(asked))
    stolen = signed_again(files, KEY, person={"id": other.person_id, "name": "Somebody Else"})
    assert any("not of the person" in problem for problem in problems(stolen))


def test_swapped_proofs_are_found(whole: bytes, problems: Callable[..., list[str]]) -> None:
    files = files_of(whole)
    rows = lines(files["proofs.jsonl"])
    rows[0], rows[1] = rows[1], rows[0]
    files["proofs.jsonl"] = b"".join(rows)
    assert any("has another event's proof" in problem for problem in problems(signed_again(files, KEY)))


def test_a_proof_dressed_as_the_right_events_is_found(whole: bytes, problems: Callable[..., list[str]]) -> None:
    files = files_of(whole)
    rows = lines(files["proofs.jsonl"])
    first, second = json.loads(rows[0]), json.loads(rows[1])
    rows[0] = canonical_bytes(first | {"path": second["path"], "index": second["index"]}) + b"\n"
    files["proofs.jsonl"] = b"".join(rows)
    assert any("not as it was sealed" in problem for problem in problems(signed_again(files, KEY)))


def test_a_spreadsheet_that_says_something_else_is_found(whole: bytes, problems: Callable[..., list[str]]) -> None:
    files = files_of(whole)
    rows = list(csv.reader(io.StringIO(files["events.csv"].decode(), newline="")))
    rows[3][rows[0].index("host")] = "forged.example"
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    files["events.csv"] = out.getvalue().encode()
    assert "Row 3 of events.csv differs from its event in host." in problems(signed_again(files, KEY))


def test_a_seal_made_again_with_another_key_is_found(whole: bytes, problems: Callable[..., list[str]]) -> None:
    files, forger = files_of(whole), new_key(demonstration=True)
    rows = lines(files["seals.jsonl"])
    told = json.loads(rows[1])["statement"]
    told |= {"key_id": forger.key_id}
    made = {"statement": told, "signature": forger.sign(told).hex(), "public_key": forger.public_key.hex()}
    files["seals.jsonl"] = b"".join((rows[0], canonical_bytes(made) + b"\n", *rows[2:]))
    assert any("another key than the seals before" in problem for problem in problems(signed_again(files, forger)))
    assert any("does not follow" in problem for problem in problems(signed_again(files, KEY)))


@pytest.mark.parametrize("change", [_removed, _added, _reordered])
def test_seals_removed_added_or_reordered_are_found(
    whole: bytes, problems: Callable[..., list[str]], change: Callable[[list[bytes]], list[bytes]]
) -> None:
    files = files_of(whole)
    assert len(lines(files["seals.jsonl"])) >= 4
    files["seals.jsonl"] = b"".join(change(lines(files["seals.jsonl"]) + lines(files["seals.jsonl"])[:1] * 2))
    assert any("does not follow" in problem for problem in problems(signed_again(files, KEY)))


def test_a_manifest_from_another_bundle_is_found(whole: bytes, problems: Callable[..., list[str]]) -> None:
    other = files_of(bundle_bytes(request(60)))
    mixed = files_of(whole) | {name: other[name] for name in ("manifest.json", "manifest.sig")}
    assert any("is not the file that the manifest was signed for" in problem for problem in problems(zip_bytes(mixed)))


def test_a_manifest_signed_by_a_stranger_is_found(whole: bytes, problems: Callable[..., list[str]]) -> None:
    forged = signed_again(files_of(whole), new_key(demonstration=True))
    assert "manifest.json is signed by a key that made none of the seals." in problems(forged)


def test_a_whole_record_made_anew_is_found_by_the_head_held_outside(
    tmp_path: Path, problems: Callable[..., list[str]]
) -> None:
    """Whoever has root on the gateway can seal another history; only the copy outside the school shows it."""
    held = heads(request())["gate-0"]
    key = new_key(demonstration=True)
    tame = [replace(event, category="education") for event in term_events(40)]
    events, sealed = read_spool(spooled(tame, tmp_path / "spool", sealer=Sealer(key)))
    mine = tuple(event for event in events if event.person_id == "p-01")
    forged = bundle_bytes(replace(request(), events=mine, visits=(), segments=sealed, key=key))
    assert problems(forged) == []
    assert any("the record was re-made" in problem for problem in problems(forged, held))


def test_a_gateway_invented_beside_the_real_one_cannot_sign_the_report(
    whole: bytes, problems: Callable[..., list[str]]
) -> None:
    """Genuine seals and a genuine head, and one self-made seal whose key then signs another report."""
    held, forger = heads(request())["gate-0"], new_key(demonstration=True)
    files = files_of(whole)
    told = json.loads(lines(files["seals.jsonl"])[-1])["statement"] | {"gateway": "gate-9", "key_id": forger.key_id}
    made = {"statement": told, "signature": forger.sign(told).hex(), "public_key": forger.public_key.hex()}
    files["seals.jsonl"] += canonical_bytes(made) + b"\n"
    files["report.pdf"] = b"%PDF-1.7 another story %%EOF"
    forged = signed_again(files, forger)
    assert problems(forged) == []
    assert any("no head given here vouches for" in problem for problem in problems(forged, held))


def test_events_of_a_gateway_without_a_head_are_not_passed_off_as_vouched(
    tmp_path: Path, problems: Callable[..., list[str]]
) -> None:
    held, asked = heads(request())["gate-0"], request()
    moved = [replace(event, event_id=f"{event.event_id[:-1]}x") for event in term_events(8)]
    events, sealed = read_spool(spooled(moved, tmp_path / "spool", gateway="gate-9"))
    mine = [*asked.events, *(event for event in events if event.person_id == "p-01")]
    both = bundle_bytes(replace(asked, events=mine, segments=[*asked.segments, *sealed]))
    assert problems(both) == []
    assert any("events of gate-9" in problem for problem in problems(both, held))


def test_a_demonstration_cannot_pass_for_a_real_school(whole: bytes, problems: Callable[..., list[str]]) -> None:
    files = files_of(whole)
    statement = json.loads(files["manifest.json"]) | {"demonstration": False}
    signature = KEY.private.sign(canonical_bytes(statement))
    forged = zip_bytes({**files, "manifest.json": canonical_bytes(statement), "manifest.sig": signature})
    assert any("hides that it is a demonstration" in problem for problem in problems(forged))
    real = signed_again(files, new_key(demonstration=False))
    assert any("a demonstration's" in problem for problem in problems(real))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data + b"\x00",
        lambda data: b"\x00" + data,
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: data[:-2] + b"\x01\x00x",
        lambda data: b"",
        lambda data: b"PK\x05\x06" + bytes(18),
        lambda data: b"not a zip at all" * 9000,
    ],
)
def test_nothing_but_the_one_form_of_zip_is_accepted(
    whole: bytes, problems: Callable[..., list[str]], change: Callable[[bytes], bytes]
) -> None:
    assert problems(change(whole))


def test_the_same_files_in_an_ordinary_zip_are_not_accepted(whole: bytes, problems: Callable[..., list[str]]) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files_of(whole).items():
            made.writestr(name, data)
    assert problems(out.getvalue())


def test_files_swapped_in_order_are_not_accepted(whole: bytes, problems: Callable[..., list[str]]) -> None:
    assert problems(zip_bytes(dict(reversed(files_of(whole).items()))))


def test_a_file_that_is_not_there_is_a_sentence_not_a_traceback(tmp_path: Path) -> None:
    assert "cannot be read" in verify_bundle(tmp_path / "none.zip").problems[0]
