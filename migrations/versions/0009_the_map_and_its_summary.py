"""the map and its summary"""

import sqlalchemy as sa
from alembic import context, op

from matchsvc.migrate import refuse_to_lose

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "support_orientation",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column(
            "orientation",
            sa.Enum(
                "mapping",
                "guidance",
                "rehabilitation",
                name="orientation",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("set_on", sa.Date(), nullable=False),
        sa.Column("set_by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participant.id"],
            name=op.f("fk_support_orientation_participant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["set_by_id"], ["user_account.id"], name=op.f("fk_support_orientation_set_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_orientation")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("support_orientation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_support_orientation_participant_id"), ["participant_id"], unique=False
        )

    op.create_table(
        "map_cell",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_map_cell_case_id")),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["user_account.id"], name=op.f("fk_map_cell_changed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_map_cell_participant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_map_cell")),
        sa.UniqueConstraint("case_id", "area", "side", name=op.f("uq_map_cell_case_id_area_side")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("map_cell", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_map_cell_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_map_cell_participant_id"), ["participant_id"], unique=False
        )

    op.create_table(
        "mapping_summary",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "reviewed",
                "signed",
                "superseded",
                name="summarystate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("proposals", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("is_dissent", sa.Boolean(), nullable=False),
        sa.Column("interpreter_language", sa.String(), nullable=True),
        sa.Column("written_by_id", sa.Uuid(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("content_hash", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_mapping_summary_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_mapping_summary_participant_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_mapping_summary_unit_id")),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["user_account.id"], name=op.f("fk_mapping_summary_written_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mapping_summary")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_mapping_summary_case_id_number")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("mapping_summary", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mapping_summary_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_mapping_summary_participant_id"), ["participant_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_mapping_summary_unit_id"), ["unit_id"], unique=False)


def downgrade():
    lose_data = context.config.attributes.get("lose_data", False)
    tables = ["map_cell", "mapping_summary", "support_orientation"]
    refuse_to_lose(op.get_bind(), tables, lose_data=lose_data)
    with op.batch_alter_table("mapping_summary", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mapping_summary_unit_id"))
        batch_op.drop_index(batch_op.f("ix_mapping_summary_participant_id"))
        batch_op.drop_index(batch_op.f("ix_mapping_summary_case_id"))

    op.drop_table("mapping_summary")
    with op.batch_alter_table("map_cell", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_map_cell_participant_id"))
        batch_op.drop_index(batch_op.f("ix_map_cell_case_id"))

    op.drop_table("map_cell")
    with op.batch_alter_table("support_orientation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_support_orientation_participant_id"))

    op.drop_table("support_orientation")
