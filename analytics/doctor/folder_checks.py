"""Checks of the state folder: settings, owner and modes, the certificate authority, room on the disk."""

import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509

from analytics.doctor.examined import Examined
from analytics.doctor.finding import Findings, mend, note

EXPIRES_SOON: Final = timedelta(days=60)
LITTLE_SHARE, VERY_LITTLE_SHARE = 0.20, 0.05
LITTLE_BYTES: Final = 2 * 2**30
KEY_FILE: Final = "mitmproxy-ca.pem"


def settings_load(seen: Examined) -> Findings:
    """Whether the settings and the policy load."""
    if why := seen.faults.get("settings"):
        yield mend(
            f"The settings do not load ({why}).",
            seen.state.settings,
            "Mend that line, or set the school up with: fairgate init.",
        )
    if why := seen.faults.get("policy"):
        own = seen.settings.policy if seen.settings else None
        place = own or "the policy that comes with Fairgate"
        yield mend(f"The policy does not load ({why}).", place, "Mend it; fairgate publish then says every mistake.")


def modes(seen: Examined) -> Findings:
    """Whether anybody but Fairgate's own account can read or write what is kept."""
    state = seen.state
    folders = (state.root, state.gateway, state.ca, state.spool, state.keys, state.snapshot.parent, state.lists)
    more = (state.governance.parent, state.dashboard, state.store_socket.parent, state.store)
    secrets = [state.ca / KEY_FILE, state.governance, state.snapshot, *_within(state.keys)]
    if not state.root.is_dir():
        yield mend("There is no state folder.", state.root, "Name the school's folder with --state.")
        return
    if not seen.open_to_us:
        yield mend(
            "This account may not look into the state folder, so nothing else can be said.",
            state.root,
            "Run it as root or as Fairgate's own account: sudo fairgate doctor.",
        )
        return
    owner = state.root.stat().st_uid
    for path in (*folders, *more, *secrets):
        yield from _one_mode(path, state.root, owner)


def _one_mode(path: Path, root: Path, owner: int) -> Findings:
    try:
        found = path.stat()
    except FileNotFoundError:
        return
    except OSError as fault:
        yield note(
            f"This account may not look at it ({type(fault).__name__}).", path, "Run fairgate doctor with sudo as well."
        )
        return
    allowed = 0o700 if stat.S_ISDIR(found.st_mode) else 0o600
    if found.st_mode & 0o077:
        mode = f"{stat.S_IMODE(found.st_mode):04o}"
        yield mend(f"Other accounts can reach it (mode {mode}).", path, f"Close it: chmod {allowed:o} {path}")
    if found.st_uid != owner:
        yield mend(
            "It belongs to another account than the state folder.",
            path,
            f"Give it back: chown --reference={root} {path}",
        )


def _within(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_file() and path.suffix != ".pub"]
    except OSError:
        return []


def authority(seen: Examined) -> Findings:
    """Whether the school's own certificate authority is there and lasts."""
    path = seen.state.ca / "mitmproxy-ca-cert.pem"
    if not (seen.state.ca / KEY_FILE).exists():
        yield mend(
            "The school has no certificate authority yet, or it is gone.",
            seen.state.ca,
            "Start fairgate gateway once to make it; where devices trust one already, restore it from a backup.",
        )
        return
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as fault:
        yield mend(f"The authority's certificate cannot be read ({type(fault).__name__}).", path, "Restore the folder.")
        return
    now, until = datetime.now(UTC), certificate.not_valid_after_utc
    if certificate.not_valid_before_utc > now:
        yield mend("The authority's certificate is not valid yet.", path, "Mend this machine's clock.")
    if until - now < EXPIRES_SOON:
        yield mend(
            f"The authority's certificate ends on {until.day} {until:%B %Y}.",
            path,
            "Plan a new one: take the ca folder and ca-made.json away, start the gateway, give devices the new one.",
        )


def disk(seen: Examined) -> Findings:
    """Whether there is room to record."""
    try:
        room = shutil.disk_usage(seen.state.root)
    except OSError:
        return
    share = room.free / room.total
    said = f"{room.free / 2**30:,.1f} GiB ({share:.0%}) of the disk are free."
    fix = "Make room, or give the state folder a larger disk: when it is full, browsing goes on unrecorded."
    if share < VERY_LITTLE_SHARE or room.free < LITTLE_BYTES:
        yield mend(said, seen.state.root, fix)
    elif share < LITTLE_SHARE:
        yield note(said, seen.state.root, fix)
