"""Checks of the machine: its clock, limits, core dumps, swap, and whether it forwards packets."""

import ctypes
import resource
import sys
from pathlib import Path
from typing import Final

from analytics.doctor.examined import Examined
from analytics.doctor.finding import Findings, mend, note

FILES: Final = 8192
"""Each connection of a client takes two; a staff room has thousands."""
_TIME_ERROR: Final = 5
_UNSYNCHRONISED: Final = 0x40
_STATUS_AT: Final = 40
_UNLIMITED: Final = 1 << 62


def clock(_: Examined) -> Findings:
    """Whether something keeps the clock right: a record is worth what its times are worth."""
    if sys.platform == "linux" and not _synchronised():
        yield mend(
            "Nothing keeps this machine's clock right.",
            "the kernel's clock",
            "Switch time synchronisation on: timedatectl set-ntp true, or install chrony.",
        )


def _synchronised() -> bool:
    """What the kernel itself says: timedatectl and chrony only ask it too."""
    told = ctypes.create_string_buffer(256)
    state = ctypes.CDLL(None, use_errno=True).adjtimex(told)
    status = int.from_bytes(told.raw[_STATUS_AT : _STATUS_AT + 4], sys.byteorder)
    return state != _TIME_ERROR and not status & _UNSYNCHRONISED


def open_files(seen: Examined) -> Findings:
    """Whether the gateway may open as many connections as a school needs."""
    allowed = _limit(seen, "Max open files")
    if allowed is None:
        allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if 0 <= allowed < FILES:
        yield mend(
            f"The gateway may open {allowed:,} files and connections; {FILES:,} are the least for a school.",
            "the gateway's process",
            "Raise it: LimitNOFILE=65536 in the gateway's systemd unit, then restart it.",
        )


def core_dumps(seen: Examined) -> Findings:
    """Whether a crash of the gateway could write down what passed through it."""
    allowed = _limit(seen, "Max core file size")
    if allowed:
        yield mend(
            "A crash of the gateway could write its memory down.",
            "the gateway's process",
            "Restart it with fairgate gateway, which forbids itself that; LimitCORE=0 in its systemd unit.",
        )


def swap(seen: Examined) -> Findings:
    """Whether what the gateway sees could be written to a disk by swapping."""
    process = seen.process_id("gateway")
    if process is not None and _never_swapped(seen.proc, process):
        return
    disks = [name for name in _swaps(seen.proc) if not _closed(name)]
    if disks:
        yield mend(
            "The gateway's memory could be written to this machine's disk by swapping.",
            ", ".join(disks),
            "Set MemorySwapMax=0 in the gateway's systemd unit, encrypt the swap, or switch it off: swapoff --all.",
        )


def _swaps(proc: Path) -> list[str]:
    try:
        return [line.split()[0] for line in (proc / "swaps").read_text().splitlines()[1:] if line.strip()]
    except OSError:
        return []


def _closed(name: str) -> bool:
    """Whether this swap is in memory, or encrypted."""
    device = Path(name).name
    if device.startswith("zram"):
        return True
    try:
        return (Path("/sys/block") / device / "dm/uuid").read_text().startswith("CRYPT-")
    except OSError:
        return False


def _never_swapped(proc: Path, process: int) -> bool:
    try:
        group = (proc / str(process) / "cgroup").read_text().splitlines()[-1].partition("::")[2]
        return (Path("/sys/fs/cgroup") / group.lstrip("/") / "memory.swap.max").read_text().strip() == "0"
    except (OSError, IndexError):
        return False


def forwarding(seen: Examined) -> Findings:
    """Whether everything that is not redirected still passes, and IPv6 is no way round."""
    if not seen.transparent:
        return
    if _setting(seen, "net/ipv4/ip_forward") != "1":
        yield mend(
            "This machine does not pass IPv4 on, so devices behind it reach nothing but web pages.",
            "net.ipv4.ip_forward",
            "Switch it on: sysctl -w net.ipv4.ip_forward=1, and write it into /etc/sysctl.d/.",
        )
    if _setting(seen, "net/ipv6/conf/all/forwarding") != "1":
        yield note(
            "This machine does not pass IPv6 on. Where another router offers IPv6, devices go past the gateway there.",
            "net.ipv6.conf.all.forwarding",
            "Offer no IPv6 in the school, or let this machine be the router for it.",
        )


def _setting(seen: Examined, name: str) -> str:
    try:
        return (seen.proc / "sys" / name).read_text().strip()
    except OSError:
        return ""


def _limit(seen: Examined, name: str) -> int | None:
    """The gateway's soft limit of that name; None where it does not run."""
    process = seen.process_id("gateway")
    if process is None:
        return None
    try:
        lines = (seen.proc / str(process) / "limits").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith(name):
            soft = line[len(name) :].split()[0]
            return _UNLIMITED if soft == "unlimited" else int(soft)
    return None
