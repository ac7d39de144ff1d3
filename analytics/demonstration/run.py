"""`fairgate demo`: the whole of Fairgate on a demonstration school, with real proxied traffic.

Owns the two ways it runs: standing until Ctrl-C, or once, ending with one JSON object that says whether every request
became exactly one event and the bundle verifies. Promises: Ctrl-C and SIGTERM stop everything cleanly; with --json,
standard output holds the JSON object and nothing else.
"""

import json
import signal
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import SystemRandom
from typing import Any, Final, NoReturn

from analytics.categorise import Judge
from analytics.demonstration.cast import BUNDLE_MEMBER, BY_KEY
from analytics.demonstration.invitation import invitation
from analytics.demonstration.ledger import Ledger, Reckoning
from analytics.demonstration.loaded import Since, wait_idle
from analytics.demonstration.narration import Narration
from analytics.demonstration.own_policy import school_policy
from analytics.demonstration.play import one_more_page, play
from analytics.demonstration.running import only_one_in
from analytics.demonstration.school import found_school
from analytics.demonstration.supervise import Ports, Standing
from analytics.demonstration.timetable import LONDON, WEEKS
from analytics.store.remote import RemoteStore

_PAGE_EVERY_SECONDS: Final = (20.0, 60.0)
_CHECK_SECONDS: Final = 1.0


def run_demo(
    state_path: Path, *, once: bool, as_json: bool, gateway_port: int | None, dashboard_port: int | None
) -> int:
    """Run the demonstration in `state_path`; the exit status.

    Standing, it is 0 when it was asked to stop. Once, it is 0 only if nothing was lost or doubled and the bundle
    verifies.

    Raises:
        FairgateError: the folder is not a demonstration's, one runs there already, a port asked for is in use, or a
            part would not start.
    """
    _interrupt_on(signal.SIGTERM, signal.SIGINT)
    narration, policy = Narration(), school_policy(datetime.now(LONDON).date())
    narration.say("Fairgate demonstration. Everybody and everything in it is invented.")
    try:
        with only_one_in(state_path.absolute()):
            with narration.step("Setting up the demonstration school"):
                school = found_school(state_path.absolute(), policy)
            with Standing(school, policy, Ports(gateway_port, dashboard_port), narration) as standing:
                demonstration = _Demonstration(standing, Judge(policy), narration)
                result = demonstration.once() if once else demonstration.stand()
    except KeyboardInterrupt:
        narration.say("Stopped.")
        return 0 if not once else 130
    if as_json:
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()
    return 0 if result["lost"] == result["doubled"] == 0 and result["verified"] else 1


@dataclass(frozen=True, slots=True)
class _Demonstration:
    standing: Standing
    judge: Judge
    narration: Narration

    def once(self) -> dict[str, Any]:
        """Play the traffic, wait for it, write and verify the bundle."""
        ledger, since = self._play()
        # The gateway seals what is still open when it stops; the bundle's proofs need the seals.
        self.standing.children.stop("gateway")
        wait_idle(self._store())
        reckoning = since.reckoning(ledger)
        self._say_reckoning(reckoning, ledger)
        by_purpose = since.visits_by_purpose()
        bundle, problems = self._bundle()
        return {
            "requests_sent": ledger.sent,
            "not_recorded_shielded": ledger.shielded,
            "not_recorded_not_told": ledger.not_told,
            "unanswered": ledger.unanswered,
            "events_expected": reckoning.expected,
            "events_stored": reckoning.stored,
            "visits_expected": ledger.visits,
            "visits": sum(by_purpose.values()),
            "by_purpose": by_purpose,
            "lost": reckoning.lost,
            "doubled": reckoning.doubled,
            "bundle": str(bundle),
            "verified": not problems,
            "problems": problems,
        }

    def stand(self) -> NoReturn:
        """Play the traffic, say where everything is, and go on with a page now and then until interrupted."""
        self.narration.say(f"The dashboard is up at {self.standing.dashboard_url} and fills while you look.")
        ledger, since = self._play()
        self._say_reckoning(since.reckoning(ledger), ledger)
        self.narration.say(invitation(self.standing))
        chance = SystemRandom()
        while True:
            self._pause(chance.uniform(*_PAGE_EVERY_SECONDS))
            one_more_page(self.standing.school, self.standing.proxy, self.judge, ledger)

    def _play(self) -> tuple[Ledger, Since]:
        store = self._store()
        with self.narration.step("Loading the history"):
            wait_idle(store)
        ledger = Ledger()
        since = Since(store, self.standing.settings.school, time.time_ns() // 1_000_000)
        with self.narration.step("Twelve people browse stand-in web sites through the gateway"):
            play(self.standing.school, self.standing.proxy, self.judge, ledger)
        with self.narration.step("Waiting until all of it is stored"):
            since.wait_for(ledger)
        return ledger, since

    def _bundle(self) -> tuple[Path, list[str]]:
        """Write one person's bundle of the whole time; its path, and what is wrong with it."""
        # Only here: the typesetter takes a second to load, and the standing demonstration does not need it.
        from analytics.evidence.export import export_report
        from analytics.evidence.verify import verify_bundle

        out = self.standing.school.state.root / "bundle.zip"
        last = datetime.now(LONDON).date()
        person_id = self.standing.school.people[BUNDLE_MEMBER].person_id
        with self.narration.step(f"Writing and checking the bundle of {BY_KEY[BUNDLE_MEMBER].name} (invented)"):
            export_report(
                self.standing.settings, self.standing.school.state, person_id, last - timedelta(weeks=WEEKS), last, out
            )
            return out, list(verify_bundle(out).problems)

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.standing.children.check()
            time.sleep(_CHECK_SECONDS)

    def _store(self) -> RemoteStore:
        return RemoteStore(self.standing.school.state.store_socket)

    def _say_reckoning(self, reckoning: Reckoning, ledger: Ledger) -> None:
        self.narration.say(
            f"{ledger.sent} requests sent: {reckoning.stored} recorded, {ledger.shielded} shielded (only counted), "
            f"{ledger.not_told} by somebody not told yet (not recorded); "
            f"{reckoning.lost} lost, {reckoning.doubled} doubled."
        )


def _interrupt_on(*signals: signal.Signals) -> None:
    """A shell that starts us in the background has Ctrl-C ignored, and SIGTERM would leave the children behind."""

    def interrupt(_number: int, _frame: object) -> NoReturn:
        # Once is enough: a second Ctrl-C must not cut the stopping short.
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in signals:
        signal.signal(number, interrupt)
