"""Who accepted the gateway's certificate for what, bounded and forgotten after a day."""

from proxy_addons.accepting import CLIENTS, DAY_MS, SITES, Accepting

NOON = 1_800_000_000_000


def test_a_site_counts_as_opened_for_a_day() -> None:
    accepting = Accepting()
    accepting.accepted("d-1", "a.example", NOON)
    assert accepting.opened("d-1", "a.example", NOON + DAY_MS - 1)
    assert not accepting.opened("d-1", "a.example", NOON + DAY_MS)
    assert not accepting.opened("d-1", "b.example", NOON)
    assert not accepting.opened("d-2", "a.example", NOON)


def test_others_are_counted_without_the_site_itself() -> None:
    accepting = Accepting()
    for number, host in enumerate(("a.example", "b.example", "c.example")):
        accepting.accepted("d-1", host, NOON + number)
    assert accepting.others("d-1", "c.example", NOON) == (2, NOON + 1)
    assert accepting.others("d-1", "c.example", NOON + 1) == (1, NOON + 1)
    assert accepting.others("d-1", "", NOON + 9) == (0, 0)
    assert accepting.others("d-2", "a.example", NOON) == (0, 0)


def test_it_is_bounded_and_the_oldest_give_way() -> None:
    accepting = Accepting()
    for number in range(SITES + 1):
        accepting.accepted("d-1", f"{number}.example", NOON)
    assert not accepting.opened("d-1", "0.example", NOON)
    assert accepting.others("d-1", "", NOON)[0] == SITES
    for number in range(CLIENTS):
        accepting.accepted(f"10.0.{number}", "a.example", NOON)
    assert accepting.others("d-1", "", NOON) == (0, 0)
