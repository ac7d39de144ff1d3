"""Wrong passwords: each further try waits longer; a right one begins anew; nobody's memory grows without end."""

import pytest

from analytics.portal import lock_out
from analytics.portal.lock_out import DEVICE, LONGEST_SECONDS, NAME, PAIR, SHORTEST_SECONDS, LockOut


def test_it_waits_longer_each_time_up_to_a_quarter_of_an_hour() -> None:
    lock, now = LockOut(), 1000.0
    for _ in range(PAIR - 1):
        lock.wrong("Anne", "10.0.0.5", now)
        assert not lock.locked("anne", "10.0.0.5", now)
    waits = []
    for _ in range(12):
        lock.wrong("anne", "10.0.0.5", now)
        begun = now
        while lock.locked("ANNE", "10.0.0.5", now):
            now += 5
        waits.append(now - begun)
    assert waits[0] == SHORTEST_SECONDS
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_SECONDS


def test_of_one_name_elsewhere_and_of_other_names_here_it_takes_more() -> None:
    lock = LockOut()
    for number in range(PAIR):
        lock.wrong("anne", "10.0.0.5", float(number))
    assert not lock.locked("anne", "10.0.0.6", 10.0)
    assert not lock.locked("ben", "10.0.0.5", 10.0)
    for number in range(DEVICE):
        lock.wrong(f"n{number}", "10.0.0.7", float(number))
    assert lock.locked("anybody", "10.0.0.7", float(DEVICE))
    for number in range(NAME):
        lock.wrong("cat", f"10.0.1.{number}", float(number))
    assert lock.locked("cat", "10.9.9.9", float(NAME))


def test_a_right_one_begins_anew() -> None:
    lock = LockOut()
    for _ in range(PAIR - 1):
        lock.wrong("anne", "10.0.0.5", 1.0)
    lock.right("Anne", "10.0.0.5")
    lock.wrong("anne", "10.0.0.5", 1.0)
    assert not lock.locked("anne", "10.0.0.5", 1.0)


def test_its_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_out, "REMEMBERED", 50)
    lock = LockOut()
    for number in range(500):
        lock.wrong(f"n{number}", f"10.0.{number // 250}.{number % 250}", 1.0)
    assert len(lock._tries) == 50
