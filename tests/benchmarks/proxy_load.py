"""Steady load through an explicit proxy: a few connections, each asking again as soon as it was answered.

Run as: python -m tests.benchmarks.proxy_load PROXY_PORT URL CA SECONDS CONNECTIONS; prints exchanges per second.
"""

import socket
import ssl
import sys
import threading
import time
from urllib.parse import urlsplit

HEADERS = (
    "Host: {host}\r\n"
    'sec-ch-ua: "Chromium";v="130", "Not?A_Brand";v="99"\r\nsec-ch-ua-mobile: ?0\r\nsec-ch-ua-platform: "Windows"\r\n'
    "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0"
    " Safari/537.36\r\n"
    "Accept: image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8\r\n"
    "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n"
    "Referer: https://{host}/\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: en-GB,en;q=0.9\r\n\r\n"
)


class Load:
    """Counts answers of `connections` threads for `seconds`."""

    def __init__(self, port: int, url: str, ca: str) -> None:
        self._port, self._url, self._ca = port, urlsplit(url), ca
        self._until = 0.0
        self._answers = 0
        self._one = threading.Lock()

    def per_second(self, seconds: float, connections: int) -> float:
        lines = [self._connect() for _ in range(connections)]
        begun = time.monotonic()
        self._until = begun + seconds
        threads = [threading.Thread(target=self._ask, args=(line,)) for line in lines]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self._answers / (time.monotonic() - begun)

    def _connect(self) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", self._port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._url.scheme == "http":
            return line
        host = self._url.hostname
        line.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
        assert b" 200 " in line.recv(4096)
        return ssl.create_default_context(cafile=self._ca).wrap_socket(line, server_hostname=host)

    def _ask(self, line: socket.socket) -> None:
        target = self._url.geturl() if self._url.scheme == "http" else self._url.path
        request = f"GET {target} HTTP/1.1\r\n{HEADERS.format(host=self._url.hostname)}".encode()
        answers = 0
        while time.monotonic() < self._until:
            line.sendall(request)
            received = b""
            while not received.endswith(b"<p>Hello.</p>"):
                piece = line.recv(65_536)
                assert piece, received
                received += piece
            answers += 1
        line.close()
        with self._one:
            self._answers += answers


if __name__ == "__main__":
    load = Load(int(sys.argv[1]), sys.argv[2], sys.argv[3])
    sys.stdout.write(f"{load.per_second(float(sys.argv[4]), int(sys.argv[5])):.1f}\n")
