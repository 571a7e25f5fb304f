"""what the first start remembers"""

import sqlalchemy as sa
from alembic import context, op

from matchsvc.migrate import refuse_to_lose

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "start_mark",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("mail_sent", "put_aside", name="markkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_start_mark_unit_id")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_start_mark_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_start_mark")),
        sa.UniqueConstraint("unit_id", "kind", name=op.f("uq_start_mark_unit_id_kind")),
        info={"retention": "account"},
    )
    with op.batch_alter_table("start_mark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_start_mark_user_id"), ["user_id"], unique=False)


def downgrade():
    lose_data = context.config.attributes.get("lose_data", False)
    refuse_to_lose(op.get_bind(), ["start_mark"], lose_data=lose_data)
    with op.batch_alter_table("start_mark", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_start_mark_user_id"))

    op.drop_table("start_mark")
