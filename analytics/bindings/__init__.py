"""Who, or only which device, was at which address, when, and how that was found; who was told; what is let through.

One table on the gateway's disk, written by `fairgate identity` alone and read by every worker (see
analytics.bindings.table). Nothing here knows mitmproxy, the store or governance.
"""

from analytics.bindings.binding import EMPTY, SIGN_INS, Binding, IdentityView
from analytics.bindings.found import Found, displaces
from analytics.bindings.pulse import Clock, Heart
from analytics.bindings.reader import IdentityReader, distrusting
from analytics.bindings.table import IdentityTable

__all__ = [
    "EMPTY",
    "SIGN_INS",
    "Binding",
    "Clock",
    "Found",
    "Heart",
    "IdentityReader",
    "IdentityTable",
    "IdentityView",
    "displaces",
    "distrusting",
]
