"""The cast and their stories."""

from collections import Counter
from ipaddress import ip_address

from analytics.categorise import Judge
from analytics.demonstration.cast import (
    BUNDLE_MEMBER,
    BY_KEY,
    CAST,
    CHAIR,
    HEADTEACHER,
    PERMITS,
    REQUESTS,
    SHARED_ADDRESS,
    TECHNICIAN,
)
from analytics.demonstration.sites import BY_HOST, in_topic
from analytics.governance.roles import PersonType
from config.policy import Policy


def test_there_are_twelve_with_names_and_sign_ins_of_their_own() -> None:
    assert len(CAST) == len({member.name for member in CAST}) == len({member.username for member in CAST}) == 12


def test_every_kind_of_person_the_policy_covers_is_there() -> None:
    assert {member.person_type for member in CAST} == {str(kind) for kind in PersonType} - {"contractor"}


def test_the_viewers_and_the_bundle_name_three_people_and_a_fourth() -> None:
    assert len({HEADTEACHER, CHAIR, TECHNICIAN, BUNDLE_MEMBER} & BY_KEY.keys()) == 4


def test_one_has_not_been_told() -> None:
    assert Counter(member.told for member in CAST) == {True: 11, False: 1}


def test_devices_are_on_loopback_and_nobody_shares_one_by_mistake() -> None:
    addresses = [member.address for member in CAST if member.address] + [SHARED_ADDRESS]
    assert all(ip_address(address).is_loopback for address in addresses)
    assert len(set(addresses)) == len(addresses)
    assert any(member.on_shared_device for member in CAST)


def test_hours_permissions_and_habits_name_what_exists(policy: Policy) -> None:
    assert {member.hours for member in CAST} <= policy.hours.keys()
    assert {category for permit in (*PERMITS, *REQUESTS) for category in permit.categories} <= policy.categories.keys()
    assert all(in_topic(habit.topic) for member in CAST for habit in member.habits)


def test_every_story_leads_to_a_site_that_stands_in(judge: Judge) -> None:
    hosts = {url.split("/")[2] for member in CAST for url in member.outing}
    assert hosts - BY_HOST.keys() == {"amazon.co.uk", "bit.ly"}


def test_somebody_gambles_exactly_twice(judge: Judge) -> None:
    lapses = [lapse for member in CAST for lapse in member.lapses]
    assert [judge.judge(lapse.url.split("/")[2]).category for lapse in lapses] == ["gambling", "gambling"]
