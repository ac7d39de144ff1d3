"""The registrar: the single writer of bindings, acknowledgements and learnt pass-throughs.

Owns every change of the identity table, and the record of it. Promises: a change and its record are made together, or
neither; a binding that ended never begins again, and none is changed to have been somebody else's; which bindings end
when another begins stands in analytics.bindings.found; a sign-in at a device that is not one person's ends when nothing
is heard of it, and at the latest after some hours; of whoever was not yet told no record is made, from their
sign-in until they are, and then from that moment on, though who signed in last is told by when they did.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from analytics.bindings import Binding, Found, IdentityTable, IdentityView, displaces
from analytics.bindings.limits import Limits, Rules
from analytics.change_records import ChangeRecords
from analytics.event import Method
from analytics.outbox import Outbox, Spool
from analytics.records import BindingStep, OtherRecord, PinStep

__all__ = ["Found", "Registrar", "Rules", "Spool"]

_PREFIX: Final = {Method.DOT1X: "dot1x"}
_KEPT_MS: Final = 86_400_000
"""How long the table keeps bindings that ended; their records are kept elsewhere, and longer."""


class Registrar:
    """Makes the changes of one gateway's identity table. `now_ms` is UTC milliseconds."""

    def __init__(
        self,
        table: IdentityTable,
        spool: Spool,
        school: str,
        gateway: str,
        now_ms: Callable[[], int],
        rules: Rules | None = None,
    ) -> None:
        self._table, self._outbox, self._rules = table, Outbox(table, spool), rules or Rules()
        self._now_ms, self._records = now_ms, ChangeRecords(school, gateway, now_ms)
        self._open = {binding.binding_id: binding for binding in table.open_bindings()}
        self._limits = {binding.binding_id: self._rules.limits_again(binding) for binding in self._open.values()}
        self._by_session = {(item.source, item.session): item.binding_id for item in self._open.values()}
        self._withheld, self._on_record = table.withheld(), table.on_record()
        self._view: IdentityView | None = None

    @property
    def open_bindings(self) -> tuple[Binding, ...]:
        return tuple(self._open.values())

    @property
    def view(self) -> IdentityView:
        """What is open now, to be asked who is where."""
        if self._view is None:
            self._view = IdentityView(bindings=self.open_bindings)
        return self._view

    def standing(self, source: Method, session: str) -> Binding | None:
        """The open binding of this source and session."""
        return self._open.get(self._by_session.get((source, session), ""))

    def told_during(self, binding_id: str) -> bool:
        """Whether its person was told only after it began: what was before must not come on record."""
        return binding_id in self._on_record

    def last(self, source: Method, session: str) -> Binding | None:
        """The newest binding of this source and session, open or ended."""
        return self._table.last(source, session)

    def open(self, found: Found) -> Binding:
        """A binding begins; those that give way to it end. One that the source named, and that began before, stays as
        it is."""
        if found.binding_id and (known := self._table.binding(found.binding_id)):
            return known
        fresh, limits = self._fresh(found)
        withheld = bool(fresh.person_id) and not self._rules.told(fresh.person_id)
        displaced = [binding for binding in self._open.values() if displaces(found, binding)]
        ended = [replace(binding, until_ms=max(found.from_ms, binding.from_ms)) for binding in displaced]
        with self._table.change():
            for binding in ended:
                self._table.replace(binding)
                self._record(binding, BindingStep.SUPERSEDED)
            self._table.insert(fresh)
            if withheld:
                self._table.withhold(fresh.binding_id)
            else:
                self._record(fresh, BindingStep.OPENED)
        for binding in ended:
            self._forget(binding.binding_id)
        if withheld:
            self._withheld.add(fresh.binding_id)
        self._by_session[fresh.source, fresh.session] = fresh.binding_id
        self._open[fresh.binding_id], self._limits[fresh.binding_id], self._view = fresh, limits, None
        self.send()
        return fresh

    def renew(self, binding_id: str, expires_ms: int) -> None:
        """Its source was heard of again: it now ends at `expires_ms` unless it is once more. No record: nothing of
        what it says changed."""
        if limits := self._limits.get(binding_id):
            limits.source_ms = max(expires_ms, limits.source_ms)
            self._limit(binding_id)

    def active(self, binding_id: str) -> None:
        """Somebody went on working under it, now."""
        limits = self._limits.get(binding_id)
        if limits is not None and limits.idle_ms:
            limits.idle_ms = max(self._now_ms() + self._rules.idle_ms, limits.idle_ms)
            self._limit(binding_id)

    def end(self, binding_id: str, at_ms: int, step: BindingStep = BindingStep.CLOSED) -> None:
        """It ends at `at_ms`; nothing happens where it ended already."""
        binding = self._open.get(binding_id)
        if binding is None:
            return
        ended = replace(binding, until_ms=max(at_ms, binding.from_ms))
        with self._table.change():
            self._table.replace(ended)
            self._record(ended, step)
        self._forget(binding_id)
        self.send()

    def expire(self) -> None:
        """End everything whose time is over, put on record who was told meanwhile, and send what waits."""
        now = self._now_ms()
        for binding in self.open_bindings:
            if binding.expires_ms and binding.expires_ms <= now:
                self.end(binding.binding_id, binding.expires_ms, BindingStep.EXPIRED)
        self._release()
        self.settle()
        self.send()

    def tidy(self) -> None:
        """Take what ended long ago out of the table."""
        with self._table.change():
            self._table.forget(self._now_ms() - _KEPT_MS)
            self._table.unhear(self._now_ms())

    def heard(self, packet: bytes) -> int:
        """When the packet of this digest was taken, UTC ms; 0 where it was not."""
        return self._table.heard(packet)

    def hear(self, packet: bytes, until_ms: int) -> None:
        """It is taken now, which is known until `until_ms`."""
        with self._table.change():
            self._table.hear(packet, self._now_ms(), until_ms)

    def acknowledge(
        self, person_id: str, notice_version: str, how: str, device_id: str = "", *, reminder: bool = False
    ) -> None:
        """They were shown this notice and said so, now; as a `reminder` where they had been told of it before."""
        now = self._now_ms()
        with self._table.change():
            reminded = int(reminder or self._table.told(person_id, notice_version))
            self._table.acknowledge(person_id, notice_version, now, how, device_id)
            self._outbox.post(self._records.acknowledgement(person_id, notice_version, how, device_id, reminded))
        self.send()

    def pin(self, client: str, host: str, until_ms: int, *, device_id: str, client_ip: str, refusals: int) -> None:
        """This client's connections to `host` are let through unopened until `until_ms`."""
        now = self._now_ms()
        with self._table.change():
            self._table.put_pin(client, host, now, until_ms)
            self._outbox.post(self._records.pin(PinStep.LEARNT, device_id, client_ip, host, refusals, until_ms))
        self.send()

    def unpin(self, client: str, host: str, *, device_id: str, client_ip: str, step: PinStep = PinStep.ENDED) -> None:
        """They are opened again from now on."""
        with self._table.change():
            self._table.drop_pin(client, host)
            self._outbox.post(self._records.pin(step, device_id, client_ip, host, 0, self._now_ms()))
        self.send()

    def pins(self) -> dict[tuple[str, str], int]:
        """(client, host) to until when, of every learnt pass-through, over or not."""
        return {(client, host): until for client, host, _, until in self._table.pins()}

    def capped(self, device_id: str, client_ip: str) -> None:
        """Something was not learnt, because as much is learnt as may be."""
        self.note(self._records.pin(PinStep.CAPPED, device_id, client_ip, "", 0, 0))

    def distrusting(self) -> frozenset[str]:
        """The clients that lack the school's certificate."""
        return frozenset(self._table.distrusting())

    def distrusts(self, client: str, *, device_id: str, client_ip: str, refused: int) -> None:
        """This client refuses nearly every site."""
        with self._table.change():
            self._table.put_distrusting(client, self._now_ms())
            self._outbox.post(self._records.pin(PinStep.DISTRUSTS, device_id, client_ip, "", refused, 0))
        self.send()

    def trusts(self, client: str, *, device_id: str, client_ip: str) -> None:
        """It no longer does."""
        with self._table.change():
            self._table.drop_distrusting(client)
            self._outbox.post(self._records.pin(PinStep.TRUSTS, device_id, client_ip, "", 0, 0))
        self.send()

    def note(self, record: OtherRecord) -> None:
        """Write a record that changes nothing in the table."""
        with self._table.change():
            self._outbox.post(record)
        self.send()

    def send(self) -> None:
        """Put on the spool what waits in the outbox."""
        self._outbox.send()

    def settle(self) -> None:
        """Let go of what is safe on the spool; send nothing more."""
        self._outbox.settle()

    # -- inside

    def _fresh(self, found: Found) -> tuple[Binding, Limits]:
        limits = self._rules.limits(found, self._now_ms())
        return Binding(
            binding_id=found.binding_id or f"{_PREFIX.get(found.source, found.source)}:{secrets.token_hex(8)}",
            source=found.source,
            session=found.session,
            person_id=found.person_id,
            device_id=found.device_id,
            client_ip=found.client_ip,
            mac=found.mac,
            from_ms=found.from_ms,
            until_ms=0,
            expires_ms=limits.first,
        ), limits

    def _limit(self, binding_id: str) -> None:
        limited = replace(self._open[binding_id], expires_ms=self._limits[binding_id].first)
        if limited != self._open[binding_id]:
            with self._table.change():
                self._table.replace(limited)
            self._open[binding_id], self._view = limited, None

    def _forget(self, binding_id: str) -> None:
        ended = self._open.pop(binding_id)
        del self._limits[binding_id], self._by_session[ended.source, ended.session]
        self._withheld.discard(binding_id)
        self._on_record.pop(binding_id, None)
        self._view = None

    def _record(self, binding: Binding, step: BindingStep) -> None:
        """Inside a change, which may yet fail: nothing that is known outside the table changes here."""
        if binding.binding_id in self._withheld:
            self._table.release(binding.binding_id)
            return
        from_ms = self._on_record.get(binding.binding_id, binding.from_ms)
        until_ms = max(binding.until_ms, from_ms) if binding.until_ms else 0
        self._outbox.post(self._records.binding(replace(binding, from_ms=from_ms, until_ms=until_ms), step))

    def _release(self) -> None:
        """Whoever was told meanwhile: their sign-in is on record from now on, and is no later one for that."""
        for binding_id in sorted(self._withheld & self._open.keys()):
            binding = self._open[binding_id]
            if self._rules.told(binding.person_id):
                now = self._now_ms()
                with self._table.change():
                    self._table.put_on_record(binding_id, now)
                    self._outbox.post(self._records.binding(replace(binding, from_ms=now), BindingStep.OPENED))
                self._withheld.discard(binding_id)
                self._on_record[binding_id] = now
