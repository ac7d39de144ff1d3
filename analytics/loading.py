"""The loader's thread: steps when there is something to load, and backs off while the store or a disk fails.

Promises: no fault ends the thread; its status always says how far it is and, in one sentence, what is wrong.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Any

import structlog

from analytics.loader import Loader, LoadResult
from config.errors import FairgateError

_log = structlog.get_logger("fairgate.loader")
_LONGEST_WAIT = 60.0


class Loading:
    """Runs `loader.step` every `seconds` while idle, at once while there is more; `after`, which must not raise, at
    the start and after each step that loaded something."""

    def __init__(self, loader: Loader, seconds: float, after: Callable[[], None] = lambda: None) -> None:
        self._after = after
        self._loader = loader
        self._seconds = seconds
        self._stop = Event()
        self._lock = Lock()
        self._status: dict[str, Any] = {
            "stepped_ms": 0,
            "records_loaded": 0,
            "damaged": 0,
            "behind_bytes": 0,
            "behind_person_days": 0,
            "fault": "",
        }

    def status(self) -> dict[str, Any]:
        """Since this process started: UTC ms of the last good step, records and damaged lines loaded, bytes of spool
        and person-days still to do, and "" or what is wrong."""
        with self._lock:
            return dict(self._status)

    @contextmanager
    def running(self) -> Iterator[None]:
        """The thread runs within; leaving waits for the step in hand."""
        thread = Thread(target=self._run, name="loader")
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _run(self) -> None:
        wait = self._seconds
        self._after()
        while not self._stop.is_set():
            try:
                result = self._loader.step()
            except Exception as fault:
                # Whatever it is, the spool keeps everything: say so, and try again later.
                self._failed(fault)
                wait = min(wait * 2, _LONGEST_WAIT)
                self._stop.wait(wait)
                continue
            wait = self._seconds
            self._stepped(result)
            if result.records:
                self._after()
            if result.idle:
                self._stop.wait(wait)

    def _stepped(self, result: LoadResult) -> None:
        with self._lock:
            if self._status["fault"]:
                _log.info("loading_again")
            self._status["stepped_ms"] = time.time_ns() // 1_000_000
            self._status["records_loaded"] += result.records
            self._status["damaged"] += result.damaged
            self._status["behind_bytes"] = result.behind_bytes
            self._status["behind_person_days"] = self._loader.behind_person_days
            self._status["fault"] = ""

    def _failed(self, fault: Exception) -> None:
        said = str(fault) if isinstance(fault, FairgateError | OSError) else type(fault).__name__
        with self._lock:
            # The sentence may quote a value that was being stored; the operator's log gets the kind of fault only.
            _log.warning("loading_failed", fault=type(fault).__name__)
            self._status["fault"] = said
