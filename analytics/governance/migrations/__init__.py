"""The governance tables' numbered, immutable migrations (Alembic)."""
