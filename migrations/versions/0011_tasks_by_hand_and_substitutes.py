"""tasks by hand and substitutes"""

import sqlalchemy as sa
from alembic import context, op

from matchsvc.migrate import refuse_to_lose

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "substitute",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("substitute_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_substitute_days_in_order")),
        sa.CheckConstraint("user_id <> substitute_id", name=op.f("ck_substitute_somebody_else")),
        sa.ForeignKeyConstraint(
            ["substitute_id"], ["user_account.id"], name=op.f("fk_substitute_substitute_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_substitute_unit_id")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_substitute_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitute")),
        info={"retention": "account"},
    )
    with op.batch_alter_table("substitute", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_substitute_substitute_id"), ["substitute_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_substitute_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_substitute_user_id"), ["user_id"], unique=False)

    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first_due_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("own_words", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("closed_by_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_task_closed_by_id"), "user_account", ["closed_by_id"], ["id"]
        )


def downgrade():
    lose_data = context.config.attributes.get("lose_data", False)
    own = "(select 1 from task where own_words is not null) tasks_by_hand"
    refuse_to_lose(op.get_bind(), ["substitute", own], lose_data=lose_data)
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_task_closed_by_id"), type_="foreignkey")
        batch_op.drop_column("closed_by_id")
        batch_op.drop_column("dropped_at")
        batch_op.drop_column("own_words")
        batch_op.drop_column("first_due_on")

    with op.batch_alter_table("substitute", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_substitute_user_id"))
        batch_op.drop_index(batch_op.f("ix_substitute_unit_id"))
        batch_op.drop_index(batch_op.f("ix_substitute_substitute_id"))

    op.drop_table("substitute")
