"""Whom the sign-ins at one device name, and how surely.

Owns the rule, which looks at nothing but what it is given:

1. The latest sign-in decides. Where it is of somebody who is not on the staff, nobody is named.
2. Where sign-ins of different people stand side by side (from different sources; within one the later takes the place
   of the earlier), the latest is named with grade C, or nobody where they began within a minute of each other: whose
   clock would say who came last?
3. The logon hook's word alone is B on the person's own device and C on any other: a script runs as the user, and could
   say any name.
4. A person whose sign-in stands at another device too is C at every device that is not their own.
5. A sign-in whose user's name nobody checked is C.
6. Otherwise A.

Grade C counts against nobody (analytics.queries.standing).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from analytics.event import Grade, Method

EQUALLY_FRESH_MS: Final = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A sign-in that stands. `person_id` "": somebody who is not on the staff."""

    person_id: str
    source: Method
    binding_id: str
    from_ms: int
    unproved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The sign-in that names the person, and the grade; None: nobody is named."""

    sign_in: SignedIn | None
    grade: Grade


NOBODY: Final = Decided(sign_in=None, grade=Grade.NONE)


def decide(sign_ins: Sequence[SignedIn], owner: str | None, elsewhere: Callable[[str], bool]) -> Decided:
    """Who is named, of at least one sign-in at a device that is `owner`'s; `elsewhere` says of a person whether a
    sign-in of theirs stands at another device."""
    latest = max(sign_ins, key=_freshness)
    others = [each for each in sign_ins if each.person_id != latest.person_id]
    if not latest.person_id or any(latest.from_ms - other.from_ms < EQUALLY_FRESH_MS for other in others):
        return NOBODY
    own = owner == latest.person_id
    theirs = [each for each in sign_ins if each.person_id == latest.person_id]
    best = max(theirs, key=lambda each: (not each.unproved, each.source is not Method.HOOK, _freshness(each)))
    if others or (not own and elsewhere(latest.person_id)):
        return Decided(sign_in=best, grade=Grade.C)
    if best.unproved:
        return Decided(sign_in=best, grade=Grade.C)
    if best.source is Method.HOOK:
        return Decided(sign_in=best, grade=Grade.B if own else Grade.C)
    return Decided(sign_in=best, grade=Grade.A)


def _freshness(sign_in: SignedIn) -> tuple[int, bool, str]:
    """Of two at the same moment, the one that names nobody is the later."""
    return sign_in.from_ms, not sign_in.person_id, sign_in.binding_id
