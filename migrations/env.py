"""Alembic's environment; matchsvc/migrate.py gives it a connection."""

import sqlalchemy as sa
from alembic import context

from matchsvc import db, migrate
from matchsvc.matching.marking import triggers_lifted
from matchsvc.outcomes import marking

assert migrate.TABLES

connection = context.config.attributes["connection"]


def render_item(kind, item, autogen_context):
    """Write our own column types as plain ones, so that a migration stands on its own."""
    if kind != "type":
        return False
    if isinstance(item, db.UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, db.EncryptedText):
        return "sa.Text()"
    if type(item) is sa.JSON and "postgresql" in item._variant_mapping:
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


context.configure(
    connection=connection,
    target_metadata=db.Base.metadata,
    render_as_batch=True,
    render_item=render_item,
    transaction_per_migration=False,
)
with (
    context.begin_transaction(),
    triggers_lifted(connection),
    marking.triggers_lifted(connection),
):
    context.run_migrations()
