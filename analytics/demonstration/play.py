"""Live traffic: the cast browses the stand-in web through the real gateway, several at once.

Owns who browses when. Promises: every request is in the ledger; a fault in one member's browser is raised, not lost.
"""

import socket
from concurrent.futures import ThreadPoolExecutor
from random import SystemRandom
from typing import Final

from analytics.categorise import Judge
from analytics.demonstration.browsing import Browser, Proxy, Seat
from analytics.demonstration.cast import CAST, SHARED_ADDRESS
from analytics.demonstration.ledger import Ledger
from analytics.demonstration.member import Member
from analytics.demonstration.school import DemoSchool
from analytics.demonstration.sites import in_topic

_AT_ONCE: Final = 6
_QUIET_TOPICS: Final = ("teaching", "running", "news")


def play(school: DemoSchool, proxy: Proxy, judge: Judge, ledger: Ledger) -> None:
    """Everybody's outing, start to end."""
    people = ThreadPoolExecutor(_AT_ONCE, "browser")
    try:
        for finished in [people.submit(_outing, member, school, proxy, judge, ledger) for member in CAST]:
            finished.result()
    finally:
        people.shutdown(cancel_futures=True)


def one_more_page(school: DemoSchool, proxy: Proxy, judge: Judge, ledger: Ledger) -> None:
    """Somebody opens a page: the light traffic that goes on while the demonstration stands."""
    chance = SystemRandom()
    member = chance.choice([member for member in CAST if member.told])
    page = chance.choice(chance.choice(in_topic(chance.choice(_QUIET_TOPICS))).addresses)
    with Browser(seat(member, school), proxy, judge, ledger) as browser:
        browser.visit(page)


def seat(member: Member, school: DemoSchool) -> Seat:
    """Where they sit: at their own device's address where this machine has it, else signed in at the proxy."""
    enrolled = school.people[member.key]
    sign_in = (member.username, enrolled.password)
    address = SHARED_ADDRESS if member.on_shared_device else member.address
    if address is None or not _usable(address):
        return Seat(enrolled.person_id, member.told, sign_in)
    return Seat(enrolled.person_id, member.told, sign_in if member.on_shared_device else None, address)


def _outing(member: Member, school: DemoSchool, proxy: Proxy, judge: Judge, ledger: Ledger) -> None:
    with Browser(seat(member, school), proxy, judge, ledger) as browser:
        at = ""
        for page in member.outing:
            at = browser.visit(page)
        if member.sends_form:
            browser.send_form(at)


def _usable(address: str) -> bool:
    """Linux answers on all of 127.0.0.0/8; other systems on 127.0.0.1 alone."""
    try:
        with socket.socket() as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True
