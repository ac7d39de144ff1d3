"""mitmproxy's log, without what people visit.

Owns what mitmproxy's own messages become: they name hosts and addresses, so only where they came from and the kind of
fault go to the operator's log, and only errors do. Promises: no message text of mitmproxy, asyncio, a thread or a
destructor is written, nor a warning; what one of our own log lines says of a fault is never its message or its
variables. A peer that hung up is no fault.
"""

import logging
import sys
import threading
import warnings
from collections.abc import MutableMapping
from typing import Any

import structlog

log = structlog.get_logger("fairgate.gateway")


class FaultsOnly(logging.Handler):
    """Passes on that an error happened and where in the code, never its words."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)

    def emit(self, record: logging.LogRecord) -> None:
        fault = record.exc_info[0] if record.exc_info else None
        # asyncio tells of every write that nobody awaits any more; mitmproxy has ended that connection already.
        if record.name == "asyncio" and fault is not None and issubclass(fault, ConnectionError):
            return
        _say(f"{record.name}:{record.lineno}", fault)


def quieten() -> None:
    """For this process: the operator's log goes to standard error, other libraries' words nowhere."""
    if not structlog.is_configured():
        *before, renderer = structlog.get_config()["processors"]
        structlog.configure(
            processors=[*before, _without_words, renderer], logger_factory=structlog.PrintLoggerFactory(sys.stderr)
        )
    root = logging.getLogger()
    root.handlers = [FaultsOnly()]
    # INFO would cost a formatted line for every connection.
    root.setLevel(logging.WARNING)
    # Python prints these with the message and what it was about.
    sys.unraisablehook = lambda fault: _say("destructor", fault.exc_type)
    threading.excepthook = lambda fault: _say("thread", fault.exc_type)
    warnings.simplefilter("ignore")


def _say(where: str, fault: type[BaseException] | None) -> None:
    log.error("proxy_fault", where=where, fault=fault.__name__ if fault is not None else "none")


def _without_words(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog's own rendering of a fault shows its message, and the variables of every frame."""
    if fault := event.pop("exc_info", None):
        known = fault[1] if isinstance(fault, tuple) else fault if isinstance(fault, BaseException) else sys.exception()
        event["fault"] = type(known).__name__
    return event
