"""A lean mitmproxy `Master`: the proxy core and our own addons, nothing else.

Owns the list of mitmproxy's addons that a gateway needs, out of the forty that mitmdump loads; about half of mitmdump's
time goes into calling the others. Promises: it either listens or raises; it never runs on with no port open.
"""

import errno
import functools
from collections.abc import Iterable, Mapping
from typing import Any

from mitmproxy.addons.core import Core
from mitmproxy.addons.disable_h2c import DisableH2C
from mitmproxy.addons.next_layer import NextLayer
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.addons.strip_dns_https_records import StripDnsHttpsRecords
from mitmproxy.addons.tlsconfig import TlsConfig
from mitmproxy.master import Master
from mitmproxy.options import Options

from config.errors import FairgateError
from proxy_addons.dispatch import PreparedAddons, UncopiedOptions, proven, skip_message_type_checks
from proxy_addons.hook import report
from proxy_addons.tally import Tally


class LeanMaster(Master):
    """Runs `addons` on mitmproxy's proxy core, listening as `listening` (mitmproxy options) says.

    Made inside a running event loop."""

    def __init__(self, addons: Iterable[Any], listening: Mapping[str, Any], tally: Tally | None = None) -> None:
        """`tally` counts what any hook raises that did not guard itself."""
        quick = proven()
        super().__init__(UncopiedOptions() if quick else Options())
        if quick:
            skip_message_type_checks()
            self.addons = PreparedAddons(self)
            if tally is not None:
                self.addons.on_fault = functools.partial(report, tally)
        self.proxyserver = Proxyserver()
        self.addons.add(  # type: ignore[no-untyped-call, unused-ignore]
            Core(),
            self.proxyserver,
            NextLayer(),
            TlsConfig(),
            DisableH2C(),
            StripDnsHttpsRecords(),
            *addons,
        )
        self.options.update(**listening)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.proxyserver.listen_addrs()[0][1])

    async def running(self) -> None:
        """Raises FairgateError where a port could not be opened: mitmproxy itself only logs that."""
        for server in self.proxyserver.servers:
            if not server.is_running:
                raise _unopened(server.last_exception, self.options.listen_host, self.options.listen_port)
        await super().running()


def _unopened(fault: BaseException | None, host: str, port: int) -> FairgateError:
    why, host = getattr(fault, "errno", None), host or "every address of this machine"
    if why == errno.EADDRINUSE:
        return FairgateError(
            f"Port {port} on {host} is already in use by another program. Stop that program, or choose another port: "
            "listen_port under [gateway] in fairgate.toml."
        )
    if why in (errno.EACCES, errno.EPERM):
        return FairgateError(
            f"This account may not open port {port} on {host}. Choose a port from 1024 up: "
            "listen_port under [gateway] in fairgate.toml."
        )
    # asyncio gives no number where it could bind to none of a host's addresses.
    if why in (errno.EADDRNOTAVAIL, None):
        return FairgateError(f"This machine has no address {host}. Mend listen_host under [gateway] in fairgate.toml.")
    return FairgateError(f"The gateway could not open port {port} on {host} ({fault}).")
