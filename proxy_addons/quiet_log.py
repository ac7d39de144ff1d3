"""mitmproxy's log, without what people visit.

Owns what mitmproxy's own messages become: they name hosts and addresses, so only where they came from and the kind of
fault go to the operator's log, and only errors do. Promises: no message text of mitmproxy or asyncio is written.
"""

import logging
import sys

import structlog

log = structlog.get_logger("fairgate.gateway")


class FaultsOnly(logging.Handler):
    """Passes on that an error happened and where in the code, never its words."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)

    def emit(self, record: logging.LogRecord) -> None:
        fault = record.exc_info[0] if record.exc_info else None
        log.error(
            "proxy_fault",
            where=f"{record.name}:{record.lineno}",
            fault=fault.__name__ if fault is not None else "none",
        )


def quieten() -> None:
    """For this process: the operator's log goes to standard error, other libraries' words nowhere."""
    if not structlog.is_configured():
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    root = logging.getLogger()
    root.handlers = [FaultsOnly()]
    # INFO would cost a formatted line for every connection.
    root.setLevel(logging.WARNING)
