"""calendar.toml, and how dates that cannot be meant are refused."""

from datetime import date
from pathlib import Path

import pytest

from config.calendar_file import read_calendar
from config.errors import ConfigError

WHO = 'why = "As the governors agreed."\nauthor = "Head"\n'
GOOD = f"""\
[[terms]]
title = "Spring"
first = 2026-01-06
last = 2026-03-27
half_term_first = 2026-02-16
half_term_last = 2026-02-20
{WHO}
[[terms]]
title = "Summer"
first = 2026-04-13
last = 2026-07-21
{WHO}
[[inset]]
day = 2026-01-05
{WHO}
[[closures]]
first = 2026-01-14
last = 2026-01-14
{WHO}
[bank_holidays]
source = "gov.uk"
first = 2026-01-01
last = 2026-12-31
days = [2026-01-01, 2026-04-03, 2026-05-04]
"""
BOXING_SHUT_DOWN = f"\n[[closures]]\nfirst = 2026-12-24\nlast = 2026-12-31\n{WHO}"


def read(folder: Path, text: str) -> object:
    path = folder / "calendar.toml"
    path.write_text(text, "utf-8")
    return read_calendar(path)


def test_a_calendar_is_read_as_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "calendar.toml").write_text(GOOD, "utf-8")
    found = read_calendar(tmp_path / "calendar.toml")
    assert [(term.title, term.half_term) for term in found.terms] == [
        ("Spring", (date(2026, 2, 16), date(2026, 2, 20))),
        ("Summer", None),
    ]
    assert [each.day for each in found.inset] == [date(2026, 1, 5)]
    assert [each.first for each in found.closures] == [date(2026, 1, 14)]
    assert found.bank_holidays.days == (date(2026, 1, 1), date(2026, 4, 3), date(2026, 5, 4))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("day = 2026-01-05", "day = 2026-02-16"),
        ("day = 2026-01-05", "day = 2026-08-28"),
        ("day = 2026-01-05", "day = 2026-01-12"),
        ("[bank_holidays]", f"{BOXING_SHUT_DOWN}\n[bank_holidays]"),
    ],
)
def test_an_inset_day_in_a_holiday_and_a_shut_down_outside_term_are_meant(tmp_path: Path, old: str, new: str) -> None:
    assert read(tmp_path, GOOD.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("last = 2026-03-27", "last = 2026-01-05", "line 4: terms.0.last: found '2026-01-05'; allowed: a day not befo"),
        (
            "first = 2026-04-13",
            "first = 2026-03-27",
            "line 12: terms.1.first: found '2026-03-27'; allowed: a day aft",
        ),
        ("first = 2026-04-13", "first = 2026-06-13", "line 12: terms.1.first: found '2026-06-13'; allowed: at most 70"),
        ("half_term_first = 2026-02-16", "half_term_first = 2026-02-21", "line 6: terms.0.half_term_last: found '2026"),
        ("half_term_first = 2026-02-16", "half_term_first = 2025-12-16", "line 5: terms.0.half_term_first: found '202"),
        ("half_term_last = 2026-02-20", "half_term_last = 2026-03-27", "line 6: terms.0.half_term_last: found '2026-0"),
        ("half_term_last = 2026-02-20\n", "", "line 1: terms.0.half_term_last: found nothing; allowed: both days"),
        (
            "day = 2026-01-05",
            "day = 2026-01-10",
            "line 18: inset.0.day: found '2026-01-10'; allowed: a day from Mon",
        ),
        ("day = 2026-01-05", "day = 2026-05-04", "line 18: inset.0.day: found '2026-05-04'; allowed: a day that is no"),
        ("day = 2026-01-05", "day = 2026-01-14", "line 18: inset.0.day: found '2026-01-14'; allowed: a day on which"),
        (
            "[[closures]]",
            f"[[inset]]\nday = 2026-01-05\n{WHO}\n[[closures]]",
            "inset.1.day: found '2026-01-05'",
        ),
        ("last = 2026-01-14", "last = 2026-01-13", "line 24: closures.0.last: found '2026-01-13'; allowed: a day not"),
        ("2026-05-04]", "2026-05-04, 2026-05-04]", "bank_holidays.days: found '2026-05-04'; allowed: each day once"),
        ("2026-05-04]", "2027-01-01]", "line 32: bank_holidays.days: found '2027-01-01'; allowed: a day from 2026-01-"),
        ("last = 2026-12-31", "last = 2025-12-31", "bank_holidays.last: found '2025-12-31'; allowed: a day not bef"),
        ('source = "gov.uk"\n', "", "bank_holidays.source: found nothing"),
        (
            "first = 2026-01-06",
            'first = "2026-01-06"',
            "line 3: terms.0.first: found '2026-01-06'; allowed: a valid date",
        ),
        ("first = 2026-01-06", "first = 0026-01-06", "line 3: terms.0.first"),
        ("[[inset]]", "[[insets]]", "insets: found"),
        ('author = "Head"\n', "", "line 1: terms.0.author: found nothing"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_file_line_key_found_and_allowed(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    assert old in GOOD
    with pytest.raises(ConfigError) as fault:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert "calendar.toml" in str(fault.value)
    assert says in str(fault.value)


@pytest.mark.parametrize("key", ["why", "author"])
@pytest.mark.parametrize("table", ["terms", "inset", "closures"])
def test_a_decision_without_its_reason_or_author_does_not_load(tmp_path: Path, table: str, key: str) -> None:
    before, header, after = GOOD.partition(f"[[{table}]]")
    lines = after.splitlines(keepends=True)
    del lines[next(number for number, line in enumerate(lines) if line.startswith(f"{key} ="))]
    with pytest.raises(ConfigError, match=rf"{table}\.0\.{key}: found nothing"):
        read(tmp_path, before + header + "".join(lines))


def test_bank_holidays_that_end_before_the_first_term_are_refused(tmp_path: Path) -> None:
    early = GOOD.replace("first = 2026-01-01\nlast = 2026-12-31", "first = 2025-01-01\nlast = 2026-01-02")
    with pytest.raises(ConfigError, match="allowed: bank holidays that reach into the terms"):
        read(tmp_path, early.replace("days = [2026-01-01, 2026-04-03, 2026-05-04]", "days = [2026-01-01]"))
