"""Alembic's environment; matchsvc/migrate.py gives it a connection."""

import sqlalchemy as sa
from alembic import context

from matchsvc import db, migrate
from matchsvc.matching.marking import triggers_lifted
from matchsvc.outcomes import marking
from matchsvc.schema_steps import EXPAND, SchemaStep

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


def note_step(ctx, step, **_):
    """Keep which steps were taken, so that an old program can ask whether it fits."""
    if not sa.inspect(ctx.connection).has_table(SchemaStep.__tablename__):
        return  # a step before there was such a table
    steps = SchemaStep.__table__
    revision = step.up_revision
    ctx.connection.execute(steps.delete().where(steps.c.revision == revision.revision))
    if step.is_upgrade:
        last = ctx.connection.scalar(sa.select(sa.func.max(steps.c.number))) or 0
        kind = getattr(revision.module, "kind", EXPAND)
        ctx.connection.execute(
            steps.insert().values(number=last + 1, revision=revision.revision, kind=kind)
        )


context.configure(
    connection=connection,
    target_metadata=db.Base.metadata,
    render_as_batch=True,
    render_item=render_item,
    transaction_per_migration=False,
    on_version_apply=note_step,
)
with (
    context.begin_transaction(),
    triggers_lifted(connection),
    marking.triggers_lifted(connection),
):
    context.run_migrations()
