"""Attribution: each exchange's person, or nobody.

Owns the question "whose is this?" for requests and for TLS connections. Promises: only exchanges of a named person who
was told go on to be recorded, and are counted once it is known that the shield does not take them; everyone else's are
counted at most; pupils', guests' and personal devices are not even counted as untold.
"""

import time

from mitmproxy.connection import Client
from mitmproxy.http import HTTPFlow

from analytics.identity import NEVER_RECORDED, Attribution
from analytics.live_register import LiveRegister
from proxy_addons import seen
from proxy_addons.attended import Attended
from proxy_addons.hook import guarded
from proxy_addons.live_identity import LiveIdentity
from proxy_addons.seen import Seen
from proxy_addons.sign_in import SignIn
from proxy_addons.tally import Tally


class Attributor:
    """Marks each request with whose it is."""

    def __init__(self, register: LiveRegister, identity: LiveIdentity, sign_in: SignIn, tally: Tally) -> None:
        self.tally = tally
        self._register, self._identity, self._sign_in = register, identity, sign_in
        self.attended = Attended()

    def who(self, client: Client, ts_ms: int) -> Attribution:
        """Whose traffic comes over this connection at `ts_ms`."""
        signed_in = self._sign_in.of(client)
        found = self._register.now.attribute(client.peername[0], signed_in, ts_ms, self._identity.now)
        return self.attended.graded(found, ts_ms)

    @guarded
    def requestheaders(self, flow: HTTPFlow) -> None:
        if flow.response is not None or flow.error is not None:
            return  # refused by the sign-in
        ts_ms = int(flow.request.data.timestamp_start * 1000)
        who = self.who(flow.client_conn, ts_ms)
        if not who.recorded:
            self.tally.requests += 1
            self.count_unrecorded(who)
            return
        headers = seen.header_values(flow.request.headers)
        host = seen.site_host(flow, headers)
        if host is None:
            self.tally.requests += 1
        else:
            path, query = seen.split_path(flow.request.data.path)
            seen.attach(flow, Seen(who, ts_ms, headers, host, path, query))

    def count_unrecorded(self, who: Attribution) -> None:
        """Somebody not told, or nobody: that it happened is all that is kept."""
        if who.device_class not in NEVER_RECORDED:
            self.tally.untold += 1


def now_ms() -> int:
    """UTC, milliseconds."""
    return time.time_ns() // 1_000_000
