"""A steady load of page visits from many addresses at once, for a network namespace of its own.

python -m tests.end_to_end.steady_load CA SERVER ADDRESS... visits until its input closes, then prints one JSON line:
{address: [[begun, milliseconds, what came of it], ...]}. Each visit is a connection of its own; times are monotonic
seconds, which all processes of one machine share.
"""

import json
import socket
import ssl
import sys
import threading
import time

type Visit = tuple[float, int, str]
PAUSE = 0.05


def visit(context: ssl.SSLContext, server: str, address: str) -> str:
    """ "ok", or the kind of fault."""
    try:
        with (
            socket.create_connection((server, 443), timeout=20, source_address=(address, 0)) as plain,
            context.wrap_socket(plain, server_hostname="steady.argos.co.uk") as wrapped,
        ):
            wrapped.sendall(b"GET / HTTP/1.1\r\nHost: steady.argos.co.uk\r\nConnection: close\r\n\r\n")
            return "ok" if wrapped.recv(12).startswith(b"HTTP/1.1 200") else "no page"
    except OSError as fault:
        return type(fault).__name__


def visits(context: ssl.SSLContext, server: str, address: str, stop: threading.Event, found: list[Visit]) -> None:
    while not stop.is_set():
        begun = time.monotonic()
        came = visit(context, server, address)
        found.append((begun, int((time.monotonic() - begun) * 1000), came))
        time.sleep(PAUSE)


def main(authority: str, server: str, addresses: list[str]) -> None:
    context = ssl.create_default_context(cafile=authority)
    # The stand-in web's authority leaves out what RFC 5280 asks for and no browser does.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    stop = threading.Event()
    found: dict[str, list[Visit]] = {address: [] for address in addresses}
    threads = [
        threading.Thread(target=visits, args=(context, server, address, stop, found[address])) for address in addresses
    ]
    for thread in threads:
        thread.start()
    sys.stdout.write("started\n")
    sys.stdout.flush()
    sys.stdin.read()
    stop.set()
    for thread in threads:
        thread.join()
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
