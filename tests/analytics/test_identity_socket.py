"""Messages on the socket: taken once durable, refused without ending the conversation."""

import asyncio
import json
from pathlib import Path

import pytest

from analytics.identity_socket import IdentitySocket, Message

HEARD: list[Message] = []


def _needs_when(message: Message) -> None:
    HEARD.append({"say": message["say"], "when": int(message["when"])})


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[]", b"7", b"not json", b'{"say": "dance"}', b'{"say": "hello"}', b"\xff"]
)
def test_what_is_not_understood_is_refused(line: bytes) -> None:
    assert IdentitySocket(Path("unused"), {"hello": _needs_when}).take(line)["taken"] is False


def test_each_message_is_answered_and_a_bad_one_ends_nothing(tmp_path: Path) -> None:
    HEARD.clear()
    path = tmp_path / "identity.sock"

    async def talk() -> list[bool]:
        door = IdentitySocket(path, {"hello": _needs_when})
        await door.open()
        assert path.stat().st_mode & 0o777 == 0o600
        reader, writer = await asyncio.open_unix_connection(str(path))
        answers = []
        for line in (b'{"say": "hello", "when": 1}', b"rubbish", b'{"say": "hello", "when": 2}'):
            writer.write(line + b"\n")
            answers.append(json.loads(await reader.readline())["taken"])
        writer.close()
        await door.close()
        return answers

    assert asyncio.run(talk()) == [True, False, True]
    assert HEARD == [{"say": "hello", "when": 1}, {"say": "hello", "when": 2}]
