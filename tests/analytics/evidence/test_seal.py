"""Seals."""

import json
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from analytics.evidence.keys import new_key
from analytics.evidence.seal import FIRST, Seal, Sealer, read
from config.errors import EvidenceError

SEALER = Sealer(new_key(demonstration=True))


def seal(segment: int = 1, previous: str = FIRST) -> Seal:
    return SEALER.seal(
        school="oakfield",
        gateway="gate-0",
        segment=segment,
        count=3,
        first_ms=1_790_000_000_000,
        last_ms=1_790_000_300_000,
        root=bytes(range(32)),
        previous=previous,
        closed_ms=1_790_000_300_500,
    )


def test_a_seal_reads_back_as_it_was_made() -> None:
    assert read(seal().encode()) == seal()


def test_the_statement_is_frozen() -> None:
    assert sorted(seal().statement) == [
        "closed_ms", "count", "demonstration", "first_ms", "gateway", "key_id", "last_ms", "previous", "root",
        "school", "segment", "version",
    ]  # fmt: skip
    assert seal().statement["version"] == 1


def test_its_file_is_rfc_8785_of_statement_signature_and_key() -> None:
    made = seal()
    plain: Any = {"statement": made.statement, "signature": made.signature, "public_key": made.public_key}
    assert made.encode() == rfc8785.dumps(plain)


def test_each_names_the_one_before() -> None:
    first = seal()
    assert seal(2, first.digest).previous == first.digest
    assert first.previous == "0" * 64


@pytest.mark.parametrize("change", [{"count": 4}, {"segment": 2}, {"root": "00" * 32}, {"demonstration": False}])
def test_a_changed_statement_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(EvidenceError, match="not signed by the key"):
        read(replace(seal(), **change).encode())  # type: ignore[arg-type]


def test_a_seal_by_another_key_under_this_keys_name_is_refused() -> None:
    forger = new_key(demonstration=True)
    made = seal()
    stolen = replace(made, public_key=forger.public_key.hex(), signature=forger.private.sign(b"x").hex())
    with pytest.raises(EvidenceError):
        read(stolen.encode())


def test_another_spelling_is_refused() -> None:
    with pytest.raises(EvidenceError, match="canonical"):
        read(json.dumps(json.loads(seal().encode())).encode())


@given(st.data())
def test_any_changed_bit_is_found(draw: st.DataObject) -> None:
    data = bytearray(seal().encode())
    data[draw.draw(st.integers(0, len(data) - 1))] ^= 1 << draw.draw(st.integers(0, 7))
    with pytest.raises(EvidenceError):
        read(bytes(data))


@given(st.binary(max_size=200) | st.just(b"{}") | st.just(b'{"statement":{}}'))
def test_anything_else_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(EvidenceError):
        read(data)
