"""The judge with imported lists in force: the curated word stands, and a hint counts against nobody."""

from pathlib import Path

import pytest

from analytics.categorise import Judge, Reason
from analytics.event import NotInspected, Purpose
from analytics.lists.listed import ListsInForce
from tests.analytics.lists.small_lists import Holds, in_force, policy

HOLDS: Holds = {
    "careful": {
        "bets": ["casino.example", "www.twinkl.co.uk", "bbc.co.uk"],
        "porn": ["portal.example/after-dark", "boots.com/online-doctor"],
    },
    "rough": {
        "bets": ["maybe.example", "portal.example/odds"],
        "money": ["savings.example"],
        "cult": ["temple.example", "portal.example/temple"],
        "tools": ["lessons.example"],
    },
}


@pytest.fixture
def lists(tmp_path: Path) -> ListsInForce:
    return in_force(tmp_path, HOLDS)


@pytest.fixture
def judge(lists: ListsInForce) -> Judge:
    return Judge(policy(), lists)


@pytest.mark.parametrize(
    ("host", "path", "category", "purpose", "reason"),
    [
        ("www.casino.example", "/", "gambling", "inappropriate", Reason.LISTED),
        ("maybe.example", "/", "gambling", "unknown", Reason.HINT_ONLY),
        ("lessons.example", "/", "teaching_resources", "work", Reason.LISTED),
        ("portal.example", "/", "unknown", "unknown", Reason.NOT_LISTED),
        ("portal.example", "/after-dark/1", "adult", "inappropriate", Reason.PATH_LISTED),
        ("portal.example", "/odds", "gambling", "unknown", Reason.HINT_ONLY),
        ("www.twinkl.co.uk", "/", "teaching_resources", "work", Reason.LISTED),
        ("www.bbc.co.uk", "/sport", "sport", "private", Reason.PATH_LISTED),
        ("kittens.example", "/", "unknown", "unknown", Reason.NOT_LISTED),
    ],
)
def test_a_governor_would_agree_with(
    judge: Judge, host: str, path: str, category: str, purpose: str, reason: Reason
) -> None:
    verdict = judge.judge(host, path)
    assert (verdict.category, str(verdict.purpose), verdict.reason) == (category, purpose, reason)


def test_the_sentence_names_the_list_and_how_far_it_can_be_relied_on(judge: Judge) -> None:
    assert judge.judge("casino.example").sentence == (
        "casino.example is listed as Gambling, which is inappropriate use of school equipment "
        "(The careful list, version v-careful)."
    )
    hint = judge.judge("maybe.example")
    assert (hint.gravity, hint.keep) == (0, "host")
    assert "Gambling, but that list is not kept carefully enough to count it against anyone" in hint.sentence


def test_a_listed_site_of_a_shielded_kind_is_shielded_by_a_hint_too(judge: Judge) -> None:
    assert judge.shielded("www.temple.example")
    assert judge.pass_through("temple.example") is NotInspected.SHIELD
    assert judge.judge("temple.example").purpose is Purpose.SHIELDED
    assert not judge.shielded("portal.example")
    assert judge.judge("portal.example", "/temple/hours").purpose is Purpose.SHIELDED
    for path in ("/", "/temple"):
        area = judge.shield_area("temple.example" if path == "/" else "portal.example", path)
        assert area is not None
        assert area.key == "faith"
    assert judge.shield_area("portal.example", "/odds") is None


def test_a_listed_bank_is_not_opened(judge: Judge) -> None:
    assert judge.pass_through("www.savings.example") is NotInspected.BANKING


def test_without_lists_the_version_is_the_policys_and_with_them_it_is_not(lists: ListsInForce, tmp_path: Path) -> None:
    assert Judge(policy()).policy_version == policy().version
    (tmp_path / "2").mkdir()
    other = in_force(tmp_path / "2", {"careful": {"bets": ["casino.example"]}})
    versions = {Judge(policy(), one).policy_version for one in (None, lists, other)}
    assert len(versions) == 3
    assert Judge(policy(), lists).policy_version == Judge(policy(), lists).policy_version


def test_new_lists_count_from_the_next_request_for_hosts_seen_before_too(lists: ListsInForce) -> None:
    judge = Judge(policy())
    assert judge.judge("casino.example").reason is Reason.NOT_LISTED
    before = judge.use(lists)
    assert judge.judge("casino.example").reason is Reason.LISTED
    assert list(before) == ["casino.example"]
    judge.use(None)
    assert judge.judge("casino.example").reason is Reason.NOT_LISTED
    assert judge.policy_version == policy().version
