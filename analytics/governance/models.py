"""The governance tables, as SQLAlchemy models.

Owns the columns. Times are UTC milliseconds; in an interval, `until_ms` is excluded and 0 means open.
Promises: the tables that migrations make are exactly these (tested); the audit log refuses change and deletion in
the database itself, by triggers that the first migration makes.
"""

from typing import Any, Final

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_NAMES: Final = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every constraint has a stable name, so that later migrations can speak of it."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {int: BigInteger, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012 - SQLAlchemy's own form


class SchoolRow(Base):
    """The one school this database is of."""

    __tablename__ = "school"
    school: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    founded_ms: Mapped[int]
    bucket_secret: Mapped[str]
    """Keys the buckets in which failed sign-ins are counted."""


class PersonRow(Base):
    """Somebody the policy covers."""

    __tablename__ = "people"
    person_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    person_type: Mapped[str]
    from_ms: Mapped[int]
    until_ms: Mapped[int]
    hours: Mapped[str]
    proxy_username: Mapped[str | None] = mapped_column(unique=True)
    proxy_hash: Mapped[str]


class DeviceRow(Base):
    """A device on the school's network, and what it is known by."""

    __tablename__ = "devices"
    device_id: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
    device_class: Mapped[str]
    addresses: Mapped[list[Any]]
    macs: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    hostnames: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    token_hash: Mapped[str] = mapped_column(default="", server_default="")
    """SHA-256 of the token that its logon script shows; empty where it has none."""


class AssignmentRow(Base):
    """Whose device it was, from when to when."""

    __tablename__ = "assignments"
    assignment_id: Mapped[str] = mapped_column(primary_key=True)
    device_id: Mapped[str] = mapped_column(ForeignKey("devices.device_id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id"), index=True)
    from_ms: Mapped[int]
    until_ms: Mapped[int]


class PermissionRow(Base):
    """Private use that was permitted. Without a person: everybody."""

    __tablename__ = "permissions"
    permission_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.person_id"), index=True)
    categories: Mapped[list[Any]]
    hosts: Mapped[list[Any]]
    windows: Mapped[list[Any]]
    reason: Mapped[str]
    granted_by: Mapped[str]
    granted_ms: Mapped[int]
    from_ms: Mapped[int]
    until_ms: Mapped[int]
    said_earlier: Mapped[str] = mapped_column(default="", server_default="")
    """The London date on which it had been agreed by word of mouth already, where the granter noted one."""
    ended_by: Mapped[str] = mapped_column(default="", server_default="")
    ended_why: Mapped[str] = mapped_column(default="", server_default="")


class PermissionRequestRow(Base):
    """What somebody asked to be permitted, and what came of it."""

    __tablename__ = "permission_requests"
    request_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id"), index=True)
    asked_by: Mapped[str]
    asked_ms: Mapped[int]
    categories: Mapped[list[Any]]
    hosts: Mapped[list[Any]]
    windows: Mapped[list[Any]]
    from_ms: Mapped[int]
    until_ms: Mapped[int]
    why: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    decided_by: Mapped[str]
    decided_ms: Mapped[int]
    decided_why: Mapped[str]
    permission_id: Mapped[str | None] = mapped_column(ForeignKey("permissions.permission_id"))


class ConfirmationRow(Base):
    """Whether a permission for everybody covers this one person too, whom it is not for its granter to permit."""

    __tablename__ = "confirmations"
    permission_id: Mapped[str] = mapped_column(ForeignKey("permissions.permission_id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id"), primary_key=True)
    confirmed: Mapped[bool]
    why: Mapped[str]
    decided_by: Mapped[str]
    decided_ms: Mapped[int]


class PolicyRow(Base):
    """A policy version that came into force."""

    __tablename__ = "policies"
    serial: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    policy_version: Mapped[str]
    from_ms: Mapped[int]


class AcknowledgementRow(Base):
    """ "I was told", never consent: one person, one policy version."""

    __tablename__ = "acknowledgements"
    acknowledgement_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id"))
    policy_version: Mapped[str]
    told_ms: Mapped[int]
    how: Mapped[str]
    recorded_by: Mapped[str]
    __table_args__ = (Index("ix_acknowledgements_person_version", "person_id", "policy_version"),)


class AccountRow(Base):
    """Somebody who may sign in here. Usernames are kept in folded case."""

    __tablename__ = "accounts"
    account_id: Mapped[str] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    must_change: Mapped[bool]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.person_id"))
    active: Mapped[bool]


class HoldingRow(Base):
    """A role, held by an account from when to when."""

    __tablename__ = "holdings"
    holding_id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"), index=True)
    role: Mapped[str] = mapped_column(index=True)
    from_ms: Mapped[int]
    until_ms: Mapped[int]


class SessionRow(Base):
    """A signed-in viewer. Only the token's SHA-256 is kept."""

    __tablename__ = "sessions"
    session_id: Mapped[str] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"), index=True)
    role: Mapped[str]
    started_ms: Mapped[int]
    seen_ms: Mapped[int]
    ended_ms: Mapped[int]
    ended_why: Mapped[str]


class FailureRow(Base):
    """Failed sign-ins, counted in buckets so that what was typed as a username cannot be read back."""

    __tablename__ = "failures"
    bucket: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    failures: Mapped[int]
    turned_away: Mapped[int]
    last_ms: Mapped[int]
    locked_until_ms: Mapped[int]


class LookRow(Base):
    """Looks that already stand in the audit log, so that each stands there once."""

    __tablename__ = "looks"
    session_id: Mapped[str] = mapped_column(primary_key=True)
    whom: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(primary_key=True)
    why: Mapped[str] = mapped_column(primary_key=True)
    span: Mapped[str] = mapped_column(primary_key=True)


class AuditRow(Base):
    """One audit entry. `entry` is what is hashed; the other columns are copies to search by."""

    __tablename__ = "audit"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ts_ms: Mapped[int] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(index=True)
    whom: Mapped[str] = mapped_column(index=True)
    what: Mapped[str] = mapped_column(index=True)
    entry: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
    previous: Mapped[str] = mapped_column(unique=True)
    """Unique: a history that forks cannot be written."""
