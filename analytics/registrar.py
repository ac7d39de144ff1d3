"""The registrar: the single writer of bindings, acknowledgements and learnt pass-throughs.

Owns every change of the identity table, and the record of it. Promises: a change and its record are made together, or
neither; a binding that ended never begins again, and none is changed to have been somebody else's; within one source a
new sign-in at a device takes the place of the one before it.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from analytics import records
from analytics.bindings import Binding, IdentityTable
from analytics.event import Method
from analytics.records import (
    Acknowledgement,
    BindingChange,
    BindingStep,
    OtherRecord,
    PinChange,
    PinStep,
    Record,
)

_PREFIX: Final = {Method.DOT1X: "dot1x"}


class Spool(Protocol):
    """Where records go; `analytics.spool.SpoolWriter` in life."""

    def put(self, record: Record, /) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a source found out: who (or which device) is at an address from `from_ms` on."""

    source: Method
    session: str
    person_id: str = ""
    device_id: str = ""
    client_ip: str = ""
    mac: str = ""
    from_ms: int
    expires_ms: int = 0


class Registrar:
    """Makes the changes of one gateway's identity table. `now_ms` is UTC milliseconds."""

    def __init__(
        self, table: IdentityTable, spool: Spool, school: str, gateway: str, now_ms: Callable[[], int]
    ) -> None:
        self._table, self._spool = table, spool
        self._school, self._gateway, self._now_ms = school, gateway, now_ms
        self._open = {binding.binding_id: binding for binding in table.open_bindings()}

    @property
    def open_bindings(self) -> tuple[Binding, ...]:
        return tuple(self._open.values())

    def open(self, found: Found) -> Binding:
        """A binding begins; those of the same source that stand at its session, address or device end."""
        fresh = Binding(
            binding_id=f"{_PREFIX.get(found.source, found.source)}:{secrets.token_hex(8)}",
            source=found.source,
            session=found.session,
            person_id=found.person_id,
            device_id=found.device_id,
            client_ip=found.client_ip,
            mac=found.mac,
            from_ms=found.from_ms,
            until_ms=0,
            expires_ms=found.expires_ms,
        )
        displaced = [binding for binding in self._open.values() if _displaces(found, binding)]
        ended = [replace(binding, until_ms=max(found.from_ms, binding.from_ms)) for binding in displaced]
        with self._table.change():
            for binding in ended:
                self._table.replace(binding)
                self._post(self._changed(binding, BindingStep.SUPERSEDED))
            self._table.insert(fresh)
            self._post(self._changed(fresh, BindingStep.OPENED))
        for binding in ended:
            del self._open[binding.binding_id]
        self._open[fresh.binding_id] = fresh
        self.send()
        return fresh

    def renew(self, binding_id: str, expires_ms: int) -> None:
        """Its source was heard of again: it now ends at `expires_ms` unless it is once more. No record: nothing of
        what it says changed."""
        if binding := self._open.get(binding_id):
            renewed = replace(binding, expires_ms=max(expires_ms, binding.expires_ms))
            with self._table.change():
                self._table.replace(renewed)
            self._open[binding_id] = renewed

    def end(self, binding_id: str, at_ms: int, step: BindingStep = BindingStep.CLOSED) -> None:
        """It ends at `at_ms`; nothing happens where it ended already."""
        binding = self._open.get(binding_id)
        if binding is None:
            return
        ended = replace(binding, until_ms=max(at_ms, binding.from_ms))
        with self._table.change():
            self._table.replace(ended)
            self._post(self._changed(ended, step))
        del self._open[binding_id]
        self.send()

    def expire(self) -> None:
        """End everything whose time is over."""
        now = self._now_ms()
        for binding in self.open_bindings:
            if binding.expires_ms and binding.expires_ms <= now:
                self.end(binding.binding_id, binding.expires_ms, BindingStep.EXPIRED)

    def acknowledge(
        self, person_id: str, notice_version: str, how: str, device_id: str = "", *, reminder: bool = False
    ) -> None:
        """They were shown this notice and said so, now; as a `reminder` where they had been told of it before."""
        now = self._now_ms()
        with self._table.change():
            reminded = int(reminder or self._table.told(person_id, notice_version))
            self._table.acknowledge(person_id, notice_version, now, how, device_id)
            self._post(
                Acknowledgement(
                    school=self._school,
                    gateway=self._gateway,
                    ts_ms=now,
                    person_id=person_id,
                    notice_version=notice_version,
                    how=how,
                    device_id=device_id,
                    reminder=reminded,
                )
            )
        self.send()

    def pin(self, client: str, host: str, until_ms: int, *, device_id: str, client_ip: str, refusals: int) -> None:
        """This client's connections to `host` are let through unopened until `until_ms`."""
        now = self._now_ms()
        with self._table.change():
            self._table.put_pin(client, host, now, until_ms)
            self._post(self._pin_change(PinStep.LEARNT, device_id, client_ip, host, refusals, until_ms))
        self.send()

    def unpin(self, client: str, host: str, *, device_id: str, client_ip: str, step: PinStep = PinStep.ENDED) -> None:
        """They are opened again from now on."""
        with self._table.change():
            self._table.drop_pin(client, host)
            self._post(self._pin_change(step, device_id, client_ip, host, 0, self._now_ms()))
        self.send()

    def pins(self) -> dict[tuple[str, str], int]:
        """(client, host) to until when, of every learnt pass-through, over or not."""
        return {(client, host): until for client, host, _, until in self._table.pins()}

    def capped(self, device_id: str, client_ip: str) -> None:
        """Something was not learnt, because as much is learnt as may be."""
        self.note(self._pin_change(PinStep.CAPPED, device_id, client_ip, "", 0, 0))

    def distrusting(self) -> frozenset[str]:
        """The clients that lack the school's certificate."""
        return frozenset(self._table.distrusting())

    def distrusts(self, client: str, *, device_id: str, client_ip: str, refused: int) -> None:
        """This client refuses nearly every site."""
        with self._table.change():
            self._table.put_distrusting(client, self._now_ms())
            self._post(self._pin_change(PinStep.DISTRUSTS, device_id, client_ip, "", refused, 0))
        self.send()

    def trusts(self, client: str, *, device_id: str, client_ip: str) -> None:
        """It no longer does."""
        with self._table.change():
            self._table.drop_distrusting(client)
            self._post(self._pin_change(PinStep.TRUSTS, device_id, client_ip, "", 0, 0))
        self.send()

    def note(self, record: OtherRecord) -> None:
        """Write a record that changes nothing in the table."""
        with self._table.change():
            self._post(record)
        self.send()

    def send(self) -> None:
        """Put on the spool what waits in the outbox."""
        for number, data in self._table.outbox():
            if not self._spool.put(records.decode(data)):
                return
            with self._table.change():
                self._table.posted(number)

    def _post(self, record: OtherRecord) -> None:
        self._table.post(records.encode(record))

    def _pin_change(
        self, step: PinStep, device_id: str, client_ip: str, host: str, refusals: int, until_ms: int
    ) -> PinChange:
        return PinChange(
            school=self._school,
            gateway=self._gateway,
            ts_ms=self._now_ms(),
            step=step,
            device_id=device_id,
            client_ip=client_ip,
            host=host,
            refusals=refusals,
            until_ms=until_ms,
        )

    def _changed(self, binding: Binding, step: BindingStep) -> BindingChange:
        return BindingChange(
            school=self._school,
            gateway=self._gateway,
            ts_ms=self._now_ms(),
            binding_id=binding.binding_id,
            step=step,
            source=binding.source,
            person_id=binding.person_id,
            device_id=binding.device_id,
            client_ip=binding.client_ip,
            mac=binding.mac,
            from_ms=binding.from_ms,
            until_ms=binding.until_ms,
        )


def _displaces(found: Found, standing: Binding) -> bool:
    """Whether `standing` ends when `found` begins."""
    if standing.source is not found.source:
        return False
    if standing.session == found.session:
        return True
    same_address = bool(found.client_ip) and found.client_ip == standing.client_ip
    same_device = bool(found.device_id) and found.device_id == standing.device_id
    return same_address or (same_device and standing.signed_in)
