"""A fault inside mitmproxy, kept to the connection it happened on.

Owns what follows when mitmproxy itself cannot go on with a connection: by itself it writes a line to its log and leaves
both sides waiting for ever. Promises: that connection is closed, so that the browser asks again; the fault is counted
as a hook's is, since an exchange may have gone unrecorded with it; no other connection notices.
"""

import logging
from types import TracebackType
from typing import Any, Literal

from mitmproxy.proxy import mode_servers

from proxy_addons.tally import Tally

type Fault = tuple[type[BaseException], BaseException, TracebackType | None]


def contain_faults(tally: Tally) -> None:
    """Handle every connection of this process so, and count into `tally`."""

    class Contained(mode_servers.ProxyConnectionHandler):
        faulty = False

        def log(self, message: str, level: int = logging.INFO, exc_info: Literal[True] | Fault | None = None) -> None:
            super().log(message, level, exc_info)
            # What is left of the connection may fail once more while it ends.
            if level >= logging.ERROR and exc_info and not self.faulty:
                self.faulty = True
                tally.hook_errors += 1
                self._end()

        def _end(self) -> None:
            for io in list(self.transports.values()):
                if io.handler is not None:
                    io.handler.cancel("fault")

    servers: Any = mode_servers
    servers.ProxyConnectionHandler = Contained
