"""One kept-alive connection, for a network namespace of its own.

python -m tests.end_to_end.kept_open CA SERVER ADDRESS connects, then asks for a page for every line it is given, and
prints "gateway" or "site", by whose certificate it is answered, or "cut" where the connection has ended.
"""

import http.client
import socket
import ssl
import sys

HOST = "kept.argos.co.uk"


def main(authority: str, server: str, address: str) -> None:
    context = ssl.create_default_context(cafile=authority)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    connection = http.client.HTTPSConnection(HOST, timeout=20)
    plain = socket.create_connection((server, 443), timeout=20, source_address=(address, 0))
    connection.sock = context.wrap_socket(plain, server_hostname=HOST)
    issuer = str(connection.sock.getpeercert())
    whose = "gateway" if "Fairgate web gateway" in issuer else "site"
    for _ in sys.stdin:
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            whose = "cut"
        sys.stdout.write(f"{whose}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3])
