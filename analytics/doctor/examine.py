"""All checks, one after another, and what is printed of them.

Owns the list of checks. Promises: one that fails is itself a finding and stops none of the others; the exit status is 1
exactly where something must be mended.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final, TextIO

from analytics.doctor import (
    firewall_checks,
    folder_checks,
    list_checks,
    machine_checks,
    network_checks,
    people_checks,
    pin_checks,
    process_checks,
    record_checks,
    source_checks,
)
from analytics.doctor.examined import Examined, examined
from analytics.doctor.finding import Finding, Findings, Level, mend
from config.state import StateFolder

type Check = Callable[[Examined], Findings]

CHECKS: Final[Mapping[str, Check]] = {
    "settings": folder_checks.settings_load,
    "modes": folder_checks.modes,
    "authority": folder_checks.authority,
    "disk": folder_checks.disk,
    "clock": machine_checks.clock,
    "open-files": machine_checks.open_files,
    "core-dumps": machine_checks.core_dumps,
    "swap": machine_checks.swap,
    "forwarding": machine_checks.forwarding,
    "processes": process_checks.processes,
    "sockets": process_checks.sockets,
    "snapshot": people_checks.snapshot,
    "told": people_checks.told,
    "devices": people_checks.devices,
    "leases": source_checks.leases,
    "certificate": pin_checks.certificate,
    "pin-caps": pin_checks.caps,
    "lists": list_checks.lists,
    "lists-waiting": list_checks.waiting,
    "heartbeats": record_checks.heartbeats,
    "backlog": record_checks.backlog,
    "gaps": record_checks.gaps,
    "refusals": record_checks.refusals,
    "ruleset": firewall_checks.ruleset,
    "filter-authority": network_checks.further_authorities,
    "way-out": network_checks.way_out,
}
MONITORS: Final = (
    "Fairgate monitors and does not filter: the school's own filter must stand beside it, and is looked at here only "
    "as far as the gateway depends on it."
)


def findings_of(seen: Examined, checks: Mapping[str, Check] = CHECKS) -> Iterator[Finding]:
    """What every check finds, in their order; without a state folder that can be looked into, only that."""
    if not seen.open_to_us:
        checks = {"modes": folder_checks.modes}
    for name, check in checks.items():
        try:
            found = [replace(each, check=name) for each in check(seen)]
        except Exception as fault:
            # Its words might quote what was read.
            found = [
                replace(
                    mend(
                        f"This check itself failed ({type(fault).__name__}).",
                        "fairgate doctor",
                        "Run it again with sudo; if it fails again, report it to the makers of Fairgate.",
                    ),
                    check=name,
                )
            ]
        yield from found


def examine(state: StateFolder, *, as_json: bool, out: TextIO) -> int:
    """Print what is found of `state`; 1 where something must be mended, else 0."""
    found = list(findings_of(examined(state)))
    must = sum(each.level is Level.MEND for each in found)
    if as_json:
        told = {"fit": not must, "checks": list(CHECKS), "findings": [each.plain for each in found], "says": MONITORS}
        out.write(json.dumps(told, indent=1) + "\n")
    else:
        out.writelines(f"{line}\n" for line in _lines(found, must))
    return 1 if must else 0


def _lines(found: list[Finding], must: int) -> Iterator[str]:
    yield MONITORS
    # What must be mended first; each in the order of the checks.
    for each in sorted(found, key=lambda each: each.level is not Level.MEND):
        yield each.line
    notes = len(found) - must
    mended = f"{must} thing{'s' * (must != 1)} must be mended" if must else "Nothing must be mended"
    yield f"{mended}, {notes} {'are' if notes != 1 else 'is'} worth knowing. {len(CHECKS)} checks were made."
