"""The audit log can be added to, and any other change is refused, or found."""

import json
import sqlite3
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from analytics.canonical import leaf_hash
from analytics.governance import Action, Governance, Head

FROZEN = (
    '{"detail":{"span":"2026-11-20"},"previous":"' + "0" * 64 + '","record":"audit","role":"chair",'
    '"school":"oakfield","seq":1,"session":"v-1","ts_ms":1795000000000,"v":1,'
    '"what":"looked_at_day","who":"a-1","whom":"p-1","why":"matter 3"}'
)
"""Version 1 of the entry: stored logs are made of exactly this."""


def _tamper(place: Path, *statements: str) -> None:
    """As somebody with the file and no respect for triggers would."""
    with sqlite3.connect(place) as raw:
        raw.execute("DROP TRIGGER audit_no_update")
        raw.execute("DROP TRIGGER audit_no_delete")
        for statement in statements:
            raw.execute(statement)
    raw.close()


def _write(governance: Governance, count: int = 4) -> None:
    for number in range(count):
        governance.audit.record("a-1", f"p-{number}", Action.LOOKED_AT_PERSON, "weekly")


def test_an_untouched_log_holds(governance: Governance) -> None:
    _write(governance)
    assert governance.verify_audit(governance.audit.head()) == []
    assert governance.audit.head().seq == 5


def test_the_form_of_an_entry_is_frozen(governance: Governance, place: Path) -> None:
    governance.audit.record("a-1", "p-1", Action.LOOKED_AT_DAY, "matter 3", role="chair", session="v-1")
    with sqlite3.connect(place) as raw:
        stored = json.loads(raw.execute("SELECT entry FROM audit WHERE seq = 2").fetchone()[0])
    raw.close()
    frozen = json.loads(FROZEN)
    assert stored.keys() == frozen.keys()
    assert {name: type(value) for name, value in stored.items()} == {n: type(v) for n, v in frozen.items()}
    assert json.dumps(frozen, sort_keys=True, separators=(",", ":")) == FROZEN
    assert leaf_hash(FROZEN.encode()).hex() == "e078e2efd84ae332b55d947a9bbf8331fa8b00cf2f220d8ed724b03a2460339a"


def test_each_entry_holds_the_hash_of_the_one_before(governance: Governance, place: Path) -> None:
    _write(governance)
    with sqlite3.connect(place) as raw:
        rows = raw.execute("SELECT entry, hash FROM audit ORDER BY seq").fetchall()
    raw.close()
    for (_, before), (entry, own) in pairwise(rows):
        assert json.loads(entry)["previous"] == before
        assert leaf_hash(entry.encode()).hex() == own


@pytest.mark.parametrize("statement", ["UPDATE audit SET why = 'x'", "DELETE FROM audit WHERE seq = 1"])
def test_the_database_refuses_to_change_an_entry(governance: Governance, place: Path, statement: str) -> None:
    with sqlite3.connect(place) as raw, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute(statement.replace("why", "what"))
    raw.close()
    assert governance.verify_audit() == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit SET entry = replace(entry, 'weekly', 'nightly') WHERE seq = 3", "Entry 3 was changed"),
        ("UPDATE audit SET hash = 'ff' WHERE seq = 3", "Entry 3 was changed"),
        ("UPDATE audit SET whom = 'p-9' WHERE seq = 3", "columns to search by differ"),
        ("DELETE FROM audit WHERE seq = 3", "Entry 3 is missing"),
        ("DELETE FROM audit WHERE seq = 1", "Entry 1 is missing"),
        ("DELETE FROM audit WHERE seq = 5", "shortened or rewritten"),
    ],
)
def test_a_tampered_log_is_found(governance: Governance, place: Path, statement: str, said: str) -> None:
    _write(governance)
    head = governance.audit.head()
    _tamper(place, statement)
    assert any(said in fault for fault in governance.verify_audit(head))


def test_a_changed_entry_with_its_hash_made_again_is_found_by_the_next(governance: Governance, place: Path) -> None:
    _write(governance)
    with sqlite3.connect(place) as raw:
        entry = raw.execute("SELECT entry FROM audit WHERE seq = 3").fetchone()[0].replace("weekly", "nightly")
    raw.close()
    fresh = leaf_hash(entry.encode()).hex()
    _tamper(place, f"UPDATE audit SET entry = '{entry}', hash = '{fresh}' WHERE seq = 3")  # noqa: S608 - the test tampers
    assert governance.verify_audit() == [
        "Entry 4 does not follow entry 3: something before it was changed or taken out."
    ]


def test_entries_that_changed_places_are_found(governance: Governance, place: Path) -> None:
    _write(governance)
    _tamper(
        place,
        "UPDATE audit SET seq = 99 WHERE seq = 3",
        "UPDATE audit SET seq = 3 WHERE seq = 4",
        "UPDATE audit SET seq = 4 WHERE seq = 99",
    )
    assert governance.verify_audit()


def test_a_log_rewritten_from_the_start_is_found_by_a_head_kept_outside(
    governance: Governance, tmp_path: Path, place: Path
) -> None:
    _write(governance)
    kept = governance.audit.head()
    other = Governance.found(tmp_path / "other.sqlite", "oakfield", "Oakfield Primary")
    _write(other)
    assert other.verify_audit() == []
    assert other.verify_audit(kept) != []
    assert other.verify_audit(Head(0, "0" * 64)) == []
    other.close()


def test_an_act_that_fails_leaves_no_entry(governance: Governance) -> None:
    before = governance.audit.head()
    with pytest.raises(Exception, match="no device"):
        governance.devices.assign("d-none", "p-none")
    assert governance.audit.head() == before


def test_entries_are_read_newest_first_and_by_subject(governance: Governance) -> None:
    _write(governance)
    assert [entry.seq for entry in governance.audit.entries(limit=2)] == [5, 4]
    assert [entry.whom for entry in governance.audit.entries(whom="p-2")] == ["p-2"]
    assert governance.audit.entries(until_ms=1) == []


def test_many_writers_at_once_make_one_chain(governance: Governance, run_together: Callable[..., None]) -> None:
    run_together(8, lambda: _write(governance, 5))
    assert governance.audit.head().seq == 41
    assert governance.verify_audit() == []
