"""The standing demonstration: stand-in web, gateway, store and dashboard, started and stopped together.

Owns the demonstration's fairgate.toml and policy folder, the choice of ports, and the order of starting and stopping.
Promises: whatever was started is stopped when the `with` block is left, in order and waited for; a port that was not
asked for by number and is taken gives way to the next free one, and that is said.
"""

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from analytics.demonstration.browsing import Proxy
from analytics.demonstration.cast import SCHOOL, SCHOOL_NAME
from analytics.demonstration.children import Children
from analytics.demonstration.history import GATEWAY, history_stands, write_history
from analytics.demonstration.narration import Narration
from analytics.demonstration.own_policy import write_policy
from analytics.demonstration.running import say_address
from analytics.demonstration.school import DemoSchool, own_folder
from analytics.demonstration.web_server import StandInWeb
from analytics.durable import write_whole
from config.errors import FairgateError
from config.policy import Policy
from config.settings import Settings, load_settings

GATEWAY_PORT: Final = 8080
DASHBOARD_PORT: Final = 8050
_PORTS_TRIED: Final = 200
_SETTINGS: Final = """\
# A demonstration's settings, written anew at every start.
school = {school}
school_name = {school_name}
policy = {policy}

[gateway]
name = "{gateway}"
listen_port = {gateway_port}
stand_in = "127.0.0.1:{web_port}"
upstream_ca = {web_ca}
segment_seconds = 10
heartbeat_seconds = 10

[store]
load_seconds = 0.5

[dashboard]
listen_port = {dashboard_port}
"""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where to listen; None: the usual port, or the next free one."""

    gateway: int | None
    dashboard: int | None


class Standing:
    """Use it as a context manager: within, everything answers."""

    def __init__(self, school: DemoSchool, policy: Policy, ports: Ports, narration: Narration) -> None:
        self.school = school
        self._policy, self._ports, self._narration = policy, ports, narration
        own = own_folder(school.state)
        self.children = Children(school.state, own)
        self._web = StandInWeb(own / "web")

    def __enter__(self) -> Self:
        self._web.start()
        try:
            self.settings = self._settings()
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        with self._narration.step("Stopping"):
            self._stop()

    @property
    def proxy(self) -> Proxy:
        """The gateway, for a client of it."""
        ready = json.loads((self.school.state.root / "run" / "gateway.ready").read_text("utf-8"))
        return Proxy(self.settings.gateway.listen_port, Path(ready["ca_certificate"]), self._web.certificate_path)

    @property
    def dashboard_url(self) -> str:
        return f"http://127.0.0.1:{self.settings.dashboard.listen_port}/"

    def _start(self) -> None:
        # The store is the slowest to start, and needs nothing of the history: it may find it later.
        self.children.start("store")
        if not history_stands(self.school):
            with self._narration.step("Writing four weeks of history (at the first start only)"):
                write_history(self.school, self._policy)
        with self._narration.step("Starting the store, the gateway and the dashboard"):
            for name in ("gateway", "dashboard"):
                self.children.start(name)
            for name in ("store", "gateway", "dashboard"):
                self.children.wait_ready(name)
        say_address(self.school.state, self.dashboard_url)

    def _stop(self) -> None:
        self.children.stop_all()
        self._web.stop()

    def _settings(self) -> Settings:
        state, policy = self.school.state, own_folder(self.school.state).absolute() / "policy"
        write_policy(policy, self._policy)
        gateway_port = self._port("gateway", self._ports.gateway, GATEWAY_PORT)
        text = _SETTINGS.format(
            school=json.dumps(SCHOOL),
            school_name=json.dumps(SCHOOL_NAME),
            policy=json.dumps(str(policy)),
            gateway=GATEWAY,
            gateway_port=gateway_port,
            web_port=self._web.port,
            web_ca=json.dumps(str(self._web.certificate_path.absolute())),
            dashboard_port=self._port("dashboard", self._ports.dashboard, DASHBOARD_PORT, taken=gateway_port),
        )
        write_whole(state.settings, text.encode())
        return load_settings(state.settings)

    def _port(self, what: str, asked: int | None, usual: int, taken: int = 0) -> int:
        if asked is not None:
            if asked == taken or not _free(asked):
                raise FairgateError(f"Port {asked}, asked for the {what}, is in use. Name another, or none.")
            return asked
        for port in range(usual, usual + _PORTS_TRIED):
            if port != taken and _free(port):
                if port != usual:
                    self._narration.say(f"Port {usual} is in use; the {what} takes {port}.")
                return port
        raise FairgateError(f"No free port was found for the {what} from {usual} on. Name one with --{what}-port.")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
