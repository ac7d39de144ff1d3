"""`fairgate dashboard`: the pages, served by gunicorn.

Owns the process: one instance a state folder, one worker with eight threads, nothing loaded before the worker is
made. Promises: a port in use is a sentence before anything starts; STATE/run/dashboard.ready stands exactly while it
listens; SIGTERM ends it cleanly; its log holds no address of a page and nobody's name.
"""

import socket
from contextlib import closing
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from config.errors import FairgateError
from config.settings import Settings
from config.state import StateFolder

_THREADS = 8
_TIMEOUT_S = 60


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn around one application, made in the worker."""

    def __init__(self, settings: Settings, state: StateFolder) -> None:
        self._settings, self._state = settings, state
        super().__init__()

    def load_config(self) -> None:
        """gunicorn's own settings."""
        ready = ready_file(self._state)
        for name, value in _config(self._settings, ready).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application; runs in the worker, after the fork."""
        from dashboard.app import create_app

        return create_app(self._settings, self._state).server


def serve(settings: Settings, state: StateFolder) -> None:
    """Serve the pages until SIGTERM or SIGINT.

    Raises:
        FairgateError: another dashboard runs on this state folder, the port is taken, or the school is not set up.
    """
    state.prepare()
    with closing(state.lock("dashboard")):
        _check_school(settings, state)
        _check_port(settings.dashboard.listen_host, settings.dashboard.listen_port)
        ready_file(state).unlink(missing_ok=True)
        try:
            _Server(settings, state).run()
        finally:
            ready_file(state).unlink(missing_ok=True)


def ready_file(state: StateFolder) -> Path:
    """Stands while the dashboard answers."""
    return state.root / "run" / "dashboard.ready"


def _check_school(settings: Settings, state: StateFolder) -> None:
    """What the worker would fail on, said here, where a person reads it."""
    from analytics.governance import Governance
    from config.policy import load_policy

    load_policy(settings.policy)
    Governance(state.governance).close()


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            raise FairgateError(
                f"The dashboard cannot listen on {host} port {port} ({fault.strerror}). Stop what uses it, or set "
                "another dashboard.listen_port in fairgate.toml (or FAIRGATE_DASHBOARD__LISTEN_PORT)."
            ) from fault


def _config(settings: Settings, ready: Path) -> dict[str, Any]:
    host = settings.dashboard.listen_host

    def listening(_worker: object) -> None:
        ready.write_text("ready\n", "ascii")

    return {
        "bind": f"[{host}]:{settings.dashboard.listen_port}"
        if ":" in host
        else f"{host}:{settings.dashboard.listen_port}",
        "worker_class": "gthread",
        "workers": 1,
        "threads": _THREADS,
        "preload_app": False,
        "timeout": _TIMEOUT_S,
        "graceful_timeout": 10,
        "control_socket_disable": True,
        "proc_name": "fairgate-dashboard",
        "accesslog": None,
        "loglevel": "warning",
        "post_worker_init": listening,
    }
