"""Notice: which policy is in force, and who was told of it, when and how.

Owns policy versions and acknowledgements. Promises: an acknowledgement means "I was told", never consent; it is of
one policy version, and a new version must be told again; the earliest one counts, and a later one is a reminder; what
somebody was told of an earlier version goes on holding, and the time between is known (analytics.governance.earlier).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from analytics.governance.audit import SYSTEM, Act, Action, Audit
from analytics.governance.database import Database, Work, now_ms
from analytics.governance.ids import new_id
from analytics.governance.models import AcknowledgementRow, PersonRow, PolicyRow
from analytics.governance.roles import Told
from config.errors import FairgateError


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One acknowledgement: somebody was told of a policy version, at `told_ms` (UTC)."""

    person_id: str
    policy_version: str
    told_ms: int
    how: Told
    recorded_by: str


class Notices:
    """What the people of one school were told."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def policy_in_force(self) -> str:
        """The policy version now in force; "" where none was published yet."""
        with self._database.read() as work:
            return _in_force(work)

    def put_in_force(self, policy_version: str, *, from_ms: int | None = None, by: str = SYSTEM) -> None:
        """This version is in force from now on; nothing happens where it already is."""
        with self._database.write() as work:
            if _in_force(work) == policy_version:
                return
            serial = (work.scalar(select(func.max(PolicyRow.serial))) or 0) + 1
            start = now_ms() if from_ms is None else from_ms
            work.add(PolicyRow(serial=serial, policy_version=policy_version, from_ms=start))
            detail = {"policy_version": policy_version}
            self._audit.append(work, Act(what=Action.POLICY_IN_FORCE, who=by, detail=detail))

    def record_told(
        self, person_id: str, policy_version: str, how: Told, *, told_ms: int | None = None, by: str = SYSTEM
    ) -> None:
        """They were told of this policy version at `told_ms` (now where not given).

        Raises:
            FairgateError: there is no such person.
        """
        self.record_all_told([person_id], policy_version, how, told_ms=told_ms, by=by)

    def record_all_told(
        self,
        person_ids: Sequence[str],
        policy_version: str,
        how: Told,
        *,
        told_ms: int | None = None,
        by: str = SYSTEM,
    ) -> None:
        """All of them were told of this policy version at `told_ms` (now where not given): written for all, or none.

        Raises:
            FairgateError: there is no such person.
        """
        when = now_ms() if told_ms is None else told_ms
        self.record_list([(person_id, how, when) for person_id in person_ids], policy_version, by=by)

    def record_list(self, entries: Sequence[tuple[str, Told, int]], policy_version: str, *, by: str = SYSTEM) -> None:
        """Each (person id, how, UTC ms) was told of this policy version: written for all, or none.

        Raises:
            FairgateError: there is no such person.
        """
        with self._database.write() as work:
            for person_id, how, when in entries:
                self._told(work, person_id, policy_version, how, when, by)

    def _told(self, work: Work, person_id: str, policy_version: str, how: Told, when: int, by: str) -> None:
        if work.get(PersonRow, person_id) is None:
            raise FairgateError(f"There is no person {person_id}. Enter them first.")
        row = AcknowledgementRow(
            acknowledgement_id=new_id("k"),
            person_id=person_id,
            policy_version=policy_version,
            told_ms=when,
            how=str(Told(how)),
            recorded_by=by,
        )
        work.add(row)
        detail: dict[str, str | int] = {"policy_version": policy_version, "how": row.how, "told_ms": when}
        self._audit.append(work, Act(what=Action.TOLD, who=by, whom=person_id, detail=detail))

    def told(self, policy_version: str | None = None) -> dict[str, int]:
        """Person id to when they were first told of `policy_version` (the one in force where not given)."""
        with self._database.read() as work:
            return told_in_force(work) if policy_version is None else _first_told(work, policy_version)

    def last_told(self, policy_version: str | None = None) -> dict[str, int]:
        """Person id to when they last acknowledged `policy_version` (the one in force where not given)."""
        with self._database.read() as work:
            return _told_at(work, _in_force(work) if policy_version is None else policy_version, func.max)

    def acknowledged(self) -> tuple[Acknowledged, ...]:
        """Every acknowledgement there is, the earliest first."""
        query = select(AcknowledgementRow).order_by(AcknowledgementRow.told_ms, AcknowledgementRow.acknowledgement_id)
        with self._database.read() as work:
            return tuple(
                Acknowledged(row.person_id, row.policy_version, row.told_ms, Told(row.how), row.recorded_by)
                for row in work.scalars(query)
            )

    def in_force_since(self) -> tuple[tuple[str, int], ...]:
        """Every (policy version, UTC ms it came into force), in order."""
        query = select(PolicyRow.policy_version, PolicyRow.from_ms).order_by(PolicyRow.serial)
        with self._database.read() as work:
            return tuple((row[0], row[1]) for row in work.execute(query))

    def first_told(self) -> dict[str, int]:
        """Person id to when they were first told of any policy version."""
        with self._database.read() as work:
            return _first_told(work, None)


def told_in_force(work: Work) -> dict[str, int]:
    """Person id to when they were first told of the policy now in force."""
    return _first_told(work, _in_force(work))


def told_ever(work: Work) -> dict[str, int]:
    """Person id to when they were first told of any policy."""
    return _first_told(work, None)


def _in_force(work: Work) -> str:
    newest = select(PolicyRow.policy_version).order_by(PolicyRow.serial.desc()).limit(1)
    return work.scalars(newest).first() or ""


def _first_told(work: Work, version: str | None) -> dict[str, int]:
    return _told_at(work, version, func.min)


def _told_at(work: Work, version: str | None, which: Callable[..., Any]) -> dict[str, int]:
    query = select(AcknowledgementRow.person_id, which(AcknowledgementRow.told_ms)).group_by(
        AcknowledgementRow.person_id
    )
    if version is not None:
        query = query.where(AcknowledgementRow.policy_version == version)
    return {row.person_id: row[1] for row in work.execute(query)}
