"""the individual plan"""

import sqlalchemy as sa
from alembic import context, op

from matchsvc.migrate import refuse_to_lose

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "plan",
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
                name="planstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("goals", sa.Text(), nullable=False),
        sa.Column(
            "childcare",
            sa.Enum(
                "not_asked",
                "not_needed",
                "arranged",
                "missing",
                name="childcare",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("childcare_words", sa.Text(), nullable=True),
        sa.Column(
            "supporter",
            sa.Enum(
                "none_yet", "role_model", "mentor", name="supporter", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("supporter_words", sa.Text(), nullable=True),
        sa.Column("interpreter_language", sa.String(), nullable=True),
        sa.Column("written_by_id", sa.Uuid(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("content_hash", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_plan_case_id")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_plan_participant_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_plan_unit_id")),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["user_account.id"], name=op.f("fk_plan_written_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_plan_case_id_number")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_plan_participant_id"), ["participant_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_plan_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "plan_measure",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("activity", sa.String(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column(
            "responsible",
            sa.Enum(
                "person", "colleague", "other", name="responsible", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("colleague_id", sa.Uuid(), nullable=True),
        sa.Column("other_name", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned", "done", "dropped", name="measurestate", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("state_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("due_on >= starts_on", name=op.f("ck_plan_measure_dates_in_order")),
        sa.ForeignKeyConstraint(
            ["colleague_id"], ["user_account.id"], name=op.f("fk_plan_measure_colleague_id")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_measure_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_measure")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("plan_measure", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_measure_colleague_id"), ["colleague_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_plan_measure_plan_id"), ["plan_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_plan_measure_thread_id"), ["thread_id"], unique=False)

    op.create_table(
        "plan_sub_goal",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "track",
            sa.Enum("health", "education", "work", name="track", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "not_started",
                "in_progress",
                "clarified",
                name="subgoalstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("state_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "code is not null or words is not null", name=op.f("ck_plan_sub_goal_says_something")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_sub_goal_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_sub_goal")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("plan_sub_goal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_sub_goal_plan_id"), ["plan_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_plan_sub_goal_thread_id"), ["thread_id"], unique=False)


def downgrade():
    lose_data = context.config.attributes.get("lose_data", False)
    refuse_to_lose(op.get_bind(), ["plan"], lose_data=lose_data)
    with op.batch_alter_table("plan_sub_goal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_sub_goal_thread_id"))
        batch_op.drop_index(batch_op.f("ix_plan_sub_goal_plan_id"))

    op.drop_table("plan_sub_goal")
    with op.batch_alter_table("plan_measure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_measure_thread_id"))
        batch_op.drop_index(batch_op.f("ix_plan_measure_plan_id"))
        batch_op.drop_index(batch_op.f("ix_plan_measure_colleague_id"))

    op.drop_table("plan_measure")
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_unit_id"))
        batch_op.drop_index(batch_op.f("ix_plan_participant_id"))
        batch_op.drop_index(batch_op.f("ix_plan_case_id"))

    op.drop_table("plan")
