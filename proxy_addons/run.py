"""One gateway worker, from start to clean stop.

Owns the process: its event loop, signals, logs, and the file by which others know that it listens:
STATE/run/gateway-0.ready of worker 0 (gateway.ready where it runs by itself), JSON with pid, host, port and
ca_certificate. Promises: it listens only when everything is ready; SIGTERM and Ctrl-C stop it cleanly, with the spool
flushed and sealed; its logs name no site and no person, and a crash leaves no copy of its memory.
"""

import asyncio
import contextlib
import json
import os
import signal
from pathlib import Path
from typing import Any, Final

import structlog

from analytics.durable import write_whole
from config.settings import GatewaySettings, Settings
from config.state import StateFolder
from proxy_addons.assembly import assemble, process_name
from proxy_addons.authority import Authority
from proxy_addons.beats import Beats
from proxy_addons.closed_memory import close_memory
from proxy_addons.master import LeanMaster
from proxy_addons.posture import listening
from proxy_addons.quiet_log import quieten
from proxy_addons.spare_memory import SpareMemory, keep_one_heap
from proxy_addons.tally import Tally

log = structlog.get_logger("fairgate.gateway")


LIVES_SECONDS: Final = 1.0
"""How often the file is touched: one that grows old is a worker's whose event loop hangs."""


class Readiness:
    """The last addon to run: says that the gateway listens, and takes it back when it stops."""

    def __init__(self, settings: Settings, state: StateFolder, name: str) -> None:
        self._settings, self._state = settings, state
        self.file: Path = state.root / "run" / f"{name}.ready"
        self._task: asyncio.Task[None] | None = None

    def running(self) -> None:
        gateway = self._settings.gateway
        told = {
            "pid": os.getpid(),
            "host": gateway.listen_host,
            "port": gateway.listen_port,
            "mode": gateway.mode,
            "ca_certificate": str(Authority(self._state).certificate),
        }
        write_whole(self.file, json.dumps(told).encode())
        log.info("gateway_ready", port=gateway.listen_port, mode=gateway.mode)
        self._task = asyncio.get_running_loop().create_task(self._lives())

    async def _lives(self) -> None:
        while True:
            await asyncio.sleep(LIVES_SECONDS)
            with contextlib.suppress(OSError):
                os.utime(self.file)

    def done(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self.file.unlink(missing_ok=True)
        log.info("gateway_stopped")


def run_gateway(settings: Settings, state: StateFolder, worker: int | None = None, beat: int | None = None) -> None:
    """Run one worker of `state` until SIGTERM or SIGINT: worker `worker`, which beats on the pipe `beat` for its
    supervisor, or without those a gateway of one worker and no supervisor.

    Raises:
        FairgateError: it cannot start: says what is wrong, where, and what to do.
    """
    quieten()
    close_memory()
    keep_one_heap()
    settings = _of_worker(settings, worker or 0)
    gateway = assemble(settings, state, worker)
    readiness = Readiness(settings, state, process_name(worker))
    readiness.file.unlink(missing_ok=True)
    last = [SpareMemory(), readiness] if beat is None else [SpareMemory(), readiness, Beats(beat)]
    try:
        asyncio.run(_serve([*gateway.pipeline, *last], settings.gateway, gateway.tally))
    finally:
        gateway.close()


def _of_worker(settings: Settings, worker: int) -> Settings:
    """The settings as they hold for one worker: each listens on a port of its own."""
    port = settings.gateway.listen_port + worker
    return settings.model_copy(update={"gateway": settings.gateway.model_copy(update={"listen_port": port})})


async def _serve(addons: list[Any], settings: GatewaySettings, tally: Tally) -> None:
    master = LeanMaster(addons, listening(settings), tally)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, master.should_exit.set)
    await master.run()
