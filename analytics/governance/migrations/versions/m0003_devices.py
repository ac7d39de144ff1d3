"""Devices by hardware address and name, and the token by which a device's logon script is known.

Owns version 0003 of the governance database; shipped, it is never changed. Rows of earlier versions keep their meaning.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Three columns, empty for what was entered before."""
    for name in ("macs", "hostnames"):
        op.add_column("devices", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("devices", sa.Column("token_hash", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """What was entered is not forgotten again."""
    raise NotImplementedError("Version 0003 cannot be undone: it would forget how devices are known.")
