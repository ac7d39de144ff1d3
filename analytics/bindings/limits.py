"""How long a binding lasts.

Owns the limits. Promises: a sign-in at a device that is not one person's ends `idle_ms` after the last that was
recorded under it, and `most_ms` after it began, whatever its source says; one that names nobody lasts as long as its
source says, because nothing of theirs is recorded by which to tell that they went.
"""

from collections.abc import Callable
from dataclasses import dataclass

from analytics.bindings.binding import SIGN_INS, Binding
from analytics.bindings.found import Found


@dataclass(slots=True)
class Limits:
    """When one ends: the earliest of these, UTC ms; 0 is never."""

    source_ms: int
    idle_ms: int = 0
    most_ms: int = 0

    @property
    def first(self) -> int:
        return min((limit for limit in (self.source_ms, self.idle_ms, self.most_ms) if limit), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the registrar must know of the school."""

    one_persons: Callable[[str], bool] = lambda _: True
    """Whether the device of this id is a staff device, which one person at a time has in hand."""
    told: Callable[[str], bool] = lambda _: True
    """Whether the person of this id was told that use is monitored."""
    idle_ms: int = 600_000
    most_ms: int = 14_400_000

    def limits(self, found: Found, now_ms: int) -> Limits:
        """Of a binding that begins."""
        limits = Limits(found.expires_ms)
        if self._limited(found):
            limits.idle_ms, limits.most_ms = now_ms + self.idle_ms, found.from_ms + self.most_ms
        return limits

    def limits_again(self, binding: Binding) -> Limits:
        """Of one that stood when the process began: what its source had said is not known apart any more."""
        limits = Limits(binding.expires_ms)
        if self._limited(binding):
            most = binding.from_ms + self.most_ms
            limits = Limits(most, binding.expires_ms, most)
        return limits

    def _limited(self, item: Found | Binding) -> bool:
        return item.source in SIGN_INS and bool(item.person_id) and not self.one_persons(item.device_id)
