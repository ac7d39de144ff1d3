"""Checks of the firewall's rules: do they stand, do they redirect, and whom. Addresses are counted, never named."""

import os
from typing import Final

from analytics.bindings import EMPTY
from analytics.doctor.examined import Examined
from analytics.doctor.finding import Findings, mend, note
from analytics.identity import NEVER_RECORDED, Register
from analytics.nft.enrolment import enrolled
from analytics.nft.kernel import Standing, standing
from analytics.nft.plan import ruleset_of
from analytics.nft.ruleset import TABLE
from analytics.snapshot import Snapshot
from config.errors import FairgateError

_WHERE: Final = f"nftables, table {TABLE}"


def ruleset(seen: Examined) -> Findings:
    """Whether the rules that redirect staff devices stand in the kernel, as the settings and the snapshot have them."""
    if not seen.transparent or seen.settings is None:
        return
    try:
        ruleset_of(seen.settings)
        stood = standing()
    except FairgateError as fault:
        if os.geteuid():
            yield note("This account may not see the firewall's rules.", _WHERE, "Run it with sudo: fairgate doctor.")
        else:
            yield mend("The firewall's rules cannot be made or read.", _WHERE, str(fault))
        return
    if stood is None:
        yield mend(
            "No rules redirect staff devices, so nothing of theirs is recorded.",
            _WHERE,
            "Start fairgate nft follow, or load them by hand: fairgate nft up.",
        )
    elif not stood.redirecting:
        yield mend(
            "The rules stand and redirect nothing, as where no worker serves: devices go past the gateway unrecorded.",
            _WHERE,
            "Look at the gateway: fairgate health gateway.",
        )
    elif seen.snapshot is not None:
        yield from _whom(seen.snapshot, stood, seen.now_ms)


def _whom(snapshot: Snapshot, stood: Standing, now_ms: int) -> Findings:
    """Staff devices with fixed addresses must be redirected, pupils' and guests' never. Leases come and go."""
    register = Register(snapshot)
    missing = len(enrolled(register, EMPTY, now_ms).lasting - stood.addresses)
    if missing:
        yield mend(
            f"Of fixed addresses of staff devices, {missing} {'are' if missing != 1 else 'is'} not redirected.",
            _WHERE,
            "Restart fairgate nft follow, or load the rules again: fairgate nft up.",
        )
    classes = [register.attribute(address, None, now_ms, EMPTY).device_class for address in stood.addresses]
    if wrong := sum(each in NEVER_RECORDED for each in classes):
        yield mend(
            f"Of pupils', guests' or personal devices, {wrong} {'are' if wrong != 1 else 'is'} redirected.",
            _WHERE,
            "Take the rules away at once (fairgate nft down), then load them again: fairgate nft up.",
        )
