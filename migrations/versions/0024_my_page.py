"""My page: visits, corrections, answers about the presentation"""

import sqlalchemy as sa
from alembic import context, op

from matchsvc.migrate import refuse_to_lose

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "correction",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("wrong", "dissent", name="correctionkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("interpreter", sa.Text(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "corrected", "noted", "kept", name="correctionoutcome", native_enum=False, length=40
            ),
            nullable=True,
        ),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["user_account.id"], name=op.f("fk_correction_answered_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_correction_participant_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_correction_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_correction_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_correction_participant_id"), ["participant_id"], unique=False
        )

    op.create_table(
        "own_page_visit",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("assisted_by_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("interpreter", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assisted_by_id"], ["user_account.id"], name=op.f("fk_own_page_visit_assisted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_own_page_visit_participant_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_own_page_visit_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_page_visit")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("own_page_visit", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_own_page_visit_participant_id"), ["participant_id"], unique=False
        )

    op.create_table(
        "presentation_answer",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "approved",
                "change",
                "refused",
                name="presentationsaid",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("interpreter", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participant.id"],
            name=op.f("fk_presentation_answer_participant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"],
            ["user_account.id"],
            name=op.f("fk_presentation_answer_recorded_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_presentation_answer_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presentation_answer")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("presentation_answer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_presentation_answer_participant_id"), ["participant_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_presentation_answer_unit_id"), ["unit_id"], unique=False
        )


def downgrade():
    lose_data = context.config.attributes.get("lose_data", False)
    tables = ["correction", "own_page_visit", "presentation_answer"]
    refuse_to_lose(op.get_bind(), tables, lose_data=lose_data)
    with op.batch_alter_table("presentation_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_presentation_answer_unit_id"))
        batch_op.drop_index(batch_op.f("ix_presentation_answer_participant_id"))

    op.drop_table("presentation_answer")
    with op.batch_alter_table("own_page_visit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_own_page_visit_participant_id"))

    op.drop_table("own_page_visit")
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_correction_participant_id"))

    op.drop_table("correction")
