"""analytics.nft.owed: what identity must be told waits on disk, through restarts, until it was taken."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from analytics.identity_socket import IdentitySocket, Message
from analytics.nft.owed import Owed

BYPASSED = {"say": "bypassed", "from_ms": 1, "to_ms": 2}


@contextmanager
def identity(path: Path, heard: list[Message]) -> Iterator[None]:
    """The real socket of identity, listening in a thread."""
    loop, started = asyncio.new_event_loop(), threading.Event()
    door = IdentitySocket(path, {"bypassed": heard.append, "attempts": heard.append})

    async def listen() -> None:
        await door.open()
        started.set()

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(listen(), loop).result(20)
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(door.close(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def attempts(since_ms: int, quic: int) -> dict[str, Any]:
    return {"say": "attempts", "since_ms": since_ms, "quic": quic, "dot": 1, "doh": 0}


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_it_waits_on_disk_until_identity_listens_and_is_told_once(tmp_path: Path) -> None:
    file, socket, heard = tmp_path / "nft" / "owed.jsonl", tmp_path / "identity.sock", list[Message]()
    Owed(file, socket).owe(BYPASSED)
    owed = Owed(file, socket)
    owed.tell()
    assert owed.waiting == (BYPASSED,)
    with identity(socket, heard):
        owed.tell()
        owed.tell()
    assert heard == [BYPASSED]
    assert owed.waiting == Owed(file, socket).waiting == ()


def test_counts_that_wait_are_added_up_and_stretches_are_not(tmp_path: Path) -> None:
    owed = Owed(tmp_path / "owed.jsonl", tmp_path / "none.sock")
    for message in (attempts(10, 2), BYPASSED, attempts(20, 3), BYPASSED):
        owed.owe(message)
    assert owed.waiting == ({**attempts(10, 5), "dot": 2}, BYPASSED, BYPASSED)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_message_that_can_never_be_taken_holds_up_nothing(tmp_path: Path) -> None:
    owed, heard = Owed(tmp_path / "owed.jsonl", tmp_path / "identity.sock"), list[Message]()
    owed.owe({"say": "nonsense"})
    owed.owe(BYPASSED)
    with identity(tmp_path / "identity.sock", heard):
        owed.tell()
    assert heard == [BYPASSED]
    assert owed.waiting == ()


def test_a_socket_where_nobody_listens_is_left_alone_for_a_while(tmp_path: Path) -> None:
    (tmp_path / "identity.sock").touch()
    owed = Owed(tmp_path / "owed.jsonl", tmp_path / "identity.sock")
    owed.owe(BYPASSED)
    owed.tell()
    owed.tell()
    assert owed.waiting == (BYPASSED,)


def test_a_damaged_line_costs_that_line(tmp_path: Path) -> None:
    file = tmp_path / "owed.jsonl"
    file.write_bytes(b'{"say": "bypassed", "from_ms": 1, "to_ms": 2}\n{"say\n[]\n')
    assert Owed(file, tmp_path / "none.sock").waiting == (BYPASSED,)
