"""passages masked in a record, and what was handed over"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None
kind = "expand"


def upgrade():
    with op.batch_alter_table("record_request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("handed_on", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "handed_how",
                sa.Enum(
                    "in_person",
                    "phone",
                    "letter",
                    "email",
                    name="how",
                    native_enum=False,
                    length=40,
                ),
                nullable=True,
            )
        )
    with op.batch_alter_table("record_line", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told", sa.Text(), nullable=True))
    op.create_table(
        "record_mask",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("provision", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("marked_by_id", sa.Uuid(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends > starts", name=op.f("ck_record_mask_not_empty")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["record_line.id"], name=op.f("fk_record_mask_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["marked_by_id"], ["user_account.id"], name=op.f("fk_record_mask_marked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["removed_by_id"], ["user_account.id"], name=op.f("fk_record_mask_removed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_mask")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("record_mask", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_mask_line_id"), ["line_id"], unique=False)


def downgrade():
    op.drop_table("record_mask")
    with op.batch_alter_table("record_line", schema=None) as batch_op:
        batch_op.drop_column("told")
    with op.batch_alter_table("record_request", schema=None) as batch_op:
        batch_op.drop_column("handed_how")
        batch_op.drop_column("handed_on")
