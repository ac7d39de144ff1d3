"""Checks of what the gateway was told of people and devices. Counts only."""

from typing import Final

from analytics.doctor.examined import DAY_MS, Examined
from analytics.doctor.finding import Findings, mend, note
from analytics.snapshot import DeviceClass

OLD_DAYS: Final = 90
_MONITORED: Final = frozenset((DeviceClass.STAFF, DeviceClass.SHARED))


def snapshot(seen: Examined) -> Findings:
    """Whether there is a snapshot, of this school, that is not very old."""
    if why := seen.faults.get("snapshot"):
        yield mend(
            f"What people decided has not reached the gateway ({why}).",
            seen.state.snapshot,
            "Publish it: fairgate publish.",
        )
        return
    if seen.snapshot is None:
        return
    if seen.settings is not None and seen.snapshot.school != seen.settings.school:
        yield mend("The snapshot is another school's.", seen.state.snapshot, "Publish this school's: fairgate publish.")
    days = (seen.now_ms - seen.snapshot.made_ms) // DAY_MS
    if days < 0:
        yield mend("The snapshot was made in the future.", seen.state.snapshot, "Mend this machine's clock.")
    elif days > OLD_DAYS:
        yield note(
            f"The snapshot was published {days} days ago.",
            seen.state.snapshot,
            "Where anything changed since (people, devices, permissions), publish it: fairgate publish.",
        )


def told(seen: Examined) -> Findings:
    """How many people were not told by other ways than the gateway's own notice."""
    if seen.snapshot is None:
        return
    here = [each for each in seen.snapshot.people if not 0 < each.until_ms <= seen.now_ms]
    untold = sum(not each.told_ms for each in here)
    if not here:
        yield note("Nobody is entered, so nothing is recorded.", seen.state.snapshot, "Enter them: fairgate people.")
    elif untold:
        yield note(
            f"{untold} of {len(here)} people were not told when the snapshot was published. Nothing is recorded of "
            "those who have not answered the notice at the gateway since.",
            seen.state.snapshot,
            "Ask the Headteacher: the Coverage page names them. Once they were told: fairgate told.",
        )


def devices(seen: Examined) -> Findings:
    """Whether there are devices whose traffic can be known."""
    if seen.snapshot is None:
        return
    mine = [each for each in seen.snapshot.devices if each.device_class in _MONITORED]
    if not mine and seen.transparent:
        yield mend(
            "No staff or shared device is entered, so nothing is redirected and nothing recorded.",
            seen.state.snapshot,
            "Enter them: fairgate devices add; then fairgate publish.",
        )
    nowhere = sum(not (each.addresses or each.macs or each.hostnames) for each in mine)
    if nowhere:
        yield mend(
            f"{nowhere} of {len(mine)} devices are known by no address, so they are never recognised.",
            seen.state.snapshot,
            "Give each an address: fairgate devices list, then fairgate devices add.",
        )
