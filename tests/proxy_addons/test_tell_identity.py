"""What a worker tells waits for whoever is to hear it, in a bounded number."""

import asyncio
from pathlib import Path

from analytics.identity_socket import IdentitySocket, Message
from proxy_addons.tell_identity import WAITING, TellIdentity


def test_messages_wait_until_somebody_listens(tmp_path: Path) -> None:
    path, heard = tmp_path / "identity.sock", list[Message]()

    async def talk() -> None:
        tell = TellIdentity(path)
        tell.running()
        for number in range(3):
            tell.tell("hello", number=number)
        await asyncio.sleep(0.1)
        door = IdentitySocket(path, {"hello": heard.append})
        await door.open()
        for _ in range(600):
            if len(heard) == 3:
                break
            await asyncio.sleep(0.1)
        tell.done()
        await door.close()

    asyncio.run(talk())
    assert [message["number"] for message in heard] == [0, 1, 2]


def test_the_newest_are_kept_where_nobody_listens(tmp_path: Path) -> None:
    tell = TellIdentity(tmp_path / "nobody.sock")
    for number in range(WAITING + 5):
        tell.tell("hello", number=number)
    assert len(tell.waiting) == WAITING
    assert tell.waiting[-1]["number"] == WAITING + 4
