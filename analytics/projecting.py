"""Beside the loader: what the gateway recorded of people's acknowledgements is taken into governance, and published.

Owns when that happens: at the start, and after each step of the loader that loaded something. Promises: where
governance is absent or cannot be written, loading goes on, and it is tried again later.
"""

import time
from typing import Final

import structlog

from analytics.governance import SYSTEM, Governance
from analytics.governance.projection import project_acknowledgements
from analytics.governance.publish import publish_decisions
from analytics.store import EventStore
from config.errors import FairgateError
from config.state import StateFolder

AGAIN_SECONDS: Final = 60.0
"""After a failure it is not tried again before."""

_log = structlog.get_logger("fairgate.store")


class Projecting:
    """Takes acknowledgements of the store into the governance database of `state`."""

    def __init__(self, state: StateFolder, store: EventStore) -> None:
        self._state, self._store = state, store
        self._governance: Governance | None = None
        self._not_before = 0.0

    def after_loading(self) -> None:
        """Take in what is new; never raises."""
        if time.monotonic() < self._not_before or not self._state.governance.exists():
            return
        try:
            self._project()
        except Exception as fault:
            # A later step tries again: what the gateway recorded is in the store meanwhile.
            _log.warning("projection_failed", fault=type(fault).__name__)
            self._not_before = time.monotonic() + AGAIN_SECONDS
            self.close()

    def close(self) -> None:
        if self._governance is not None:
            self._governance.close()
            self._governance = None

    def _project(self) -> None:
        if self._governance is None:
            self._governance = Governance(self._state.governance)
        if taken := project_acknowledgements(self._governance, self._store):
            _log.info("acknowledgements_taken_in", count=taken)
            try:
                publish_decisions(self._governance, self._state.snapshot, by=SYSTEM)
            except (OSError, FairgateError) as fault:
                _log.warning("not_published", fault=type(fault).__name__)
