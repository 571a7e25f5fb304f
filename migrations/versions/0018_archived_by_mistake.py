"""archived by mistake"""

import sqlalchemy as sa
from alembic import context, op

from matchsvc.migrate import refuse_to_lose

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("employer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("archived_by_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("archived_reason", sa.Text(), nullable=True))
        batch_op.create_index(batch_op.f("ix_employer_archived_at"), ["archived_at"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_employer_archived_by_id"), "user_account", ["archived_by_id"], ["id"]
        )

    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("archived_by_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("archived_reason", sa.Text(), nullable=True))
        batch_op.create_index(batch_op.f("ix_offer_archived_at"), ["archived_at"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_offer_archived_by_id"), "user_account", ["archived_by_id"], ["id"]
        )

    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("archived_by_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("archived_reason", sa.Text(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_participant_archived_at"), ["archived_at"], unique=False
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_participant_archived_by_id"), "user_account", ["archived_by_id"], ["id"]
        )


def downgrade():
    # Without the columns they would stand in every list again.
    lose_data = context.config.attributes.get("lose_data", False)
    hidden = [
        f"(select 1 from {table} where archived_at is not null) archived_{table}"
        for table in ("participant", "employer", "offer")
    ]
    refuse_to_lose(op.get_bind(), hidden, lose_data=lose_data)
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_participant_archived_by_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_participant_archived_at"))
        batch_op.drop_column("archived_reason")
        batch_op.drop_column("archived_by_id")
        batch_op.drop_column("archived_at")

    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_offer_archived_by_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_offer_archived_at"))
        batch_op.drop_column("archived_reason")
        batch_op.drop_column("archived_by_id")
        batch_op.drop_column("archived_at")

    with op.batch_alter_table("employer", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_employer_archived_by_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_employer_archived_at"))
        batch_op.drop_column("archived_reason")
        batch_op.drop_column("archived_by_id")
        batch_op.drop_column("archived_at")
