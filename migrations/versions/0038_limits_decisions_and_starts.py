"""Limits, decisions and what stops a start"""

import sqlalchemy as sa
from alembic import context, op

from matchsvc.migrate import refuse_to_lose

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

TABLES = ["placement_decision", "start_facts", "supervision"]
#: What was running or over has begun; what was planned begins by the rules.
BEGUN = """
    UPDATE placement SET begun_on = start_date
    WHERE called_off_on IS NULL AND (
        is_history OR end_date IS NOT NULL OR id IN (
            SELECT source_id FROM outcome_event WHERE kind = 'placement_started'
        )
    )
"""
#: Reference data, loaded anew after each upgrade.
OLD_FORMS = """
    UPDATE placement_form SET bar_check = (decision_authority = 'af')
"""


def upgrade():
    op.create_table(
        "placement_decision",
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column(
            "authority",
            sa.Enum(
                "af", "social_board", "none", name="decisionauthority", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("planned_end_date", sa.Date(), nullable=True),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_from", sa.Date(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_by_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "valid_to >= valid_from", name=op.f("ck_placement_decision_dates_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_placement_decision_placement_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"],
            ["user_account.id"],
            name=op.f("fk_placement_decision_recorded_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"],
            ["user_account.id"],
            name=op.f("fk_placement_decision_withdrawn_by_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_decision")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("placement_decision", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_placement_decision_placement_id"), ["placement_id"], unique=False
        )

    op.create_table(
        "start_facts",
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("union_asked_on", sa.Date(), nullable=True),
        sa.Column("union_answer_by", sa.Date(), nullable=True),
        sa.Column("union_answered_on", sa.Date(), nullable=True),
        sa.Column("union_opinion", sa.Text(), nullable=True),
        sa.Column("insurance_noted_on", sa.Date(), nullable=True),
        sa.Column("extract_shown_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "union_answered_on >= union_asked_on", name=op.f("ck_start_facts_asked_first")
        ),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_start_facts_placement_id")
        ),
        sa.PrimaryKeyConstraint("placement_id", name=op.f("pk_start_facts")),
        info={"retention": "case"},
    )
    op.create_table(
        "supervision",
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("supervisor_id", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_supervision_contact_id")
        ),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_supervision_placement_id")
        ),
        sa.ForeignKeyConstraint(
            ["supervisor_id"], ["user_account.id"], name=op.f("fk_supervision_supervisor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("supervision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supervision_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_supervision_placement_id"), ["placement_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_supervision_supervisor_id"), ["supervisor_id"], unique=False
        )

    with op.batch_alter_table("checklist_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("participant_done_on", sa.Date(), nullable=True))

    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("begun_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("planned_start_date", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column("extended", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("moved_from_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("counts_from", sa.Date(), nullable=True))
        batch_op.create_unique_constraint(
            batch_op.f("uq_placement_moved_from_id"), ["moved_from_id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_placement_moved_from_id"), "placement", ["moved_from_id"], ["id"]
        )

    with op.batch_alter_table("placement_form", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("bar_check", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(
            sa.Column(
                "extract_for_children", sa.Boolean(), nullable=False, server_default=sa.true()
            )
        )

    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "works_with_children", sa.Boolean(), nullable=False, server_default=sa.false()
            )
        )
        batch_op.add_column(sa.Column("closed_on", sa.Date(), nullable=True))

    op.execute(BEGUN)
    op.execute(OLD_FORMS)
    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.alter_column("extended", server_default=None)
        batch_op.create_check_constraint(
            batch_op.f("ck_placement_begun_before_ended"),
            "end_date IS NULL OR begun_on IS NOT NULL",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_placement_never_begun_if_off"),
            "called_off_on IS NULL OR begun_on IS NULL",
        )
    for table, column in (
        ("placement_form", "bar_check"),
        ("placement_form", "extract_for_children"),
        ("site", "works_with_children"),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column(column, server_default=None)


def downgrade():
    lose_data = context.config.attributes.get("lose_data", False)
    refuse_to_lose(op.get_bind(), TABLES, lose_data=lose_data)
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.drop_column("closed_on")
        batch_op.drop_column("works_with_children")

    with op.batch_alter_table("placement_form", schema=None) as batch_op:
        batch_op.drop_column("extract_for_children")
        batch_op.drop_column("bar_check")

    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_placement_never_begun_if_off"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_placement_begun_before_ended"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_placement_moved_from_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_placement_moved_from_id"), type_="unique")
        batch_op.drop_column("counts_from")
        batch_op.drop_column("moved_from_id")
        batch_op.drop_column("extended")
        batch_op.drop_column("planned_start_date")
        batch_op.drop_column("begun_on")

    with op.batch_alter_table("checklist_item", schema=None) as batch_op:
        batch_op.drop_column("participant_done_on")

    with op.batch_alter_table("supervision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supervision_supervisor_id"))
        batch_op.drop_index(batch_op.f("ix_supervision_placement_id"))
        batch_op.drop_index(batch_op.f("ix_supervision_contact_id"))

    op.drop_table("supervision")
    op.drop_table("start_facts")
    with op.batch_alter_table("placement_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_placement_decision_placement_id"))

    op.drop_table("placement_decision")
