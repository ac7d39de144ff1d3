"""Which clients accept the gateway's certificate, and for which sites, in the last day.

Owns the memory of it in one worker, by which a refusal is weighed. Promises: it is bounded, kept nowhere but in memory,
and told to nobody as a list; shielded sites are never decrypted and so are never in it.
"""

from collections import OrderedDict
from typing import Final

CLIENTS: Final = 2_000
SITES: Final = 200
"""Of one client: enough to tell one that accepts from one that does not; the oldest give way."""
DAY_MS: Final = 24 * 3_600_000


class Accepting:
    """When each client last accepted the certificate for each site."""

    def __init__(self) -> None:
        self._clients: OrderedDict[str, OrderedDict[str, int]] = OrderedDict()

    def accepted(self, client: str, host: str, ts_ms: int) -> None:
        """`client` asked something of `host` over a connection that was decrypted."""
        sites = self._clients.setdefault(client, OrderedDict())
        sites[host] = ts_ms
        sites.move_to_end(host)
        self._clients.move_to_end(client)
        if len(sites) > SITES:
            sites.popitem(last=False)
        if len(self._clients) > CLIENTS:
            self._clients.popitem(last=False)

    def opened(self, client: str, host: str, ts_ms: int) -> bool:
        """Whether it did so for this site within the day before `ts_ms`."""
        sites = self._clients.get(client)
        return sites is not None and host in sites and ts_ms - sites[host] < DAY_MS

    def others(self, client: str, host: str, since_ms: int) -> tuple[int, int]:
        """For how many other sites it did since then, and when last (0: never)."""
        sites = self._clients.get(client, OrderedDict())
        times = [last for site, last in sites.items() if site != host and last >= since_ms]
        return len(times), max(times, default=0)
