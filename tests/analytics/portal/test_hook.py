"""The logon hook, asked over real TLS by curl and by the script that a school deploys."""

import asyncio
import hashlib
import json
import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analytics.event import Method
from analytics.portal import hook
from analytics.portal.server import PortalServer
from analytics.records import BindingStep
from analytics.snapshot import Device, DeviceClass
from proxy_addons.authority import Authority
from tests.analytics.an_identity import Desk, an_identity
from tests.analytics.portal.test_server import until_open
from tests.proxy_addons.local_web import free_port
from tests.proxy_addons.running_gateway import REPOSITORY

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
TOKEN = "a-token-of-the-laptop"
LAPTOP = Device(
    device_id="d-1",
    device_class=DeviceClass.SHARED,
    addresses=(),
    person_id=None,
    from_ms=1,
    macs=("02:00:00:00:00:01",),
    token_hash=hashlib.sha256(TOKEN.encode()).hexdigest(),
)
SCRIPT = REPOSITORY / "config" / "deploy" / "logon" / "fairgate-logon.sh"


class Asked:
    """A portal and how it answers."""

    def __init__(self, desk: Desk, port: int) -> None:
        self.desk, self.portal = desk, f"https://127.0.0.1:{port}"
        self.ca = str(desk.identity.state.ca / "mitmproxy-ca-cert.pem")

    async def ask(self, path: str, body: object, token: str = TOKEN) -> int:
        said = body if isinstance(body, str) else json.dumps(body)
        process = await asyncio.create_subprocess_exec(
            *("curl", "-sS", "--cacert", self.ca, "-o", "/dev/null", "-w", "%{http_code}", "-X", "POST"),
            *("-H", f"Authorization: Bearer {token}", "-d", said, self.portal + path),
            stdout=asyncio.subprocess.PIPE,
        )
        answered, _ = await process.communicate()
        return int(answered)

    def bound(self) -> list[tuple[str, str]]:
        return [(item.person_id, item.device_id) for item in self.desk.bound]

    def steps(self) -> list[tuple[str, BindingStep]]:
        return [(change.person_id, change.step) for change in self.desk.kept.changes]


def asking(folder: Path, work: Callable[[Asked], Awaitable[None]], *devices: Device) -> None:
    plain, secure = free_port(), free_port()

    async def run() -> None:
        ports: dict[str, Any] = {"listen_host": "127.0.0.1", "portal_port": plain, "portal_tls_port": secure}
        with an_identity(folder, *devices, domains=["OAK"], **ports) as desk:
            Authority(desk.identity.state).prepare("Oak Primary")
            serving = asyncio.create_task(PortalServer(desk.identity, [hook.routes]).run())
            await until_open(secure)
            try:
                await work(Asked(desk, secure))
            finally:
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)

    asyncio.run(run())


def test_whoever_logs_on_is_bound_until_they_log_off(tmp_path: Path) -> None:
    async def work(asked: Asked) -> None:
        assert await asked.ask("/logon", {"user": "OAK\\Anne"}) == 204
        assert await asked.ask("/logon", {"user": "anne"}) == 204
        assert asked.bound() == [("p-anne", "d-1")]
        assert asked.desk.bound[0].source is Method.HOOK
        assert await asked.ask("/logoff", {"user": "ben"}) == 204
        assert asked.bound() == [("p-anne", "d-1")]
        assert await asked.ask("/logon", {"user": "ben"}) == 204
        assert await asked.ask("/logoff", {"user": "ben"}) == 204
        assert asked.steps() == [
            ("p-anne", BindingStep.OPENED),
            ("p-anne", BindingStep.SUPERSEDED),
            ("p-ben", BindingStep.OPENED),
            ("p-ben", BindingStep.CLOSED),
        ]

    asking(tmp_path, work, LAPTOP)


def test_a_pupil_after_a_teacher_is_bound_as_nobody(tmp_path: Path) -> None:
    async def work(asked: Asked) -> None:
        for user in ("anne", "kid.7", "PC-7$"):
            assert await asked.ask("/logon", {"user": user}) == 204
            assert asked.bound() == {"anne": [("p-anne", "d-1")], "kid.7": [("", "d-1")]}.get(user, [])
        assert b"kid.7" not in repr(asked.desk.kept.records).encode()

    asking(tmp_path, work, LAPTOP)


def test_a_token_speaks_for_its_own_device_alone_and_a_bad_body_says_nothing(tmp_path: Path) -> None:
    other = replace(LAPTOP, device_id="d-2", addresses=("127.0.0.1",), macs=(), token_hash="")

    async def work(asked: Asked) -> None:
        assert await asked.ask("/logon", {"user": "anne"}) == 403
        asked.desk.publish(LAPTOP)
        assert await asked.ask("/logon", {"user": "anne"}, token="another") == 401
        assert await asked.ask("/logon", {"user": "anne"}, token="") == 401
        for body in ("", "[]", "null", '{"user": 7}', '{"user": " "}', '{"user": "anne"', "\\"):
            assert await asked.ask("/logon", body) == 400
        assert asked.bound() == []

    asking(tmp_path, work, LAPTOP, other)


def test_guessing_is_slowed_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook, "WRONG_TOKENS", 3)

    async def work(asked: Asked) -> None:
        said = [await asked.ask("/logon", {"user": "anne"}, token="wrong") for _ in range(4)]
        assert said == [401, 401, 401, 429]
        assert await asked.ask("/logon", {"user": "anne"}) == 429

    asking(tmp_path, work, LAPTOP)


def test_of_a_pupils_device_nothing_is_kept(tmp_path: Path) -> None:
    async def work(asked: Asked) -> None:
        assert await asked.ask("/logon", {"user": "anne"}) == 204
        assert asked.desk.kept.records == []

    asking(tmp_path, work, replace(LAPTOP, device_class=DeviceClass.PUPIL))


def test_the_script_that_a_school_deploys_is_heard(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN + "\n")

    async def work(asked: Asked) -> None:
        async def script(**how: str) -> None:
            surroundings = {
                "PATH": os.environ["PATH"],
                "FAIRGATE_PORTAL": asked.portal,
                "FAIRGATE_TOKEN_FILE": str(tmp_path / "token"),
                "FAIRGATE_CA": asked.ca,
                "PAM_USER": "anne",
            }
            process = await asyncio.create_subprocess_exec(str(SCRIPT), env=surroundings | how)
            assert await process.wait() == 0

        await script(PAM_TYPE="open_session")
        assert asked.bound() == [("p-anne", "d-1")]
        await script(PAM_TYPE="close_session")
        assert asked.bound() == []
        await script(PAM_TYPE="open_session", PAM_USER='x", "y')
        await script(PAM_TYPE="open_session", FAIRGATE_TOKEN_FILE="/nowhere")
        assert asked.bound() == []

    asking(tmp_path, work, LAPTOP)
