"""Steady browsing of many hosts through a gateway: a few clients, each on one kept-alive connection at a time.

Run as: python -m tests.hostile.steady_browsing PROXY_PORT CA CLIENTS; each line on standard input is a number of
exchanges to make, and is answered with the same number when they were made.
"""

import asyncio
import itertools
import ssl
import sys

HOSTS = 400
PER_CONNECTION = 50
FIRST = 40
"""Every so many connections one goes to a host over plain HTTP."""
ANSWERED = b"<p>Hello.</p>"
REQUEST = (
    "GET {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Mozilla/5.0 Chrome/130.0\r\nAccept: image/*\r\n"
    "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\nReferer: https://{host}/\r\n\r\n"
)


class Browsing:
    """`clients` at once; every connection is to the next host."""

    def __init__(self, port: int, ca: str, clients: int) -> None:
        self._port, self._clients = port, clients
        self._tls = ssl.create_default_context(cafile=ca)
        self._connections = itertools.count()
        self._left = 0

    async def make(self, exchanges: int) -> None:
        self._left = exchanges
        async with asyncio.TaskGroup() as group:
            for _ in range(self._clients):
                group.create_task(self._browse())

    async def _browse(self) -> None:
        while self._left > 0:
            number = next(self._connections)
            await self._connection(f"h{number % HOSTS}.argos.co.uk", plain=number % FIRST == 0)

    async def _connection(self, host: str, *, plain: bool) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        if not plain:
            writer.write(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
            assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
            await writer.start_tls(self._tls, server_hostname=host)
        for number in range(PER_CONNECTION):
            if self._left <= 0:
                break
            self._left -= 1
            target = f"http://{host}/i{number}.png" if plain else f"/i{number}.png"
            writer.write(REQUEST.format(target=target, host=host).encode())
            await reader.readuntil(ANSWERED)
        writer.close()


async def serve(port: int, ca: str, clients: int) -> None:
    browsing = Browsing(port, ca, clients)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        await browsing.make(int(line))
        sys.stdout.write(line)
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
