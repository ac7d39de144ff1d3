"""Devices, and whose they are.

Owns the register of devices and their assignments. Promises: an assignment is an interval, so history keeps saying
whose a device was then; a device has one assignment at a time; only staff devices can be somebody's; of a device's
token only the hash is kept.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from analytics.governance.audit import SYSTEM, Act, Action, Audit
from analytics.governance.database import Database, Work, now_ms
from analytics.governance.device_marks import Marks
from analytics.governance.ids import new_id
from analytics.governance.models import AssignmentRow, DeviceRow, PersonRow
from analytics.snapshot import DeviceClass
from config.errors import FairgateError


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolDevice:
    """A device and whose it is now. `from_ms` is when that began; 0 where it is nobody's."""

    device_id: str
    label: str
    device_class: DeviceClass
    addresses: tuple[str, ...]
    macs: tuple[str, ...]
    hostnames: tuple[str, ...]
    token_hash: str
    person_id: str | None
    from_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDevice:
    """A device to be entered, as `person_id`'s where given."""

    device_class: DeviceClass
    marks: Marks
    label: str = ""
    device_id: str | None = None
    person_id: str | None = None


class Devices:
    """The devices of one school."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def add(
        self,
        device_class: DeviceClass,
        addresses: Sequence[str] = (),
        *,
        macs: Sequence[str] = (),
        hostnames: Sequence[str] = (),
        label: str = "",
        device_id: str | None = None,
        person_id: str | None = None,
        by: str = SYSTEM,
    ) -> str:
        """Enter one device by its IP addresses, hardware addresses or names, as `person_id`'s where given; its id.

        Raises:
            FairgateError: it has none of these, one of them is none, or another device has it; no such person, or not
                a staff device.
        """
        new = NewDevice(
            device_class=device_class,
            marks=Marks.of(addresses, macs, hostnames),
            label=label,
            device_id=device_id,
            person_id=person_id,
        )
        return self.add_all([new], by=by)[0]

    def add_all(self, devices: Sequence[NewDevice], *, by: str = SYSTEM) -> list[str]:
        """Enter every device, or none; their ids. Errors as in `add`."""
        with self._database.write() as work:
            return [self._add(work, new, by) for new in devices]

    def _add(self, work: Work, new: NewDevice, by: str) -> str:
        _refuse_shared(work, new.marks)
        row = DeviceRow(
            device_id=new.device_id or new_id("d"),
            label=new.label,
            device_class=str(DeviceClass(new.device_class)),
            addresses=list(new.marks.addresses),
            macs=list(new.marks.macs),
            hostnames=list(new.marks.hostnames),
        )
        work.add(row)
        detail = {"device_class": row.device_class}
        self._audit.append(work, Act(what=Action.DEVICE_ADDED, who=by, whom=row.device_id, detail=detail))
        work.flush()
        if new.person_id is not None:
            self._assign(work, row.device_id, new.person_id, now_ms(), by)
        return row.device_id

    def new_token(self, device_id: str, *, by: str = SYSTEM) -> str:
        """A token by which this device's logon script is known from now on, in place of any before. Shown once.

        Raises:
            FairgateError: no such device.
        """
        token = secrets.token_urlsafe(32)
        with self._database.write() as work:
            row = _existing(work, device_id)
            row.token_hash = hashlib.sha256(token.encode()).hexdigest()
            self._audit.append(work, Act(what=Action.DEVICE_TOKEN_MADE, who=by, whom=device_id))
        return token

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
            _existing(work, device_id)
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


def _existing(work: Work, device_id: str) -> DeviceRow:
    device = work.get(DeviceRow, device_id)
    if device is None:
        raise FairgateError(f"There is no device {device_id}. Look the id up with: fairgate devices list.")
    return device


def _refuse_shared(work: Work, marks: Marks) -> None:
    rows = work.execute(select(DeviceRow.addresses, DeviceRow.macs, DeviceRow.hostnames)).all()
    for what, column, mine in (
        ("address", 0, marks.addresses),
        ("hardware address", 1, marks.macs),
        ("name", 2, marks.hostnames),
    ):
        taken = {each for row in rows for each in row[column]}
        if both := taken.intersection(mine):
            raise FairgateError(f"Another device already has the {what} {min(both)}. One {what} belongs to one device.")


def _refuse_unassignable(work: Work, device_id: str, person_id: str) -> None:
    device = _existing(work, device_id)
    if work.get(PersonRow, person_id) is None:
        raise FairgateError(f"There is no person {person_id}. Give their id, as fairgate people list shows it.")
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
        macs=tuple(row.macs),
        hostnames=tuple(row.hostnames),
        token_hash=row.token_hash,
        person_id=holder.person_id if holder else None,
        from_ms=holder.from_ms if holder else 0,
    )
