"""Past exchanges become events, by the rules of live traffic.

Owns the assembly of a past `WebEvent`: attributed by the published register, its kind, verdict, page context, hours
and permission found as the gateway finds them. Promises: nothing shielded, and nobody who was not told, is in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from analytics.categorise import Judge, Verdict, in_page_context, kept_path, registrable_domain, search_phrase
from analytics.contracted_hours import hours_at
from analytics.demonstration.cast import SCHOOL, SHARED_ADDRESS
from analytics.demonstration.member import Member
from analytics.demonstration.past_exchange import Past, exchanges_of
from analytics.demonstration.school import DemoSchool
from analytics.demonstration.timetable import chosen_pages
from analytics.event import Kind, NotInspected, Purpose, WebEvent
from analytics.event_id import new_event_id
from analytics.identity import Attribution, ProxySignIn, Register
from analytics.kind import NOT_DECRYPTED, Exchange, KindVerdict, kind_of, remember
from analytics.permission import permission_for
from analytics.recent_navigations import RecentNavigations
from analytics.snapshot import read_snapshot
from analytics.verdict import of_no_page
from config.policy import HoursPattern, Policy

_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class _Seat:
    """Where a member sits on one day."""

    who: Attribution
    client_ip: str
    hours: HoursPattern


class PastEvents:
    """Makes the events of one school's past, up to `until_ms` (UTC)."""

    def __init__(self, school: DemoSchool, policy: Policy, until_ms: int) -> None:
        self._school, self._policy, self._until_ms = school, policy, until_ms
        self._judge = Judge(policy)
        self._snapshot = read_snapshot(school.state.snapshot)
        self._register = Register(self._snapshot)

    def of(self, member: Member, day: date, week: int) -> Iterator[WebEvent]:
        """The events of one member's day, in order of time."""
        hours = self._policy.hours[member.hours]
        pages = [page for page in chosen_pages(member, hours, day, week) if page.ts_ms < self._until_ms]
        if not pages:
            return
        random = Random(f"{member.key} {day} exchanges")  # noqa: S311 - the same day gives the same history
        past = [each for page in pages for each in exchanges_of(page, random)]
        seat, recent = self._seat(member, hours, pages[0].ts_ms), RecentNavigations()
        for each in sorted(past, key=lambda each: each.exchange.ts_ms):
            if event := self._event(seat, each, recent):
                yield event

    def _seat(self, member: Member, hours: HoursPattern, ts_ms: int) -> _Seat:
        person_id = self._school.people[member.key].person_id
        person = self._register.person(person_id)
        address = member.address or (SHARED_ADDRESS if member.on_shared_device else "127.0.0.1")
        sign_in = None
        if member.address is None and person is not None:
            sign_in = ProxySignIn(
                person_id=person_id,
                binding_id=f"proxy:history-{ts_ms:x}",
                since_ms=ts_ms,
                password_hash=person.password_hash,
            )
        return _Seat(self._register.attribute(address, sign_in, ts_ms), address, hours)

    def _event(self, seat: _Seat, past: Past, recent: RecentNavigations) -> WebEvent | None:
        """The event; None where nothing may be recorded, or the connection's one event was made already."""
        exchange = past.exchange
        reason = self._judge.pass_through(exchange.host)
        if not seat.who.recorded or reason is NotInspected.SHIELD:
            return None
        if reason is not None:
            return self._passed_through(seat, exchange, reason) if exchange.path == "/" else None
        kind = kind_of(exchange, recent)
        remember(recent, exchange, kind)
        verdict = self._verdict(past, kind)
        return None if verdict.purpose is Purpose.SHIELDED else self._inspected(seat, past, kind, verdict)

    def _verdict(self, past: Past, kind: KindVerdict) -> Verdict:
        host, asked_by = past.exchange.host, kind.initiator_host
        verdict = self._judge.judge(host, past.exchange.path, past.query)
        if kind.kind in (Kind.NAVIGATION, Kind.REDIRECT):
            return verdict
        if not asked_by:
            return of_no_page(verdict)
        if registrable_domain(asked_by) == registrable_domain(host):
            return verdict
        return in_page_context(verdict, self._judge.judge(asked_by))

    def _passed_through(self, seat: _Seat, exchange: Exchange, reason: NotInspected) -> WebEvent:
        return self._complete(
            seat,
            exchange,
            NOT_DECRYPTED,
            self._judge.judge(exchange.host),
            duration_ms=0,
            method="",
            path="",
            search_phrase="",
            status=0,
            content_type="",
            bytes_down=0,
            not_inspected=reason,
        )

    def _inspected(self, seat: _Seat, past: Past, kind: KindVerdict, verdict: Verdict) -> WebEvent:
        exchange = past.exchange
        return self._complete(
            seat,
            exchange,
            kind,
            verdict,
            duration_ms=past.took_ms,
            method=exchange.method,
            path=kept_path(verdict, exchange.path),
            search_phrase=search_phrase(verdict, past.query),
            status=exchange.status,
            content_type=exchange.content_type,
            bytes_down=past.size,
            not_inspected=NotInspected.INSPECTED,
        )

    def _complete(self, seat: _Seat, exchange: Exchange, kind: KindVerdict, verdict: Verdict, **rest: Any) -> WebEvent:
        who, ts_ms, host = seat.who, exchange.ts_ms, exchange.host
        return WebEvent(
            event_id=new_event_id(ts_ms),
            school=SCHOOL,
            gateway="",
            segment=-1,
            seq=-1,
            ts_ms=ts_ms,
            person_id=who.person_id,
            attribution_method=who.method,
            attribution_grade=who.grade,
            binding_id=who.binding_id,
            binding_from_ms=who.binding_from_ms,
            device_id=who.device_id,
            client_ip=seat.client_ip,
            scheme=exchange.scheme,
            host=host,
            port=_PORTS[exchange.scheme],
            domain=registrable_domain(host),
            bytes_up=0,
            kind=kind.kind,
            kind_confidence=kind.confidence,
            kind_reason=kind.reason,
            initiator_host=kind.initiator_host,
            category=verdict.category,
            purpose=verdict.purpose,
            gravity=verdict.gravity,
            rule=verdict.rule,
            list_name=verdict.list_name,
            list_version=verdict.list_version,
            policy_version=self._policy.version,
            reason=verdict.reason,
            permission_id=permission_for(
                self._snapshot.permissions, who.person_id, verdict.category, host, ts_ms, exchange.path
            ),
            hours=hours_at(seat.hours, self._policy.calendar, ts_ms),
            upload=False,
            media=False,
            **rest,
        )
