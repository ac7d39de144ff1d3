"""Telling the service manager how a process is: systemd's notification socket.

Promises: without a service manager that asked to be told, nothing happens; a notice never blocks and never raises.
"""

import contextlib
import os
import socket


def notify(*states: str) -> None:
    """Send `states`, such as "READY=1", "WATCHDOG=1", "STOPPING=1" or "STATUS=...", to the service manager."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.setblocking(False)
        # An address that begins with @ has no place in the file system.
        told.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        told.send("\n".join(states).encode())
