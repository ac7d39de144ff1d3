"""Each second of `fairgate identity`: a failing one is tried again, and time away, or a clock set back, is a gap."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analytics.bindings import Heart, IdentityReader, IdentityTable
from analytics.bindings.pulse import read_pulse
from analytics.event import Method
from analytics.identity_turns import Turns
from analytics.records import Gap, GapReason
from analytics.registrar import Found
from tests.analytics.an_identity import Desk, an_identity
from tests.analytics.bindings.a_clock import Hands

HOUR_MS = 3_600_000


class Place:
    """An identity whose clock can be set; `turns` are those of a process that begins now."""

    def __init__(self, desk: Desk, hands: Hands) -> None:
        self.desk, self.hands, self.path = desk, hands, desk.identity.state.identity
        self.table = IdentityTable(self.path)
        self.turns = self.begins()

    def begins(self) -> Turns:
        return Turns(self.desk.identity, self.table, Heart(self.path, self.hands.clock))

    def binds(self, source: Method, person_id: str = "") -> str:
        found = Found(source=source, session=source, person_id=person_id, client_ip="10.0.0.77", from_ms=self.now())
        return self.desk.identity.registrar.open(found).binding_id

    def now(self) -> int:
        return self.hands.wall_ms()

    def gaps(self) -> list[Gap]:
        return [record for record in self.desk.kept.records if isinstance(record, Gap)]

    def named(self) -> set[str]:
        """By a worker that begins now."""
        reader = IdentityReader(self.path, self.hands.clock)
        reader.close()
        return {item.person_id for item in reader.now.at("10.0.0.77", self.now())}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    hands = Hands()
    for module in ("identity_turns", "sources.source"):
        monkeypatch.setattr(f"analytics.{module}.now_ms", hands.wall_ms)
    monkeypatch.setattr("tests.analytics.an_identity.now_ms", hands.wall_ms)
    with an_identity(tmp_path) as desk:
        made = Place(desk, hands)
        yield made
        made.table.close()


def test_a_turn_that_fails_is_tried_again_and_gives_no_sign_of_life(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = 0
    sound: Callable[[], None] = place.desk.identity.registrar.expire

    def expire() -> None:
        nonlocal turns
        turns += 1
        if turns < 3:
            raise sqlite3.OperationalError("database or disk is full")
        sound()

    monkeypatch.setattr(place.desk.identity.registrar, "expire", expire)
    before = read_pulse(place.path)

    async def run() -> None:
        task = asyncio.create_task(place.turns.run(0.05))
        while turns < 3:
            assert read_pulse(place.path) == before
            await asyncio.sleep(0.01)
        assert not task.done()
        task.cancel()

    asyncio.run(run())
    after = read_pulse(place.path)
    assert before is not None
    assert after is not None
    assert after.steady_ms > before.steady_ms


@pytest.mark.parametrize("how", ["died", "hung"])
def test_the_time_without_it_names_nobody_and_is_one_gap(place: Place, how: str) -> None:
    place.turns.turn()
    place.binds(Method.DHCP)
    place.binds(Method.RADIUS, "p-anne")
    assert place.named() == {"", "p-anne"}
    last = place.now()
    place.hands.passes(11_000)
    assert place.named() == set()
    place.hands.passes(HOUR_MS)
    turns = place.begins() if how == "died" else place.turns
    for _ in range(3):
        turns.turn()
    (gap,) = place.gaps()
    assert (gap.reason, gap.gateway) == (GapReason.UNNAMED, "gate-identity")
    assert gap.from_ms <= last
    assert gap.to_ms >= last + HOUR_MS
    assert place.named() != set()


def test_a_clock_set_back_revives_nobody_and_is_a_gap(place: Place) -> None:
    place.hands.wall_off = -HOUR_MS
    place.binds(Method.RADIUS, "p-anne")
    place.hands.wall_off = -HOUR_MS // 2
    place.binds(Method.DHCP)
    place.desk.identity.registrar.open(
        Found(source=Method.RADIUS, session="next", person_id="", client_ip="10.0.0.77", from_ms=place.now())
    )
    place.binds(Method.PORTAL, "p-ben")
    place.hands.wall_off = 0
    place.turns.turn()
    mark = place.now()
    place.hands.wall_off = -HOUR_MS * 3 // 4
    assert place.named() == set(), "Anne was here then"
    for _ in range(3):
        place.turns.turn()
    assert place.named() == set()
    place.hands.passes(HOUR_MS * 3 // 8)
    place.turns.turn()
    assert place.named() == {""}, "the lease goes on; whoever was signed in signs in anew"
    back = [gap for gap in place.gaps() if gap.reason is GapReason.CLOCK_STEP]
    assert len(back) == 1
    assert back[0].from_ms < back[0].to_ms <= mark + 60_000
