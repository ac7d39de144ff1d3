"""What a client says of its own address: taken away.

Owns the list of headers that claim where a request comes from. Promises: none is passed on, neither to the school's
filter, which would believe it, nor to the open web, which has no business knowing a device's address.
"""

from typing import Final

from mitmproxy.http import HTTPFlow

from proxy_addons.hook import guarded
from proxy_addons.tally import Tally

FORWARDED_FOR: Final = b"X-Forwarded-For"
CLAIMS: Final = frozenset(
    (
        *(b"x-forwarded-for", b"forwarded", b"via", b"x-real-ip", b"client-ip", b"x-client-ip", b"true-client-ip"),
        *(b"x-cluster-client-ip", b"x-original-forwarded-for", b"x-remote-ip", b"x-remote-addr"),
    )
)


class ClientClaims:
    """Takes from each request what it claims of its origin. Must stand after everything that reads its headers."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally

    @guarded
    def requestheaders(self, flow: HTTPFlow) -> None:
        fields = flow.request.headers.fields
        if any(name.lower() in CLAIMS for name, _ in fields):
            flow.request.headers.fields = tuple(field for field in fields if field[0].lower() not in CLAIMS)
