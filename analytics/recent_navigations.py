"""Where one client just was, as far as it helps to read its next request.

Owns a small bounded memory: pages opened, frames in them and what these hand on (opaque here), addresses forwarded to,
and which of them the shield hides. Promises: at most `limit` of each, whatever the traffic; no address is kept, only
Python's own salted hash of it, so a crash dump shows none.
"""

from typing import Final, NamedTuple

from analytics.event import Kind

_FORWARDED_MS: Final = 30_000
"""A redirect is followed within this time, or not at all."""
_FRAME_MS: Final = 300_000
"""How long a host is remembered as one that stands in frames."""
_OPEN_MS: Final = 24 * 3_600_000
"""How long a page may stay open and refresh itself."""
_PARTS_APPEAR_MS: Final = 10_000
"""How long after a shielded page was opened its parts still come, though they may name no page."""


class Forwarded(NamedTuple):
    """What sent the client on: how it came about, and whether to its own site."""

    ts_ms: int
    kind: Kind
    same_site: bool

    def confidence(self, best: int) -> int:
        """That the person chose where they landed: who is sent on to another site may not have meant it."""
        return best if self.same_site else min(best, 75)


class RecentNavigations:
    """The memory of one client. Times are UTC milliseconds and are given, never read from a clock."""

    __slots__ = (
        "_contexts",
        "_doubtful",
        "_forwards",
        "_frames",
        "_hidden",
        "_hosts",
        "_limit",
        "_pages",
        "_parts_until",
    )

    def __init__(self, limit: int = 64) -> None:
        self._limit = limit
        self._hosts: dict[int, int] = {}
        self._pages: dict[int, int] = {}
        self._forwards: dict[int, Forwarded] = {}
        self._doubtful: dict[int, int] = {}
        self._frames: dict[int, int] = {}
        self._contexts: dict[int, tuple[int, object]] = {}
        self._hidden: dict[int, int] = {}
        self._parts_until = 0

    def opened(self, host: str, path: str, ts_ms: int) -> None:
        """The client opened this page, or it loaded itself again."""
        self._doubtful.pop(hash(host), None)
        self._contexts.pop(hash(host), None)
        self._note(self._hosts, hash(host), ts_ms)
        self._note(self._pages, hash((host, path.partition("?")[0])), ts_ms)

    def opened_doubtfully(self, host: str, path: str, ts_ms: int) -> None:
        """The client opened this page, or a page showed it in a frame: nobody can tell."""
        self.opened(host, path, ts_ms)
        self._note(self._doubtful, hash(host), ts_ms)

    def forwarded(self, host: str, path: str, kind: Kind, ts_ms: int, *, same_site: bool = True) -> None:
        """The client was sent on to this address by something that came about as `kind`."""
        self._note(self._forwards, hash((host, path.partition("?")[0])), Forwarded(ts_ms, kind, same_site))

    def arrived(self, host: str, path: str) -> None:
        """The client asked for this address: whatever sent it there has done so."""
        self._forwards.pop(hash((host, path.partition("?")[0])), None)

    def framed(self, host: str, ts_ms: int, context: object = None) -> None:
        """A page of this client's shows a frame of `host`; `context` is what the frame hands on, where it does:
        it must hold no address."""
        self._note(self._frames, hash(host), ts_ms)
        if context is not None:
            self._note(self._contexts, hash(host), (ts_ms, context))

    def hid_page(self, host: str, ts_ms: int) -> None:
        """The client opened a shielded page of `host`, some of whose pages are not shielded."""
        self._note(self._hidden, hash(host), ts_ms + _OPEN_MS)
        self.hid(ts_ms)

    def hid_frame(self, host: str, ts_ms: int) -> None:
        """A shielded page shows a frame of `host`."""
        self._note(self._hidden, hash(host), ts_ms + _FRAME_MS)

    def hid(self, ts_ms: int) -> None:
        """The client asked for something shielded, and its parts may follow."""
        self._parts_until = max(self._parts_until, ts_ms + _PARTS_APPEAR_MS)

    def showed(self, host: str) -> None:
        """What the client last saw of `host` is an ordinary page or frame."""
        self._hidden.pop(hash(host), None)

    def is_hidden(self, host: str, ts_ms: int) -> bool:
        """Whether what the client last saw of `host` is shielded, or was shown by a shielded page."""
        until = self._hidden.get(hash(host))
        return until is not None and ts_ms <= until

    def parts_may_follow(self, ts_ms: int) -> bool:
        """Whether what names no page may be a part of a shielded one just opened."""
        return ts_ms <= self._parts_until

    def is_frame(self, host: str, ts_ms: int) -> bool:
        """Whether `host` was lately shown in a frame."""
        when = self._frames.get(hash(host))
        return when is not None and ts_ms - when <= _FRAME_MS

    def context_of(self, host: str, ts_ms: int) -> object:
        """What the frame of `host` that was shown last hands on; None where a page of it was opened since."""
        when, context = self._contexts.get(hash(host), (ts_ms, None))
        return context if ts_ms - when <= _FRAME_MS else None

    def since_opened(self, host: str, ts_ms: int) -> int | None:
        """Milliseconds since a page of `host` was last opened; None where none is remembered."""
        when = self._hosts.get(hash(host))
        return None if when is None else max(0, ts_ms - when)

    def is_open(self, host: str, path: str, ts_ms: int) -> bool:
        """Whether this very page was opened lately enough to be open still."""
        return self.since_shown(host, path, ts_ms) is not None

    def since_shown(self, host: str, path: str, ts_ms: int) -> int | None:
        """Milliseconds since this very page last loaded; None where it cannot be open still."""
        when = self._pages.get(hash((host, path.partition("?")[0])))
        return None if when is None or ts_ms - when > _OPEN_MS else max(0, ts_ms - when)

    def anything_open(self, ts_ms: int) -> bool:
        """Whether any page was opened lately enough to be open still."""
        return any(ts_ms - when <= _OPEN_MS for when in reversed(self._pages.values()))

    def is_doubtful(self, host: str, ts_ms: int) -> bool:
        """Whether it cannot be told if the client opened `host` or saw it in a frame."""
        when = self._doubtful.get(hash(host))
        return when is not None and ts_ms - when <= _OPEN_MS

    def since_anything(self, ts_ms: int) -> int | None:
        """Milliseconds since any page was last opened; None where none is remembered."""
        when = next(reversed(self._hosts.values()), None)
        return None if when is None else max(0, ts_ms - when)

    def forwarded_as(self, host: str, path: str, ts_ms: int) -> Forwarded | None:
        """What just sent the client on to this address; None where nothing did."""
        found = self._forwards.get(hash((host, path.partition("?")[0])))
        return found if found is not None and ts_ms - found.ts_ms <= _FORWARDED_MS else None

    def _note[Noted](self, memory: dict[int, Noted], key: int, noted: Noted) -> None:
        memory.pop(key, None)
        if len(memory) >= self._limit:
            del memory[next(iter(memory))]
        memory[key] = noted
