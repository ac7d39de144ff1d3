"""A whole school day behind a gateway in line, with everything real and the store away until evening: what stands in
the store then names the right person with the right grade, or nobody; and whatever is missing is a gap."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import expect, sync_playwright

from analytics.sources.source import now_ms
from analytics.store.remote import RemoteStore
from config.errors import StoreError
from config.policy import load_policy
from tests.end_to_end.browsing import CHROME
from tests.end_to_end.namespaces import SERVER, running, served_web
from tests.end_to_end.school_day import FIRST_PORT, HAND_OVER_MS, MACS, PUPILS, SchoolDay, browser_in
from tests.end_to_end.school_network import GATEWAY, school_network, unavailable
from tests.end_to_end.test_browser_through_proxy import certutil
from tests.proxy_addons.local_web import wait_until

MISSING = [tool for tool in ("chromium", "certutil", "ss") if shutil.which(tool) is None]
WHY_NOT = unavailable() or (f"not installed: {', '.join(MISSING)}" if MISSING else "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "available"),
]
NOTICE = load_policy().notice


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Evening"]:
    folder = tmp_path_factory.mktemp("d")
    with ExitStack() as stack:
        network = stack.enter_context(school_network(folder))
        stack.enter_context(served_web(network.made, folder / "web"))
        day = SchoolDay(network, folder / "s", folder / "web" / "web-ca.pem", stack)
        day.enrol()
        with ExitStack() as daytime:
            day.stack = daytime
            day.open()
            the_day(day, folder)
        stack.enter_context(running(network.made, day.root, "store"))
        yield Evening(day)


def the_day(day: SchoolDay, folder: Path) -> None:
    """What happens, in its order."""
    a_laptop_with_a_lease(day)
    a_shared_computer(day)
    a_lease_that_moves(day)
    the_notice_in_a_browser(day, folder)
    an_app_that_pins(day)
    ways_round(day)
    a_worker_is_killed(day)


def a_laptop_with_a_lease(day: SchoolDay) -> None:
    day.network.device("laptop", MACS["laptop"])
    day.network.lease("laptop")
    day.until_opened("laptop")
    assert day.opened("laptop", "https://laptop.amazon.co.uk/")
    assert day.past("laptop", "https://www.barclays.co.uk/")


def a_shared_computer(day: SchoolDay) -> None:
    """Nobody, Anne, Ben without Anne signing out, a pupil without Ben signing out."""
    day.network.device("shared", MACS["shared"])
    day.network.lease("shared")
    assert day.past("shared", "https://nobody.amazon.co.uk/")
    day.accounting("Start", "anne", "s-1")
    day.until_opened("shared")
    assert day.opened("shared", "https://first.amazon.co.uk/")
    day.accounting("Start", "ben", "s-2")
    time.sleep(2)
    assert day.opened("shared", "https://second.amazon.co.uk/")
    # By plain HTTP, which succeeds whoever answers: what is wrongly named meanwhile is recorded.
    with day.browsing("shared", "kid.amazon.co.uk"):
        day.accounting("Start", "kid.7", "s-3")
        day.taken_over_ms["kid.amazon.co.uk"] = now_ms()
        day.until_past("shared")
    assert day.past("shared", "https://pupil.amazon.co.uk/")


def a_lease_that_moves(day: SchoolDay) -> None:
    """The laptop is switched off, and a pupil's device is given its address."""
    address = day.network.address("laptop")
    day.network.unplug("laptop")
    day.network.device("pupil", PUPILS)
    assert day.network.lease("pupil", address) == address
    with day.browsing("pupil", "handed.amazon.co.uk"):
        day.until_past("pupil")
    assert day.past("pupil", "https://moved.amazon.co.uk/")
    day.network.lease("laptop")
    day.until_opened("laptop")
    assert day.opened("laptop", "https://again.amazon.co.uk/")


def the_notice_in_a_browser(day: SchoolDay, folder: Path) -> None:
    """Una's computer asks whether the network wants something; she reads, answers, and goes on."""
    namespace = day.network.device("new", MACS["new"])
    day.network.lease("new")
    assert wait_until(lambda: day.probe("new") != "", 60), day.said()
    assert day.past("new", "https://before.amazon.co.uk/")
    store = folder / "home" / ".pki" / "nssdb"
    store.mkdir(parents=True)
    certutil(store, "-N", "--empty-password")
    certutil(store, "-A", "-n", "school", "-t", "C,,", "-i", str(day.ca))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_in(namespace, folder),
            args=[
                *("--no-sandbox", "--disable-quic", "--disable-features=HttpsUpgrades"),
                f"--host-resolver-rules=MAP * {SERVER}, EXCLUDE {GATEWAY}",
            ],
            env={"HOME": str(folder / "home"), "PATH": os.environ["PATH"]},
        )
        page = browser.new_page()
        page.goto("http://news.oldsite.example/news")
        expect(page.get_by_role("heading", level=1)).to_have_text(NOTICE.title)
        page.get_by_role("button", name=NOTICE.acknowledgement).click()
        page.wait_for_url("http://news.oldsite.example/news")
        page.goto("https://after.johnlewis.com/page")
        browser.close()


def an_app_that_pins(day: SchoolDay) -> None:
    """An app on the laptop that accepts its own authority alone: refuses, refuses, refuses, works."""
    for attempt in range(3):
        assert not day.past("laptop", "https://api.pinned-app.example/"), attempt
        assert day.opened("laptop", f"https://trusted{attempt}.gov.uk/")
        time.sleep(6)
    assert wait_until(lambda: day.past("laptop", "https://api.pinned-app.example/"), 60), day.said()
    assert day.opened("laptop", "https://other.pinned-app.example/")


def ways_round(day: SchoolDay) -> None:
    """A client that tries HTTP/3 first is refused at once, and comes by the way that can be seen."""
    command = ("python3", "-m", "tests.end_to_end.ways_round", "udp", SERVER, "443", day.network.address("laptop"))
    came = day.network.made.run(day.network.devices["laptop"], *command)
    assert came.stdout.startswith("refused"), came.stdout + came.stderr
    assert day.opened("laptop", "https://quic-first.argos.co.uk/")


def a_worker_is_killed(day: SchoolDay) -> None:
    """In the middle of a page; the other takes over, and it comes back."""
    slow = ("curl", "-sS", "-m", "60", "--limit-rate", "200k", "--cacert", str(day.ca), "-o", "/dev/null")
    resolve = ("--resolve", f"cut.argos.co.uk:443:{SERVER}", "https://cut.argos.co.uk/large/20000000")
    command = day.network.made.inside(day.network.devices["laptop"], [*slow, *resolve])
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as download:
        assert wait_until(lambda: bool(day.workers_of("laptop")), 60)
        (port,) = day.workers_of("laptop")
        time.sleep(1)
        day.killed = (f"gate-{port - FIRST_PORT}", now_ms())
        os.kill(day.worker(port), signal.SIGKILL)
        assert download.wait(60) != 0
    day.until_opened("laptop")
    assert day.opened("laptop", "https://after-the-crash.amazon.co.uk/")
    assert day.past("laptop", "https://www.samaritans.org/")
    assert wait_until(lambda: day.worker(port) != 0, 60), day.said()


class Evening:
    """The store is back, and loads what the day left on the spool."""

    def __init__(self, day: SchoolDay) -> None:
        self.day, self._store = day, RemoteStore(day.state.store_socket)
        assert wait_until(self._loaded, 120), day.said()

    def ask(self, sql: str, **values: str) -> pd.DataFrame:
        return self._store.query(sql, values)

    def who(self, host: str) -> set[tuple[Any, ...]]:
        """(person, grade, method) of every event with a host."""
        found = self.ask(
            "SELECT DISTINCT person_id, attribution_grade AS grade, attribution_method AS method FROM events_once "
            "WHERE host = {host:String}",
            host=host,
        )
        return {(row.person_id, row.grade, row.method) for row in found.itertuples()}

    def _loaded(self) -> bool:
        try:
            return len(self.ask("SELECT 1 FROM visits_now WHERE host = 'after-the-crash.amazon.co.uk'")) > 0
        except StoreError:
            return False


def test_an_assigned_laptop_is_its_persons_by_its_lease(evening: Evening) -> None:
    anne = evening.day.people["Anne"]
    for host in ("laptop.amazon.co.uk", "again.amazon.co.uk", "quic-first.argos.co.uk"):
        assert evening.who(host) == {(anne, "B", "register")}, host


def test_two_people_at_one_shared_computer_are_told_apart(evening: Evening) -> None:
    people = evening.day.people
    assert evening.who("first.amazon.co.uk") == {(people["Anne"], "A", "802.1x")}
    assert evening.who("second.amazon.co.uk") == {(people["Ben"], "A", "802.1x")}


@pytest.mark.parametrize("host", ["kid.amazon.co.uk", "handed.amazon.co.uk"])
def test_nobody_is_named_for_what_the_next_one_does(evening: Evening, host: str) -> None:
    named = evening.ask("SELECT ts_ms FROM events_once WHERE host = {host:String} AND person_id != ''", host=host)
    taken_over_ms = evening.day.taken_over_ms[host]
    after = [int(ts_ms) - taken_over_ms for ts_ms in named["ts_ms"].tolist()]
    assert [ms for ms in after if ms > HAND_OVER_MS] == []


@pytest.mark.parametrize("host", ["nobody", "pupil", "moved", "before"])
def test_nobody_is_recorded_who_did_not_sign_in_or_was_not_told(evening: Evening, host: str) -> None:
    assert evening.who(f"{host}.amazon.co.uk") == set()


def test_what_is_never_opened_says_why_or_leaves_no_word(evening: Evening) -> None:
    reasons = evening.ask("SELECT DISTINCT host, not_inspected FROM events_once WHERE not_inspected != 'inspected'")
    found = {(str(row.host), str(row.not_inspected)) for row in reasons.itertuples()}
    assert {("www.barclays.co.uk", "banking"), ("api.pinned-app.example", "pinned")} <= found
    assert not any("samaritans" in host for host, _ in found)
    assert ("other.pinned-app.example", "pinned") not in found
    assert evening.who("other.pinned-app.example") != set()
    assert int(evening.ask("SELECT sum(count) AS n FROM shield_counts_once")["n"][0]) >= 1


def test_whoever_acknowledged_the_notice_is_recorded_from_then_on(evening: Evening) -> None:
    una = evening.day.people["Una"]
    assert evening.who("after.johnlewis.com") == {(una, "B", "register")}
    visit = evening.ask("SELECT category, purpose, pulled_in FROM visits_now WHERE host = 'after.johnlewis.com'")
    assert list(visit["category"]) == ["shopping"]
    told = evening.ask("SELECT DISTINCT person_id, notice_version, reminder FROM acknowledgements")
    assert list(told["person_id"]) == [una]
    assert wait_until(lambda: "not yet told" not in evening.day.listed(una), 60)


def test_every_sign_in_and_lease_stands_with_how_it_ended(evening: Evening) -> None:
    people = evening.day.people
    found = evening.ask("SELECT DISTINCT binding_id, person_id, step, source FROM bindings WHERE source = '802.1x'")
    steps = {(row.person_id, row.step) for row in found.itertuples()}
    assert {(people["Anne"], "superseded"), (people["Ben"], "superseded"), ("", "opened")} <= steps
    everything = evening.ask("SELECT * FROM bindings").to_csv()
    assert "kid.7" not in everything


def test_the_killed_workers_death_is_a_gap(evening: Evening) -> None:
    gaps = evening.ask("SELECT gateway, from_ms, to_ms FROM gaps_once WHERE reason = 'crashed'")
    gateway, killed_ms = evening.day.killed
    assert set(gaps["gateway"]) == {gateway}
    lasted = [(int(from_ms), int(to_ms)) for from_ms, to_ms in gaps[["from_ms", "to_ms"]].to_numpy().tolist()]
    assert any(from_ms <= killed_ms <= to_ms for from_ms, to_ms in lasted), (killed_ms, lasted)
    assert evening.who("after-the-crash.amazon.co.uk") == {(evening.day.people["Anne"], "B", "register")}


def test_ways_round_that_were_refused_are_counted(evening: Evening) -> None:
    assert int(evening.ask("SELECT sum(quic) AS n FROM attempts")["n"][0]) >= 1


def test_what_the_processes_say_names_nobody_and_no_site(evening: Evening) -> None:
    said = evening.day.said()
    for word in (*evening.day.people.values(), "amazon", "barclays", "johnlewis", "kid.7", CHROME):
        assert word not in said, word
