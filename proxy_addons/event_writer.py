"""From what was seen to a `WebEvent` on the spool.

Owns the fields every event has in common: the school, whose it is, what it means, within which hours, under which
permission. Promises: an event holds no more than its verdict lets it keep; writing never blocks (the spool counts what
it must drop); where somebody signed in, their binding is said to hold from the first exchange recorded under it, since
the moment of signing in may have been that of a shielded one.
"""

import functools
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final, Protocol

from analytics.categorise import Judge, Reason, Verdict
from analytics.contracted_hours import hours_at
from analytics.event import Hours, Kind, Method, WebEvent
from analytics.event_id import new_event_id
from analytics.identity import Attribution, plain_address
from analytics.live_register import LiveRegister
from analytics.permission import permission_for, shown_by_front_end
from analytics.records import Record
from analytics.snapshot import DeviceClass
from config.host_name import registrable_domain
from config.policy import Policy
from proxy_addons.attended import Attended
from proxy_addons.tell_identity import TellIdentity

MINUTE_MS: Final = 60_000
ACTIVE_MS: Final = 20_000
"""How often it is told that a sign-in at a shared device goes on."""
BINDINGS: Final = 4096
"""Sign-ins whose first recorded exchange is remembered; a later start, for one forgotten, is as true."""


class Spool(Protocol):
    """Where records go; `analytics.spool.SpoolWriter` in life."""

    def put(self, record: Record, /) -> bool: ...

    @property
    def dropped(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What every record of this worker shares."""

    school: str
    gateway: str
    policy: Policy
    judge: Judge
    register: LiveRegister
    spool: Spool


class EventWriter:
    """Completes events and puts them on the spool."""

    def __init__(self, recording: Recording, tell: TellIdentity, attended: Attended) -> None:
        self._recording, self._tell, self._attended = recording, tell, attended
        self._put = recording.spool.put
        self._first: OrderedDict[str, int] = OrderedDict()
        self._active: OrderedDict[str, int] = OrderedDict()
        self._hours = functools.lru_cache(maxsize=4096)(self._hours_in_minute)

    def write(
        self,
        who: Attribution,
        ts_ms: int,
        host: str,
        verdict: Verdict,
        *,
        asked_path: str = "",
        asked_query: str = "",
        **rest: Any,
    ) -> None:
        """Record one exchange or connection; `rest` holds the remaining fields of `WebEvent`.

        `asked_path` and `asked_query` decide which permission covers it, and are not kept.
        """
        recording = self._recording
        if rest["kind"] is Kind.NAVIGATION:
            self._attended.navigated(who, ts_ms)
            if who.device_class is not DeviceClass.STAFF:
                self._stay(who, ts_ms)
        self._put(
            WebEvent(
                event_id=new_event_id(ts_ms),
                school=recording.school,
                gateway=recording.gateway,
                segment=-1,
                seq=-1,
                ts_ms=ts_ms,
                person_id=who.person_id,
                attribution_method=who.method,
                attribution_grade=who.grade,
                binding_id=who.binding_id,
                binding_from_ms=self._bound_from(who, rest["client_ip"], ts_ms),
                device_id=who.device_id,
                host=host,
                domain=registrable_domain(host),
                category=verdict.category,
                purpose=verdict.purpose,
                gravity=verdict.gravity,
                rule=verdict.rule,
                list_name=verdict.list_name,
                list_version=verdict.list_version,
                policy_version=recording.judge.policy_version,
                reason=str(verdict.reason),
                permission_id=self._permission(who, verdict, host, ts_ms, asked_path, asked_query),
                hours=self._worked(who, ts_ms),
                **rest,
            )
        )

    def _bound_from(self, who: Attribution, client_ip: str, ts_ms: int) -> int:
        """From when the binding is known to hold by what was recorded."""
        if who.method is not Method.PROXY or who.binding_id is None:
            return who.binding_from_ms
        if who.binding_id not in self._first:
            self._say(who, client_ip, ts_ms)
        first = min(self._first.pop(who.binding_id, ts_ms), ts_ms)
        self._first[who.binding_id] = first
        if len(self._first) > BINDINGS:
            self._first.popitem(last=False)
        return first

    def _stay(self, who: Attribution, ts_ms: int) -> None:
        """Have a sign-in at a shared device go on, for a page was chosen under it; what pages fetch by themselves shows
        nobody there. What is shielded never comes here, so that the end of the sign-in tells nothing of it."""
        last = self._active.get(who.binding_id or "", 0)
        if who.binding_id and not last <= ts_ms < last + ACTIVE_MS:
            self._tell.tell("active", binding_id=who.binding_id)
            self._active[who.binding_id] = ts_ms
            self._active.move_to_end(who.binding_id)
            if len(self._active) > BINDINGS:
                self._active.popitem(last=False)

    def _say(self, who: Attribution, client_ip: str, ts_ms: int) -> None:
        """Have the sign-in written down where all of them are."""
        self._tell.tell(
            "signed_in",
            session=who.binding_id,
            person_id=who.person_id,
            device_id=who.device_id,
            client_ip=plain_address(client_ip),
            from_ms=ts_ms,
        )

    def _permission(
        self, who: Attribution, verdict: Verdict, host: str, ts_ms: int, path: str, query: str
    ) -> str | None:
        permissions = self._recording.register.snapshot.permissions
        if not permissions or who.person_id is None:
            return None
        # What was judged as the page that a front-end shows is permitted as that page is.
        shown = shown_by_front_end(host, path, query) if verdict.reason == Reason.PAGE_SHOWN else None
        return permission_for(permissions, who.person_id, verdict.category, host, ts_ms, path, shown)

    def _worked(self, who: Attribution, ts_ms: int) -> Hours:
        person = self._recording.register.now.person(who.person_id) if who.person_id is not None else None
        return Hours.NOT_STATED if person is None else self._hours(person.hours, ts_ms // MINUTE_MS)

    def _hours_in_minute(self, pattern: str, minute: int) -> Hours:
        """Hours begin and end on whole minutes, so that one answer does for all of a minute."""
        known = self._recording.policy.hours.get(pattern)
        return hours_at(known, self._recording.policy.calendar, minute * MINUTE_MS)
