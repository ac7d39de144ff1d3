"""The first tables.

Owns version 0001 of the governance database; shipped, it is never changed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_REFUSALS = (
    ("UPDATE", "audit_no_update", "The audit log is append-only: no entry is ever changed."),
    ("DELETE", "audit_no_delete", "The audit log is append-only: no entry is ever deleted."),
)


def upgrade() -> None:
    """Make everything."""
    _people()
    _viewers()
    _audit()
    _refuse_change()


def downgrade() -> None:
    """There is nothing before the first version."""
    raise NotImplementedError("The first version cannot be undone: it would delete the audit log.")


def _refuse_change() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for act, trigger, sentence in _REFUSALS:
        op.execute(f"CREATE TRIGGER {trigger} BEFORE {act} ON audit BEGIN SELECT RAISE(ABORT, '{sentence}'); END")


def _people() -> None:
    """Whom the policy covers, with what devices, permissions and notices."""
    op.create_table(
        "school",
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("founded_ms", sa.BigInteger(), nullable=False),
        sa.Column("bucket_secret", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("school", name="pk_school"),
    )
    op.create_table(
        "people",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("person_type", sa.String(), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("hours", sa.String(), nullable=False),
        sa.Column("proxy_username", sa.String(), nullable=True),
        sa.Column("proxy_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_people"),
        sa.UniqueConstraint("proxy_username", name="uq_people_proxy_username"),
    )
    op.create_table(
        "devices",
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("device_class", sa.String(), nullable=False),
        sa.Column("addresses", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("device_id", name="pk_devices"),
    )
    op.create_table(
        "assignments",
        sa.Column("assignment_id", sa.String(), nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.device_id"], name="fk_assignments_device_id_devices"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_assignments_person_id_people"),
        sa.PrimaryKeyConstraint("assignment_id", name="pk_assignments"),
    )
    op.create_index("ix_assignments_device_id", "assignments", ["device_id"], unique=False)
    op.create_index("ix_assignments_person_id", "assignments", ["person_id"], unique=False)
    op.create_table(
        "permissions",
        sa.Column("permission_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("hosts", sa.JSON(), nullable=False),
        sa.Column("windows", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("granted_ms", sa.BigInteger(), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_permissions_person_id_people"),
        sa.PrimaryKeyConstraint("permission_id", name="pk_permissions"),
    )
    op.create_index("ix_permissions_person_id", "permissions", ["person_id"], unique=False)
    op.create_table(
        "policies",
        sa.Column("serial", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("policy_version", sa.String(), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name="pk_policies"),
    )
    op.create_table(
        "acknowledgements",
        sa.Column("acknowledgement_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("policy_version", sa.String(), nullable=False),
        sa.Column("told_ms", sa.BigInteger(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_acknowledgements_person_id_people"),
        sa.PrimaryKeyConstraint("acknowledgement_id", name="pk_acknowledgements"),
    )
    op.create_index(
        "ix_acknowledgements_person_version", "acknowledgements", ["person_id", "policy_version"], unique=False
    )


def _viewers() -> None:
    """Who may look, as what, and in which sessions."""
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_accounts_person_id_people"),
        sa.PrimaryKeyConstraint("account_id", name="pk_accounts"),
        sa.UniqueConstraint("username", name="uq_accounts_username"),
    )
    op.create_table(
        "holdings",
        sa.Column("holding_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name="fk_holdings_account_id_accounts"),
        sa.PrimaryKeyConstraint("holding_id", name="pk_holdings"),
    )
    op.create_index("ix_holdings_account_id", "holdings", ["account_id"], unique=False)
    op.create_index("ix_holdings_role", "holdings", ["role"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name="fk_sessions_account_id_accounts"),
        sa.PrimaryKeyConstraint("session_id", name="pk_sessions"),
        sa.UniqueConstraint("token_hash", name="uq_sessions_token_hash"),
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"], unique=False)
    op.create_table(
        "failures",
        sa.Column("bucket", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("turned_away", sa.BigInteger(), nullable=False),
        sa.Column("last_ms", sa.BigInteger(), nullable=False),
        sa.Column("locked_until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name="pk_failures"),
    )


def _audit() -> None:
    """What was done and looked at. The database itself refuses to change or delete an entry."""
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ts_ms", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("whom", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("entry", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
        sa.UniqueConstraint("hash", name="uq_audit_hash"),
        sa.UniqueConstraint("previous", name="uq_audit_previous"),
    )
    op.create_index("ix_audit_ts_ms", "audit", ["ts_ms"], unique=False)
    op.create_index("ix_audit_what", "audit", ["what"], unique=False)
    op.create_index("ix_audit_who", "audit", ["who"], unique=False)
    op.create_index("ix_audit_whom", "audit", ["whom"], unique=False)
    op.create_table(
        "looks",
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("whom", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("span", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "whom", "purpose", "why", "span", name="pk_looks"),
    )
