"""Frames that cost the gateway more than they cost their sender.

Owns how many of them one HTTP/2 client may send: requests taken back at once ("rapid reset", CVE-2023-44487), and
frames that ask for nothing (pings, settings, priorities, unknown ones). Neither mitmproxy nor h2 counts them; h2
itself refuses endless headers (CONTINUATION). Promises: whoever sends more than any browser does is told so
(ENHANCE_YOUR_CALM) and cut off; a browser that takes back a whole page of requests, again and again, is not.
"""

import time
from typing import Final

import h2.events
from h2.errors import ErrorCodes

RESETS: Final = 1_000
RESETS_PER_SECOND: Final = 33.0
"""nghttp2's figures, which most of the web's servers stand behind."""
IDLE_FRAMES: Final = 1_000
IDLE_FRAMES_PER_SECOND: Final = 100.0
CODE: Final = ErrorCodes.ENHANCE_YOUR_CALM

_IDLE: Final = (
    h2.events.PingReceived,
    h2.events.PingAckReceived,
    h2.events.RemoteSettingsChanged,
    h2.events.SettingsAcknowledged,
    h2.events.PriorityUpdated,
    h2.events.UnknownFrameReceived,
)


class Allowance:
    """`most` at once, and `per_second` more as time goes by."""

    def __init__(self, most: int, per_second: float) -> None:
        self._most, self._per_second = float(most), per_second
        self._left, self._at = float(most), time.monotonic()

    def take(self, now: float) -> bool:
        """Whether there was one left at `now`, on the monotonic clock."""
        self._left = min(self._most, self._left + (now - self._at) * self._per_second) - 1
        self._at = now
        return self._left >= 0


class Budget:
    """What one client may still send."""

    def __init__(self) -> None:
        self._resets = Allowance(RESETS, RESETS_PER_SECOND)
        self._idle = Allowance(IDLE_FRAMES, IDLE_FRAMES_PER_SECOND)

    def allows(self, event: object) -> bool:
        """Whether this frame, too, may come from a browser."""
        if isinstance(event, h2.events.StreamReset):
            return self._resets.take(time.monotonic())
        if isinstance(event, _IDLE) or (isinstance(event, h2.events.DataReceived) and not event.data):
            return self._idle.take(time.monotonic())
        return True
