"""Whether whoever signed in at a shared device is still there, so far as what they did shows it.

Owns the rule for sign-ins that nothing goes on vouching for: those at the portal, which end only when somebody presses
a button. (RADIUS accounting says when a session ends.) It is sure who it is for as long as no more than `PAUSE_MS` pass
between the sign-in and the first page chosen, and from each page chosen to the next; after a longer pause somebody else
may have sat down, and until the sign-in ends it is grade C. Promises: whoever sits down after such a pause is never
counted against the person who signed in; a worker that does not remember takes the longer pause for granted; only
pages that were chosen and recorded count, so that a grade tells nothing of anything shielded.
"""

from collections import OrderedDict
from dataclasses import replace
from typing import Final

from analytics.event import Grade, Method
from analytics.identity import Attribution
from analytics.snapshot import DeviceClass

PAUSE_MS: Final = 120_000
REMEMBERED: Final = 4096
_LEFT: Final = 0


class Attended:
    """Remembers of each such sign-in when a page was last chosen under it."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, int] = OrderedDict()

    def graded(self, who: Attribution, ts_ms: int) -> Attribution:
        """The same, unsure where it is not known that they are still there at `ts_ms` (UTC)."""
        if who.grade is not Grade.A or not _ends_unseen(who) or self._there(who, ts_ms):
            return who
        return replace(who, grade=Grade.C)

    def navigated(self, who: Attribution, ts_ms: int) -> None:
        """A page chosen at `ts_ms` was recorded under this sign-in."""
        if who.binding_id is None or not _ends_unseen(who):
            return
        self._last[who.binding_id] = max(self._since(who), ts_ms) if self._there(who, ts_ms) else _LEFT
        self._last.move_to_end(who.binding_id)
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)

    def _there(self, who: Attribution, ts_ms: int) -> bool:
        return ts_ms - self._since(who) <= PAUSE_MS

    def _since(self, who: Attribution) -> int:
        return self._last.get(who.binding_id or "", who.binding_from_ms)


def _ends_unseen(who: Attribution) -> bool:
    return who.method is Method.PORTAL and who.device_class is not DeviceClass.STAFF
