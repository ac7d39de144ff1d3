"""What a client can try to go round the gateway, for a network namespace of its own.

python -m tests.end_to_end.ways_round udp|tcp ADDRESS PORT FROM prints "refused", "answered" or "silence", and after
how many milliseconds.
"""

import socket
import sys
import time

SECONDS = 5.0


def tried(kind: str, address: str, port: int, source: str) -> str:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM) as probe:
        probe.settimeout(SECONDS)
        probe.bind((source, 0))
        try:
            probe.connect((address, port))
            if kind == "udp":
                # As long as the first packet of HTTP/3 must be.
                probe.send(b"\xc0" + b"x" * 1199)
                probe.recv(1)
        except ConnectionRefusedError:
            return "refused"
        except TimeoutError:
            return "silence"
        return "answered"


if __name__ == "__main__":
    begun = time.monotonic()
    came = tried(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
    sys.stdout.write(f"{came} {int((time.monotonic() - begun) * 1000)}\n")
