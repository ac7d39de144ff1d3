"""Devices, and whose they are.

Owns the register of devices and their assignments. Promises: an assignment is an interval, so history keeps saying
whose a device was then; a device has one assignment at a time; only staff devices can be somebody's.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from analytics.governance.audit import SYSTEM, Act, Action, Audit
from analytics.governance.database import Database, Work, now_ms
from analytics.governance.ids import new_id
from analytics.governance.models import AssignmentRow, DeviceRow, PersonRow
from analytics.identity import plain_address
from analytics.snapshot import DeviceClass
from config.errors import FairgateError


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolDevice:
    """A device and whose it is now. `from_ms` is when that began; 0 where it is nobody's."""

    device_id: str
    label: str
    device_class: DeviceClass
    addresses: tuple[str, ...]
    person_id: str | None
    from_ms: int


class Devices:
    """The devices of one school."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def add(
        self,
        device_class: DeviceClass,
        addresses: Sequence[str],
        *,
        label: str = "",
        device_id: str | None = None,
        person_id: str | None = None,
        by: str = SYSTEM,
    ) -> str:
        """Enter a device by its IP addresses, as `person_id`'s where given, and return its id.

        Raises:
            FairgateError: an address is not one, or another device has it; no such person, or not a staff device.
        """
        plain = sorted({_address(address) for address in addresses})
        row = DeviceRow(
            device_id=device_id or new_id("d"),
            label=label,
            device_class=str(DeviceClass(device_class)),
            addresses=plain,
        )
        with self._database.write() as work:
            _refuse_shared(work, plain)
            work.add(row)
            detail = {"device_class": row.device_class}
            self._audit.append(work, Act(what=Action.DEVICE_ADDED, who=by, whom=row.device_id, detail=detail))
            if person_id is not None:
                work.flush()
                self._assign(work, row.device_id, person_id, now_ms(), by)
        return row.device_id

    def assign(self, device_id: str, person_id: str, *, from_ms: int | None = None, by: str = SYSTEM) -> None:
        """It is this person's from `from_ms` (now where not given); whoever had it no longer has.

        Raises:
            FairgateError: no such device or person, or not a staff device.
        """
        start = now_ms() if from_ms is None else from_ms
        with self._database.write() as work:
            self._assign(work, device_id, person_id, start, by)

    def give_back(self, device_id: str, *, until_ms: int | None = None, by: str = SYSTEM) -> None:
        """It is nobody's from `until_ms` (now where not given)."""
        with self._database.write() as work:
            _end_assignment(work, device_id, now_ms() if until_ms is None else until_ms)
            self._audit.append(work, Act(what=Action.DEVICE_RETURNED, who=by, whom=device_id))

    def _assign(self, work: Work, device_id: str, person_id: str, start: int, by: str) -> None:
        _refuse_unassignable(work, device_id, person_id)
        _end_assignment(work, device_id, start)
        row = AssignmentRow(
            assignment_id=new_id("s"), device_id=device_id, person_id=person_id, from_ms=start, until_ms=0
        )
        work.add(row)
        act = Act(what=Action.DEVICE_ASSIGNED, who=by, whom=person_id, detail={"device_id": device_id})
        self._audit.append(work, act)

    def all(self, at_ms: int | None = None) -> tuple[SchoolDevice, ...]:
        """Every device, and whose it is at `at_ms` (now where not given)."""
        when = now_ms() if at_ms is None else at_ms
        with self._database.read() as work:
            rows = work.scalars(select(AssignmentRow).where(AssignmentRow.from_ms <= when))
            holders = {row.device_id: row for row in rows if not row.until_ms or when < row.until_ms}
            devices = work.scalars(select(DeviceRow).order_by(DeviceRow.device_id))
            return tuple(_device(row, holders.get(row.device_id)) for row in devices)


def _address(address: str) -> str:
    """In the form in which the gateway looks an address up, so that no two devices have one address in two forms."""
    try:
        parsed = ipaddress.ip_address(plain_address(address.strip()))
    except ValueError as fault:
        raise FairgateError(
            f"{address!r} is not an IP address. The gateway knows a device by its IP addresses only, not by a MAC "
            "address, a name or a range. Write it like 10.20.0.15 or 2001:db8::15."
        ) from fault
    if parsed.is_multicast or parsed.is_unspecified:
        raise FairgateError(f"{address!r} is the address of no device. Write it like 10.20.0.15 or 2001:db8::15.")
    return str(parsed)


def _refuse_shared(work: Work, addresses: Sequence[str]) -> None:
    taken = {address for others in work.scalars(select(DeviceRow.addresses)) for address in others}
    if both := taken.intersection(addresses):
        raise FairgateError(f"Another device already has the address {min(both)}. One address belongs to one device.")


def _refuse_unassignable(work: Work, device_id: str, person_id: str) -> None:
    device = work.get(DeviceRow, device_id)
    if device is None:
        raise FairgateError(f"There is no device {device_id}. Enter it first.")
    if work.get(PersonRow, person_id) is None:
        raise FairgateError(f"There is no person {person_id}. Enter them first.")
    if device.device_class != DeviceClass.STAFF:
        raise FairgateError(f"A {device.device_class} device belongs to nobody; only a staff device is one person's.")


def _end_assignment(work: Work, device_id: str, until_ms: int) -> None:
    open_ones = select(AssignmentRow).where(AssignmentRow.device_id == device_id, AssignmentRow.until_ms == 0)
    for row in work.scalars(open_ones):
        if until_ms < row.from_ms:
            raise FairgateError("The device would change hands before the assignment it ends began. Mend the date.")
        row.until_ms = until_ms


def _device(row: DeviceRow, holder: AssignmentRow | None) -> SchoolDevice:
    return SchoolDevice(
        device_id=row.device_id,
        label=row.label,
        device_class=DeviceClass(row.device_class),
        addresses=tuple(row.addresses),
        person_id=holder.person_id if holder else None,
        from_ms=holder.from_ms if holder else 0,
    )
