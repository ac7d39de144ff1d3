"""The smallest web server there can be, so that a measured gateway never waits for it.

Run as: python -m tests.benchmarks.tiny_web CERTIFICATE.pem TLS_PORT; plain HTTP is on the next port.
"""

import asyncio
import ssl
import sys

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 13\r\n\r\n<p>Hello.</p>"


class Answering(asyncio.Protocol):
    """Answers every request head alike; there are no bodies."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._read = transport, b""

    def data_received(self, data: bytes) -> None:
        *heads, self._read = (self._read + data).split(b"\r\n\r\n")
        if heads:
            self._transport.write(ANSWER * len(heads))


async def serve(certificate: str, port: int) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    await loop.create_server(Answering, "127.0.0.1", port, ssl=tls)
    await loop.create_server(Answering, "127.0.0.1", port + 1)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
