"""Alembic's entry: run by Alembic itself, on the connection that `upgrade` hands over."""

from alembic import context

from analytics.governance.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
