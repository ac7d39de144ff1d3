"""The audit log: who did or looked at what, of whom, why and when.

Owns the entry's form (version 1) and the chain, both frozen: an entry is the canonical JSON of its fields, one of
which is the hash of the entry before; its own hash is SHA-256(0x00 || canonical JSON), as for every record.
Promises: append-only (the database refuses change and deletion); an entry stands or falls with the act it tells of,
because both are one transaction; a changed, missing, added or re-ordered entry is found by `verify`, and a shortened
or wholly rewritten log by `verify` with a head kept elsewhere. No entry holds a password, a token, or what was typed
as an unknown username.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import select

from analytics.canonical import canonical_bytes, leaf_hash
from analytics.governance.database import Database, Work, now_ms
from analytics.governance.models import AuditRow, SchoolRow

VERSION: Final = 1
SYSTEM: Final = "system"
"""Who acted where no account did: set-up, the command line, the demonstration."""
GENESIS: Final = "0" * 64
_FIELDS: Final = (
    "record", "v", "school", "seq", "ts_ms", "who", "role", "session", "whom", "what", "why", "detail", "previous",
)  # fmt: skip


class Action(StrEnum):
    """What was done."""

    SCHOOL_FOUNDED = "school_founded"
    POLICY_IN_FORCE = "policy_in_force"
    PERSON_ADDED = "person_added"
    PERSON_LEFT = "person_left"
    HOURS_CHANGED = "hours_changed"
    PROXY_PASSWORD_SET = "proxy_password_set"  # noqa: S105 - the name of an act
    DEVICE_ADDED = "device_added"
    DEVICE_ASSIGNED = "device_assigned"
    DEVICE_RETURNED = "device_returned"
    DEVICE_TOKEN_MADE = "device_token_made"  # noqa: S105 - the name of an act
    PERMISSION_ASKED = "permission_asked"
    PERMISSION_WITHDRAWN = "permission_withdrawn"
    PERMISSION_GRANTED = "permission_granted"
    PERMISSION_REFUSED = "permission_refused"
    PERMISSION_CONFIRMED = "permission_confirmed"
    PERMISSION_NOT_CONFIRMED = "permission_not_confirmed"
    PERMISSION_ENDED = "permission_ended"
    TOLD = "told"
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_CLOSED = "account_closed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an act
    ROLE_GRANTED = "role_granted"
    ROLE_ENDED = "role_ended"
    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGNED_OUT = "signed_out"
    SESSION_ENDED = "session_ended"
    SNAPSHOT_PUBLISHED = "snapshot_published"
    LOOKED_AT_TOTALS = "looked_at_totals"
    LOOKED_AT_PERSON = "looked_at_person"
    LOOKED_AT_DAY = "looked_at_day"
    LOOKED_AT_AUDIT = "looked_at_audit"
    LOOKED_AT_NOTICES = "looked_at_notices"
    LOOKED_AT_PERMISSIONS = "looked_at_permissions"
    TOOK_ROWS = "took_rows"
    EXPORTED = "exported"
    REJUDGED = "rejudged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What is to be written down. `whom` is a person or account id, or "" where nobody is meant."""

    what: str
    """An `Action`, or another short code in its manner."""
    who: str
    """An account id, `SYSTEM`, "os:" and the operating system's account at the command line, or "" where nobody was
    signed in."""
    role: str = ""
    session: str = ""
    whom: str = ""
    why: str = ""
    detail: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as read back."""

    seq: int
    ts_ms: int
    who: str
    role: str
    session: str
    whom: str
    what: str
    why: str
    detail: Mapping[str, str | int]
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry: kept outside, it proves the log up to here."""

    seq: int
    hash: str


class Audit:
    """The log of one governance database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(
        self,
        who: str,
        whom: str | None,
        what: str,
        why: str = "",
        *,
        role: str = "",
        session: str = "",
        detail: Mapping[str, str | int] | None = None,
    ) -> Entry:
        """Write one act down, durably, in a transaction of its own. See `Act` for what each part is."""
        act = Act(what=what, who=who, role=role, session=session, whom=whom or "", why=why, detail=detail or {})
        with self._database.write() as work:
            return self.append(work, act)

    def append(self, work: Work, act: Act, ts_ms: int | None = None) -> Entry:
        """Write `act` down within `work`, with whatever else that transaction does."""
        head = _head(work)
        plain = {
            "record": "audit",
            "v": VERSION,
            "school": work.scalars(select(SchoolRow.school)).one(),
            "seq": head.seq + 1,
            "ts_ms": now_ms() if ts_ms is None else ts_ms,
            "who": act.who,
            "role": act.role,
            "session": act.session,
            "whom": act.whom,
            "what": str(act.what),
            "why": act.why,
            "detail": dict(act.detail),
            "previous": head.hash,
        }
        row = _row(plain)
        work.add(row)
        work.flush()
        return _entry(row)

    def head(self) -> Head:
        """The newest entry's number and hash; number 0 where there is none yet."""
        with self._database.read() as work:
            return _head(work)

    def entries(self, *, whom: str | None = None, from_ms: int = 0, until_ms: int = 0, limit: int = 500) -> list[Entry]:
        """Entries, newest first; of one person or account where `whom` is given; `until_ms` 0 means until now."""
        query = select(AuditRow).where(AuditRow.ts_ms >= from_ms).order_by(AuditRow.seq.desc()).limit(limit)
        if whom is not None:
            query = query.where(AuditRow.whom == whom)
        if until_ms:
            query = query.where(AuditRow.ts_ms < until_ms)
        with self._database.read() as work:
            return [_entry(row) for row in work.scalars(query)]

    def verify(self, head: Head | None = None) -> list[str]:
        """What is wrong with the log: one sentence a fault, nothing where it holds.

        `head` is a newest entry as kept elsewhere; with it, a shortened or rewritten log is found too.
        """
        with self._database.read() as work:
            rows = work.scalars(select(AuditRow).order_by(AuditRow.seq).execution_options(yield_per=1000))
            return list(_faults(rows, head))


def _head(work: Work) -> Head:
    newest = work.execute(select(AuditRow.seq, AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1)).first()
    return Head(newest.seq, newest.hash) if newest else Head(0, GENESIS)


def _row(plain: Mapping[str, Any]) -> AuditRow:
    data = canonical_bytes(plain)
    copies = {name: plain[name] for name in ("seq", "ts_ms", "who", "whom", "what", "previous")}
    return AuditRow(entry=data.decode("utf-8"), hash=leaf_hash(data).hex(), **copies)


def _entry(row: AuditRow) -> Entry:
    plain = json.loads(row.entry)
    names = ("seq", "ts_ms", "who", "role", "session", "whom", "what", "why", "detail")
    return Entry(hash=row.hash, **{name: plain[name] for name in names})


def _faults(rows: Iterator[AuditRow] | Any, head: Head | None) -> Iterator[str]:
    expected, previous, seen = 1, GENESIS, False
    for row in rows:
        yield from _row_faults(row, expected, previous)
        seen = seen or (head is not None and head == Head(row.seq, row.hash))
        expected, previous = row.seq + 1, row.hash
    if head is not None and head.seq and not seen:
        yield f"Entry {head.seq} is not the one whose hash was kept outside: the log was shortened or rewritten."


def _row_faults(row: AuditRow, expected: int, previous: str) -> Iterator[str]:
    data = row.entry.encode("utf-8")
    if row.seq != expected:
        yield f"Entry {expected} is missing: entry {row.seq} comes next."
    if leaf_hash(data).hex() != row.hash:
        yield f"Entry {row.seq} was changed: it does not match its hash."
        return
    plain = json.loads(data)
    if tuple(plain) != tuple(sorted(_FIELDS)) or canonical_bytes(plain) != data:
        yield f"Entry {row.seq} is not in its canonical form."
        return
    if plain["previous"] != previous:
        yield f"Entry {row.seq} does not follow entry {row.seq - 1}: something before it was changed or taken out."
    if any(plain[name] != getattr(row, name) for name in ("seq", "ts_ms", "who", "whom", "what", "previous")):
        yield f"Entry {row.seq}: the columns to search by differ from the entry."
