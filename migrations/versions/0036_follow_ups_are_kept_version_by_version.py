"""follow ups are kept version by version"""

import sqlalchemy as sa
from alembic import context, op

from matchsvc.migrate import refuse_to_lose

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

TABLES = ("accommodation_review", "development_row", "disturbance", "follow_up_version")


def upgrade():
    op.create_table(
        "disturbance",
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "absence",
                "conflict",
                "safety",
                "workplace_change",
                "interruption",
                "misconduct",
                "other",
                name="disturbancekind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("noted_by_id", sa.Uuid(), nullable=True),
        sa.Column("what_is_done", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "resolved",
                "changed",
                "placement_ended",
                "mistaken",
                name="disturbanceoutcome",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("outcome_words", sa.Text(), nullable=True),
        sa.Column("tell_af", sa.Boolean(), nullable=False),
        sa.Column("af_told_on", sa.Date(), nullable=True),
        sa.Column(
            "af_channel",
            sa.Enum(
                "phone",
                "meeting",
                "letter",
                "their_system",
                name="afchannel",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("closed_on >= happened_on", name=op.f("ck_disturbance_closed_after")),
        sa.ForeignKeyConstraint(
            ["noted_by_id"], ["user_account.id"], name=op.f("fk_disturbance_noted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user_account.id"], name=op.f("fk_disturbance_owner_id")
        ),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_disturbance_placement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disturbance")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("disturbance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_disturbance_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_disturbance_placement_id"), ["placement_id"], unique=False
        )

    op.create_table(
        "accommodation_review",
        sa.Column("accommodation_id", sa.Uuid(), nullable=False),
        sa.Column("follow_up_id", sa.Uuid(), nullable=True),
        sa.Column("works", sa.String(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["accommodation_id"],
            ["accommodation.id"],
            name=op.f("fk_accommodation_review_accommodation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user_account.id"], name=op.f("fk_accommodation_review_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["follow_up.id"], name=op.f("fk_accommodation_review_follow_up_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accommodation_review")),
        sa.UniqueConstraint(
            "accommodation_id",
            "follow_up_id",
            name=op.f("uq_accommodation_review_accommodation_id_follow_up_id"),
        ),
        info={"retention": "case"},
    )
    with op.batch_alter_table("accommodation_review", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_accommodation_review_accommodation_id"),
            ["accommodation_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_accommodation_review_follow_up_id"), ["follow_up_id"], unique=False
        )

    op.create_table(
        "development_row",
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("follow_up_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("own_part", sa.Text(), nullable=True),
        sa.Column("unit_part", sa.Text(), nullable=True),
        sa.Column("workplace_part", sa.Text(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "ongoing",
                "reached",
                "dropped",
                name="developmentstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("state_on", sa.Date(), nullable=True),
        sa.Column("written_by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["follow_up.id"], name=op.f("fk_development_row_follow_up_id")
        ),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_development_row_placement_id")
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["user_account.id"], name=op.f("fk_development_row_written_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_development_row")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("development_row", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_development_row_follow_up_id"), ["follow_up_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_development_row_placement_id"), ["placement_id"], unique=False
        )

    op.create_table(
        "follow_up_version",
        sa.Column("follow_up_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column(
            "standing",
            sa.Enum(
                "standing", "beside", "compared", name="standing", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["follow_up.id"], name=op.f("fk_follow_up_version_follow_up_id")
        ),
        sa.ForeignKeyConstraint(
            ["saved_by_id"], ["user_account.id"], name=op.f("fk_follow_up_version_saved_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_version")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_follow_up_version_submission_id")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("follow_up_version", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_follow_up_version_follow_up_id"), ["follow_up_id"], unique=False
        )

    with op.batch_alter_table("accommodation", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "kind",
                sa.Enum(
                    "task",
                    "time",
                    "equipment",
                    "environment",
                    "support",
                    name="accommodationkind",
                    native_enum=False,
                    length=40,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(
            sa.Column(
                "responsible",
                sa.Enum(
                    "workplace",
                    "unit",
                    "participant",
                    "employment_service",
                    name="accommodationowner",
                    native_enum=False,
                    length=40,
                ),
                nullable=True,
            )
        )

    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "attendance",
                sa.Enum(
                    "as_agreed", "less", "more", name="attendancesaid", native_enum=False, length=40
                ),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("next_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("participant_agrees", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("completed_by_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("completion_words", sa.Text(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_follow_up_completed_by_id"), "user_account", ["completed_by_id"], ["id"]
        )

    # What was held before anybody asked for it to be gone through waits for nobody.
    op.execute("UPDATE follow_up SET completed_at = logged_at WHERE held_on IS NOT NULL")


def downgrade():
    lose_data = context.config.attributes.get("lose_data", False)
    refuse_to_lose(op.get_bind(), TABLES, lose_data=lose_data)
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_follow_up_completed_by_id"), type_="foreignkey")
        batch_op.drop_column("completion_words")
        batch_op.drop_column("completed_by_id")
        batch_op.drop_column("completed_at")
        batch_op.drop_column("participant_agrees")
        batch_op.drop_column("next_on")
        batch_op.drop_column("attendance")

    with op.batch_alter_table("accommodation", schema=None) as batch_op:
        batch_op.drop_column("responsible")
        batch_op.drop_column("kind")

    with op.batch_alter_table("follow_up_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_follow_up_version_follow_up_id"))

    op.drop_table("follow_up_version")
    with op.batch_alter_table("development_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_development_row_placement_id"))
        batch_op.drop_index(batch_op.f("ix_development_row_follow_up_id"))

    op.drop_table("development_row")
    with op.batch_alter_table("accommodation_review", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accommodation_review_follow_up_id"))
        batch_op.drop_index(batch_op.f("ix_accommodation_review_accommodation_id"))

    op.drop_table("accommodation_review")
    with op.batch_alter_table("disturbance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_disturbance_placement_id"))
        batch_op.drop_index(batch_op.f("ix_disturbance_owner_id"))

    op.drop_table("disturbance")
