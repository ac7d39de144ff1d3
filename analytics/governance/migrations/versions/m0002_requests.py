"""Requests for permission, the Chair's confirmations, and what more the register says of a permission.

Owns version 0002 of the governance database; shipped, it is never changed. Rows of version 0001 keep their meaning.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NOTES = ("said_earlier", "ended_by", "ended_why")


def upgrade() -> None:
    """Two tables, and three columns that are empty for what was granted before."""
    for name in _NOTES:
        op.add_column("permissions", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.create_table(
        "permission_requests",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("hosts", sa.JSON(), nullable=False),
        sa.Column("windows", sa.JSON(), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_ms", sa.BigInteger(), nullable=False),
        sa.Column("decided_why", sa.String(), nullable=False),
        sa.Column("permission_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_permission_requests_person_id_people"),
        sa.ForeignKeyConstraint(
            ["permission_id"],
            ["permissions.permission_id"],
            name="fk_permission_requests_permission_id_permissions",
        ),
        sa.PrimaryKeyConstraint("request_id", name="pk_permission_requests"),
    )
    op.create_index("ix_permission_requests_person_id", "permission_requests", ["person_id"], unique=False)
    op.create_index("ix_permission_requests_state", "permission_requests", ["state"], unique=False)
    op.create_table(
        "confirmations",
        sa.Column("permission_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["permission_id"], ["permissions.permission_id"], name="fk_confirmations_permission_id_permissions"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_confirmations_person_id_people"),
        sa.PrimaryKeyConstraint("permission_id", "person_id", name="pk_confirmations"),
    )


def downgrade() -> None:
    """What was decided is not forgotten again."""
    raise NotImplementedError("Version 0002 cannot be undone: it would delete what people asked and were answered.")
