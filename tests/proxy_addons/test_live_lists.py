"""The lists in force follow the file, beside the traffic, and the last good ones are kept."""

import asyncio
from pathlib import Path

import pytest

from analytics.categorise import Judge, Reason, Verdict
from analytics.event import Purpose
from analytics.lists.content import text_of
from analytics.lists.shelf import Shelf
from config.errors import ConfigError
from proxy_addons.live_lists import LiveLists
from tests.analytics.lists.small_lists import policy
from tests.proxy_addons.pipeline import OPENED, Pipeline, answer, request


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def apply(shelf: Shelf, *names: str, own: str = "bets") -> None:
    shelf.stage("careful", text_of({own: sorted(names)}), policy().imported, 1, 1)
    shelf.apply()


def live(tmp_path: Path) -> LiveLists:
    return LiveLists(tmp_path, policy())


def purpose(judge: Judge, host: str) -> Purpose:
    return judge.judge(host).purpose


def test_without_lists_the_policy_alone_judges(tmp_path: Path, shelf: Shelf) -> None:
    lists = live(tmp_path)
    assert not asyncio.run(lists.look())
    assert lists.judge.policy_version == policy().version


def test_new_lists_come_into_force_and_go_again(tmp_path: Path, shelf: Shelf) -> None:
    lists = live(tmp_path)
    assert purpose(lists.judge, "casino.example") is Purpose.UNKNOWN
    apply(shelf, "casino.example")
    assert asyncio.run(lists.look())
    assert not asyncio.run(lists.look())
    assert purpose(lists.judge, "casino.example") is Purpose.INAPPROPRIATE
    first = lists.judge.policy_version
    apply(shelf, "other.example")
    assert asyncio.run(lists.look())
    assert purpose(lists.judge, "casino.example") is Purpose.UNKNOWN
    shelf.roll_back()
    assert asyncio.run(lists.look())
    assert lists.judge.policy_version == first


def test_a_damaged_or_unreachable_file_leaves_the_last_good_one_in_force(tmp_path: Path, shelf: Shelf) -> None:
    apply(shelf, "casino.example")
    lists = live(tmp_path)
    version = lists.judge.policy_version
    whole = shelf.in_force_path.read_bytes()
    for damaged in (whole[:-1] + bytes([whole[-1] ^ 1]), whole[:50], b""):
        shelf.in_force_path.unlink()
        shelf.in_force_path.write_bytes(damaged)
        assert not asyncio.run(lists.look())
        assert purpose(lists.judge, "casino.example") is Purpose.INAPPROPRIATE
    tmp_path.rename(tmp_path.with_name("away"))
    assert not asyncio.run(lists.look())
    assert (lists.judge.policy_version, purpose(lists.judge, "www.casino.example")) == (version, Purpose.INAPPROPRIATE)


def test_the_first_lists_rolled_back_leave_none_in_force(tmp_path: Path, shelf: Shelf) -> None:
    lists = live(tmp_path)
    apply(shelf, "casino.example")
    assert asyncio.run(lists.look())
    shelf.roll_back()
    assert asyncio.run(lists.look())
    assert not asyncio.run(lists.look())
    assert (lists.judge.policy_version, purpose(lists.judge, "casino.example")) == (policy().version, Purpose.UNKNOWN)
    apply(shelf, "casino.example")
    assert asyncio.run(lists.look())
    assert purpose(lists.judge, "casino.example") is Purpose.INAPPROPRIATE


def test_with_damaged_lists_nothing_starts(tmp_path: Path, shelf: Shelf) -> None:
    shelf.in_force_path.write_bytes(b"hello")
    with pytest.raises(ConfigError, match="fairgate lists rollback"):
        live(tmp_path)


def test_while_requests_go_on_every_one_is_judged_by_the_old_lists_or_the_new(tmp_path: Path, shelf: Shelf) -> None:
    apply(shelf, "casino.example")
    lists = live(tmp_path)
    seen: list[tuple[str, Verdict]] = []
    old, new = lists.judge.policy_version, ""

    async def requests() -> None:
        while True:
            seen.append((lists.judge.policy_version, lists.judge.judge("casino.example")))
            await asyncio.sleep(0)

    async def run() -> None:
        nonlocal new
        going = asyncio.create_task(requests())
        for _ in range(20):
            await asyncio.sleep(0)
        apply(shelf, "casino.example", own="shops")
        assert await lists.look()
        new = lists.judge.policy_version
        await asyncio.sleep(0)
        going.cancel()

    asyncio.run(run())
    assert {(version, verdict.category) for version, verdict in seen} == {(old, "gambling"), (new, "shopping")}
    assert all(verdict.reason is Reason.LISTED for _, verdict in seen)


def test_everything_remembered_under_the_old_lists_is_let_go_of(tmp_path: Path, shelf: Shelf) -> None:
    lists = live(tmp_path)
    for number in range(2_000):
        lists.judge.judge(f"h{number}.example")
    apply(shelf, "h7.example")
    assert asyncio.run(lists.look())
    assert purpose(lists.judge, "h7.example") is Purpose.INAPPROPRIATE


def test_records_carry_the_version_that_decided_them(tmp_path: Path, shelf: Shelf) -> None:
    lists = live(tmp_path)
    pipeline = Pipeline(tmp_path, judged=(policy(), lists.judge))
    pipeline.exchange(request("https://www.casino.example/slots", OPENED), answer())
    apply(shelf, "casino.example")
    asyncio.run(lists.look())
    pipeline.exchange(request("https://www.casino.example/slots", OPENED), answer())
    before, after = pipeline.events
    assert (before.policy_version, before.category, before.rule) == (policy().version, "unknown", "")
    assert (after.policy_version, after.category, after.rule) == (
        lists.judge.policy_version,
        "gambling",
        "casino.example",
    )
    assert (after.list_name, after.purpose) == ("The careful list", Purpose.INAPPROPRIATE)
    compiled = shelf.in_force()
    assert compiled is not None
    assert after.list_version == compiled.lists[0].version
    assert after.policy_version != before.policy_version


def test_what_new_lists_shield_leaves_no_record(tmp_path: Path, shelf: Shelf) -> None:
    lists = live(tmp_path)
    pipeline = Pipeline(tmp_path, judged=(policy(), lists.judge))
    shelf.stage("rough", text_of({"cult": ["temple.example"]}), policy().imported, 1, 1)
    shelf.apply()
    asyncio.run(lists.look())
    pipeline.exchange(request("http://www.temple.example/hours", OPENED), answer())
    assert pipeline.spool.records == []
    assert pipeline.hello("www.temple.example", None)
    assert sum(count for _, count in pipeline.tally.take_all_shielded()) == 2


def test_the_watch_looks_by_itself_and_ends_with_the_gateway(tmp_path: Path, shelf: Shelf) -> None:
    lists = live(tmp_path)

    async def run() -> None:
        lists.running()
        apply(shelf, "casino.example")
        while lists.judge.policy_version == policy().version:
            await asyncio.sleep(0.05)
        lists.done()
        await asyncio.sleep(0)

    asyncio.run(run())
    assert purpose(lists.judge, "casino.example") is Purpose.INAPPROPRIATE
