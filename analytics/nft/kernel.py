"""Talking to the kernel's packet filter, through the `nft` program.

Owns how `nft` is called, and what its refusals become. Promises: a script is checked whole before it is loaded, and
loaded in one step or not at all; only the table `inet fairgate` is ever read.
"""

import json
import shutil
import subprocess
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Final

from analytics.nft.ruleset import COUNTERS, TABLE
from config.errors import FairgateError

_SECONDS: Final = 20.0
_SYSTEM_FOLDERS: Final = "/usr/sbin:/sbin:/usr/bin:/bin"
"""An account's path often leaves these out."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What of ours stands in the kernel: the enrolled addresses, and how many packets each counter counted."""

    addresses: frozenset[str]
    redirecting: bool
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTERS, 0))


def load(script: str) -> None:
    """Check `script`, then load it.

    Raises:
        FairgateError: nft is missing, may not be used, or refuses; nothing was changed.
    """
    for options in (("--check",), ()):
        done = _nft(*options, "--file", "-", given=script)
        if done.returncode:
            raise _refused(done.stderr)


def change(script: str) -> bool:
    """Load `script`, a change to the table that stands; whether it could be made."""
    return _nft("--file", "-", given=script).returncode == 0


def standing() -> Standing | None:
    """What stands; None where the table does not.

    Raises:
        FairgateError: nft is missing, or may not be used.
    """
    done = _nft("--json", "list", "table", *TABLE.split())
    if done.returncode:
        if "No such file or directory" in done.stderr:
            return None
        raise _refused(done.stderr)
    return _read(json.loads(done.stdout)["nftables"])


def _read(objects: list[dict[str, Any]]) -> Standing:
    sets = {each["set"]["name"]: each["set"] for each in objects if "set" in each}
    addresses = [
        element["elem"]["val"] if isinstance(element, dict) else element
        for name in ("staff4", "staff6")
        for element in sets.get(name, {}).get("elem", ())
    ]
    counts = {each["counter"]["name"]: int(each["counter"]["packets"]) for each in objects if "counter" in each}
    redirecting = any("rule" in each and each["rule"]["chain"] == "workers" for each in objects)
    return Standing(frozenset(str(ip_address(each)) for each in addresses), redirecting, counts)


def _nft(*arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    program = shutil.which("nft") or shutil.which("nft", path=_SYSTEM_FOLDERS)
    if program is None:
        raise FairgateError("The program nft is not installed here. Install it first: apt install nftables.")
    try:
        return subprocess.run(
            [program, *arguments], input=given, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired as fault:
        raise FairgateError(
            f"nft did not answer for {_SECONDS:.0f} seconds. Is another program changing rules?"
        ) from fault


def _refused(said: str) -> FairgateError:
    if "Operation not permitted" in said:
        return FairgateError(
            "This account may not change the firewall. Run it as root (sudo), or give the service CAP_NET_ADMIN."
        )
    first = next((line for line in said.splitlines() if line.strip()), "it said nothing")
    return FairgateError(f"nft refused the rules, and nothing was changed: {first.strip()}")
