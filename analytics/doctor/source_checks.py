"""Checks of what `fairgate identity` needs to know who is where: lease databases, and its own ports."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from analytics.doctor.examined import Examined
from analytics.doctor.finding import Findings, mend
from config.settings import IdentitySettings

STARTING_MS: Final = 30_000
_LISTENING: Final = {"tcp": "0A", "udp": "07"}
"""How the kernel's tables write a socket that waits for anybody."""


def leases(seen: Examined) -> Findings:
    """Whether each lease database is there and can be read by this account."""
    for database in seen.settings.identity.leases if seen.settings else ():
        if not database.path.exists():
            yield mend(
                "There is no lease database, so devices with changing addresses are not known.",
                database.path,
                "Write the DHCP server's own path into [[identity.leases]], or start that server.",
            )
        elif not os.access(database.path, os.R_OK):
            yield mend(
                "This account may not read the lease database, so devices with changing addresses are not known.",
                database.path,
                "Let the account fairgate read it: for Kea, usermod --append --groups _kea fairgate, then restart "
                "fairgate-identity.",
            )


def ports(seen: Examined) -> Findings:
    """Whether a running `fairgate identity` has the ports by which it is told, and shows its pages."""
    number = seen.process_id("identity")
    if seen.settings is None or number is None or seen.now_ms - seen.since_ms("identity") < STARTING_MS:
        return
    held = _held(seen.proc / str(number))
    if held is None:
        return  # another account's process: only root may look
    for kind, port, what, key in _wanted(seen.settings.identity):
        if (kind, port) not in held:
            yield mend(
                f"Identity runs without {what}: it could not open {kind.upper()} port {port}.",
                f"{key} in {seen.state.settings}",
                "See which program has the port (ss -lntup) and stop it, or choose another; then restart it: "
                "fairgate identity.",
            )


def _wanted(identity: IdentitySettings) -> Iterator[tuple[str, int, str, str]]:
    yield "tcp", identity.portal_port, "the notice page", "identity.portal_port"
    yield "tcp", identity.portal_tls_port, "its pages over HTTPS (sign-in, logon scripts)", "identity.portal_tls_port"
    if identity.radius.nas:
        yield "udp", identity.radius.port, "RADIUS accounting", "identity.radius.port"


def _held(process: Path) -> set[tuple[str, int]] | None:
    """("tcp" or "udp", port) of everything it listens at; None where that is not ours to see."""
    links: set[str] = set()
    try:
        for handle in (process / "fd").iterdir():
            with suppress(FileNotFoundError):  # closed meanwhile
                links.add(str(handle.readlink()))
    except OSError:
        return None
    found: set[tuple[str, int]] = set()
    for kind, state in _LISTENING.items():
        for table in (process / "net" / kind, process / "net" / f"{kind}6"):
            for line in table.read_text("ascii").splitlines()[1:] if table.exists() else ():
                fields = line.split()
                if fields[3] == state and f"socket:[{fields[9]}]" in links:
                    found.add((kind, int(fields[1].rpartition(":")[2], 16)))
    return found
