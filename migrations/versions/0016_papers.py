"""papers: scans and files about something, their bytes sealed and apart"""

import sqlalchemy as sa
from alembic import context, op

from matchsvc.migrate import refuse_to_lose

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "paper",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("about_type", sa.String(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "consent",
                "decision",
                "agreement",
                "certificate",
                "other",
                name="paperkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("dated", sa.Date(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column(
            "media_type",
            sa.Enum(
                "application/pdf",
                "image/jpeg",
                "image/png",
                name="mediatype",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("put_up_by_id", sa.Uuid(), nullable=False),
        sa.Column("put_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_away_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_away_by_id", sa.Uuid(), nullable=True),
        sa.Column("taken_away_reason", sa.Text(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["put_up_by_id"], ["user_account.id"], name=op.f("fk_paper_put_up_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["taken_away_by_id"], ["user_account.id"], name=op.f("fk_paper_taken_away_by_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_paper_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("paper", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_paper_about_type_about_id_put_up_at"),
            ["about_type", "about_id", "put_up_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_paper_taken_away_at"), ["taken_away_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_paper_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "paper_content",
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_content_paper_id")),
        sa.PrimaryKeyConstraint("paper_id", name=op.f("pk_paper_content")),
        info={"retention": "case"},
    )


def downgrade():
    lose_data = context.config.attributes.get("lose_data", False)
    refuse_to_lose(op.get_bind(), ["paper_content", "paper"], lose_data=lose_data)
    op.drop_table("paper_content")
    with op.batch_alter_table("paper", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_paper_unit_id"))
        batch_op.drop_index(batch_op.f("ix_paper_taken_away_at"))
        batch_op.drop_index(batch_op.f("ix_paper_about_type_about_id_put_up_at"))

    op.drop_table("paper")
