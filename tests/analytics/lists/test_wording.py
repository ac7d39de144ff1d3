"""What the person at the screen is told."""

from dataclasses import replace
from pathlib import Path

from analytics.lists.adblock import EXCEPTED
from analytics.lists.content import text_of
from analytics.lists.difference import Difference
from analytics.lists.faults import Faults
from analytics.lists.importing import Imported
from analytics.lists.shelf import Shelf
from analytics.lists.wording import told_of_import, told_of_shelf
from tests.analytics.lists.small_lists import CAREFUL, listed, policy

DAY_MS = 86_400_000
NOW = 1_793_613_600_000  # 2 November 2026


def shelf_with(folder: Path, taken_ms: int) -> Shelf:
    shelf = Shelf(folder)
    shelf.stage("rough", text_of({"bets": ["a.example"], "cult": ["b.example"]}), policy().imported, NOW, taken_ms)
    return shelf


def test_an_import_tells_what_was_read_what_was_not_and_what_would_change() -> None:
    faults = Faults()
    faults.add("games/domains", 3, "co.uk", "it covers strangers")
    faults.leave_out("regular expressions", 1_234)
    change = Difference({("rough", "bets"): (1_000, 2), ("rough", "cult"): (1, 0), ("rough", EXCEPTED): (3, 0)}, 7)
    assert list(told_of_import(Imported(policy().imported[1], faults, 5_000, change), policy())) == [
        "The rough list: 5,000 names read.",
        "  left out: 1,234 regular expressions",
        "  not taken: 1 lines: it covers strangers",
        "    games/domains, line 3: 'co.uk': it covers strangers",
        "What would change:",
        "  rough: bets (Gambling, hint): 1,000 added, 2 removed",
        "  rough: cult (shielded: Faith and belief): 1 added, 0 removed",
        "  rough: exceptions, of which the list says nothing: 3 added, 0 removed",
        "  Of the names in these lists, 7 reach sites that the school's own lists call something else; "
        "there the school's own word stands.",
    ]


def test_no_change_is_said_so() -> None:
    told = list(told_of_import(Imported(policy().imported[1], Faults(), 5, Difference({}, 0)), policy()))
    assert told[-1] == "Nothing would change."


def test_a_list_of_one_kind_and_one_without_meaning_are_named() -> None:
    made = policy(listed("plain", ()))
    change = Difference({("plain", "="): (1, 0), ("plain", "=adult"): (1, 0), ("plain", "odd"): (1, 0)}, 0)
    told = "\n".join(told_of_import(Imported(made.imported[0], Faults(), 3, change), made))
    assert "plain: all of it (Advertising, hint): 1 added" in told
    assert "plain: all of it (Adult content, hint): 1 added" in told
    assert "plain: odd (no meaning here): 1 added" in told


def test_nothing_in_force_says_what_to_do(tmp_path: Path) -> None:
    assert list(told_of_shelf(Shelf(tmp_path), policy(), NOW)) == [
        "No imported lists are in force. Get one: fairgate lists update, or fairgate lists import."
    ]


def test_what_is_in_force_and_what_waits_are_told_with_age_quality_and_counts(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, NOW)
    told = list(told_of_shelf(shelf, policy(), NOW))
    assert told[1].startswith("Waiting, made 2 November 2026, version ")
    shelf.apply()
    told = list(told_of_shelf(shelf, policy(), NOW + 90 * DAY_MS))
    assert told[0].endswith(": 2 domains.")
    assert told[1].startswith("  rough: The rough list, version ")
    assert told[1].endswith(", of 2 November 2026; quality: hint")
    assert told[2:] == ["            1  bets (Gambling, hint)", "            1  cult (shielded: Faith and belief)"]


def test_an_old_list_is_warned_of(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, NOW - 91 * DAY_MS)
    shelf.apply()
    assert any("WARNING: 91 days old; lists.toml allows 90" in line for line in told_of_shelf(shelf, policy(), NOW))


def test_a_list_that_lists_toml_no_longer_has_is_named(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, NOW)
    shelf.apply()
    others = replace(policy(), imported=(listed("careful", CAREFUL),))
    assert any("no longer in lists.toml, so it says nothing" in line for line in told_of_shelf(shelf, others, NOW))


def test_damaged_lists_and_earlier_ones_are_told(tmp_path: Path) -> None:
    shelf = shelf_with(tmp_path, NOW)
    shelf.apply()
    shelf.stage("rough", text_of({"bets": ["c.example"]}), policy().imported, NOW, NOW)
    shelf.apply()
    shelf.in_force_path.unlink()
    shelf.in_force_path.write_bytes(b"x")
    told = list(told_of_shelf(shelf, policy(), NOW))
    assert "is damaged. Go back to the lists before it: fairgate lists rollback." in told[0]
    assert told[-1] == "Kept from before: 1. Go back to the last by fairgate lists rollback."
