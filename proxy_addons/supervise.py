"""`fairgate gateway`: the workers, kept running.

Owns the workers' processes, and the file by which others know that the gateway serves (STATE/run/gateway.ready: JSON
with pid, host, port, mode, ca_certificate, and `workers`, the port of each). Promises: the first worker alone prepares
what all share (authority, keys, lists), and where it cannot start, nothing starts; a worker that ends is started again
while the others go on; one whose event loop hangs is ended first; SIGTERM and Ctrl-C stop them all cleanly; the service
manager's watchdog is fed only while every worker is alive. It sees no traffic and loads no mitmproxy.
"""

import json
import os
import selectors
import signal
import time
from typing import Final

import structlog

from analytics.durable import write_whole
from analytics.nft.serving import STOPPING
from config.errors import ConfigError
from config.settings import Settings
from config.state import StateFolder
from config.systemd import notify
from proxy_addons.quiet_log import quieten
from proxy_addons.worker_process import WorkerProcess

STOP_SECONDS: Final = 20.0
NOTICE_SECONDS: Final = 0.8
"""In transparent mode, how long before its workers stop a gateway says so: devices are then let past it in time."""
_LOOK_SECONDS: Final = 0.25
_FEED_SECONDS: Final = 5.0

log = structlog.get_logger("fairgate.gateway")


def supervise(settings: Settings, state: StateFolder) -> int:
    """Run the gateway of `state` until SIGTERM or SIGINT; the exit status, 0 for a clean stop. Where the first worker
    could not start, it has said why, and its exit status is returned.

    Raises:
        FairgateError: a setting that cannot be, or another gateway runs on this folder.
    """
    refuse_impossible(settings)
    quieten()
    state.prepare()
    with state.lock("gateway"):
        return Supervisor(settings, state).run()


def refuse_impossible(settings: Settings) -> None:
    """
    Raises:
        ConfigError: several workers, where nothing would share the traffic among them.
    """
    gateway = settings.gateway
    if gateway.workers > 1 and gateway.mode != "transparent":
        raise ConfigError(
            f'gateway.workers: found {gateway.workers} with mode = "{gateway.mode}"; allowed: 1, or more with '
            'mode = "transparent". Only the firewall of transparent mode shares the traffic among workers.'
        )


class Supervisor:
    """Keeps as many workers as the settings ask for."""

    def __init__(self, settings: Settings, state: StateFolder) -> None:
        self._gateway, self._state = settings.gateway, state
        self._workers = [WorkerProcess(state.root, number) for number in range(self._gateway.workers)]
        self._ready = state.root / "run" / "gateway.ready"
        self._stopping_mark = self._ready.with_name(STOPPING)
        self._stopping = False
        self._ever_served = False
        self._fed = 0.0

    def run(self) -> int:
        """Run until a signal says to stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for left_behind in self._ready.parent.glob("gateway*.ready"):
            left_behind.unlink(missing_ok=True)
        self._stopping_mark.unlink(missing_ok=True)
        try:
            if refused := self._start_first():
                return refused
            while not self._stopping:
                self._look()
        finally:
            notify("STOPPING=1")
            self._stop_all()
        return 0

    def _start_first(self) -> int | None:
        """Start the first worker and wait until it serves; its exit status where it ended instead."""
        first = self._workers[0]
        first.start()
        while not self._stopping and not first.serving:
            for status in self._listen():
                return status or 1
            first.kill_if_silent()
        return None

    def _look(self) -> None:
        for worker in self._workers:
            if worker.due():
                worker.start()
        self._listen()
        for worker in self._workers:
            worker.kill_if_silent()
        self._say_readiness()
        self._feed()

    def _listen(self) -> list[int]:
        """Wait a little for beats and ends; the exit statuses of workers that ended."""
        ended = []
        with selectors.DefaultSelector() as selector:
            for worker in self._workers:
                if worker.pipe >= 0:
                    selector.register(worker.pipe, selectors.EVENT_READ, worker)
            for key, _ in selector.select(_LOOK_SECONDS):
                status = key.data.listen()
                if status is not None:
                    ended.append(status)
        return ended

    def _say_readiness(self) -> None:
        serving = [worker for worker in self._workers if worker.serving]
        if not serving:
            self._ready.unlink(missing_ok=True)
        elif not self._ready.exists():
            write_whole(self._ready, json.dumps(self._told()).encode())
        if serving and not self._ever_served:
            # One suffices: what comes after the gateway need not wait for a worker that cannot start.
            self._ever_served = True
            log.info("gateway_serves", port=self._gateway.listen_port)
            notify("READY=1")

    def _told(self) -> dict[str, object]:
        gateway = self._gateway
        return {
            "pid": os.getpid(),
            "host": gateway.listen_host,
            "port": gateway.listen_port,
            "mode": gateway.mode,
            "ca_certificate": str(self._state.ca / "mitmproxy-ca-cert.pem"),
            "workers": [gateway.listen_port + worker.number for worker in self._workers],
        }

    def _feed(self) -> None:
        now = time.monotonic()
        if now - self._fed >= _FEED_SECONDS and all(worker.alive for worker in self._workers):
            self._fed = now
            notify("WATCHDOG=1")

    def _stop(self, number: int, frame: object) -> None:
        self._stopping = True

    def _stop_all(self) -> None:
        self._ready.unlink(missing_ok=True)
        if self._gateway.mode == "transparent" and self._ever_served:
            self._stopping_mark.touch(mode=0o600)
            time.sleep(NOTICE_SECONDS)
        for worker in self._workers:
            worker.ask_to_stop()
        until = time.monotonic() + STOP_SECONDS
        for worker in self._workers:
            worker.wait(until)
