"""Activities, groups, attendance, local services and structural obstacles"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

from matchsvc.migrate import refuse_to_lose

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "activity",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sort_key", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "language_cafe",
                "education_package",
                "job_search",
                "workshop",
                "study_visit",
                "other",
                name="activitykind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "track",
            sa.Enum("health", "education", "work", name="track", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column(
            "step",
            sa.Enum(
                "mapping",
                "matching",
                "work_training",
                "work",
                name="step",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "orientations", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("is_group", sa.Boolean(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("limit_reason", sa.String(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_activity_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        sa.UniqueConstraint("unit_id", "code", name=op.f("uq_activity_unit_id_code")),
        info={"retention": "reference"},
    )
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activity_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "local_service",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "mapping",
                "matching",
                "work_training",
                "work",
                name="step",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("ladder", sa.Integer(), nullable=True),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column(
            "provider_type",
            sa.Enum(
                "municipality",
                "authority",
                "civil_society",
                "partnership",
                "procured",
                "other",
                name="providertype",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("entry_requirement", sa.String(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "valid_until is null or valid_until >= valid_from",
            name=op.f("ck_local_service_dates_in_order"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_local_service_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_service")),
        info={"retention": "reference"},
    )
    with op.batch_alter_table("local_service", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_local_service_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "structural_obstacle",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "unit",
                "municipality",
                "region",
                "state",
                name="obstaclelevel",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "identified",
                "in_progress",
                "removed",
                name="obstaclestate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("state_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_structural_obstacle_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_structural_obstacle")),
        info={"retention": "reference"},
    )
    with op.batch_alter_table("structural_obstacle", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_structural_obstacle_unit_id"), ["unit_id"], unique=False
        )

    op.create_table(
        "activity_group",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("leader_id", sa.Uuid(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column(
            "languages", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("interpreter", sa.Boolean(), nullable=False),
        sa.Column("limit_reason", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_activity_group_has_places")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_activity_group_activity_id")
        ),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["user_account.id"], name=op.f("fk_activity_group_leader_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_activity_group_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_group")),
        info={"retention": "reference"},
    )
    with op.batch_alter_table("activity_group", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_activity_group_activity_id"), ["activity_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_activity_group_leader_id"), ["leader_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_activity_group_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "obstacle_sighting",
        sa.Column("obstacle_id", sa.Uuid(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["obstacle_id"],
            ["structural_obstacle.id"],
            name=op.f("fk_obstacle_sighting_obstacle_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obstacle_sighting")),
        info={"retention": "reference"},
    )
    with op.batch_alter_table("obstacle_sighting", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_obstacle_sighting_obstacle_id"), ["obstacle_id"], unique=False
        )

    op.create_table(
        "activity_member",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["activity_group.id"], name=op.f("fk_activity_member_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_activity_member_participant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_member")),
        sa.UniqueConstraint(
            "group_id", "participant_id", name=op.f("uq_activity_member_group_id_participant_id")
        ),
        info={"retention": "case"},
    )
    with op.batch_alter_table("activity_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activity_member_group_id"), ["group_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_activity_member_participant_id"), ["participant_id"], unique=False
        )

    op.create_table(
        "activity_session",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("room", sa.String(), nullable=True),
        sa.Column(
            "moved_reason",
            sa.Enum(
                "participant",
                "staff",
                "other_party",
                "interpreter",
                "room",
                "hand_over",
                "not_needed",
                "mistake",
                name="changereason",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "cancel_reason",
            sa.Enum(
                "participant",
                "staff",
                "other_party",
                "interpreter",
                "room",
                "hand_over",
                "not_needed",
                "mistake",
                name="changereason",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("marked_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_activity_session_has_length")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["activity_group.id"], name=op.f("fk_activity_session_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["marked_by_id"], ["user_account.id"], name=op.f("fk_activity_session_marked_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_session")),
        info={"retention": "reference"},
    )
    with op.batch_alter_table("activity_session", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_activity_session_group_id"), ["group_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_activity_session_starts_at"), ["starts_at"], unique=False
        )

    op.create_table(
        "activity_attendance",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column(
            "mark",
            sa.Enum(
                "present",
                "late",
                "valid_absence",
                "not_known",
                name="mark",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["activity_member.id"], name=op.f("fk_activity_attendance_member_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["activity_session.id"], name=op.f("fk_activity_attendance_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_attendance")),
        sa.UniqueConstraint(
            "session_id", "member_id", name=op.f("uq_activity_attendance_session_id_member_id")
        ),
        info={"retention": "case"},
    )
    with op.batch_alter_table("activity_attendance", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_activity_attendance_member_id"), ["member_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_activity_attendance_session_id"), ["session_id"], unique=False
        )


TABLES = (
    *("activity_attendance", "activity_session", "activity_member", "activity_group", "activity"),
    *("obstacle_sighting", "structural_obstacle", "local_service"),
)


def downgrade():
    lose_data = context.config.attributes.get("lose_data", False)
    refuse_to_lose(op.get_bind(), TABLES, lose_data=lose_data)
    with op.batch_alter_table("activity_attendance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_attendance_session_id"))
        batch_op.drop_index(batch_op.f("ix_activity_attendance_member_id"))

    op.drop_table("activity_attendance")
    with op.batch_alter_table("activity_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_session_starts_at"))
        batch_op.drop_index(batch_op.f("ix_activity_session_group_id"))

    op.drop_table("activity_session")
    with op.batch_alter_table("activity_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_member_participant_id"))
        batch_op.drop_index(batch_op.f("ix_activity_member_group_id"))

    op.drop_table("activity_member")
    with op.batch_alter_table("obstacle_sighting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_obstacle_sighting_obstacle_id"))

    op.drop_table("obstacle_sighting")
    with op.batch_alter_table("activity_group", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_group_unit_id"))
        batch_op.drop_index(batch_op.f("ix_activity_group_leader_id"))
        batch_op.drop_index(batch_op.f("ix_activity_group_activity_id"))

    op.drop_table("activity_group")
    with op.batch_alter_table("structural_obstacle", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_structural_obstacle_unit_id"))

    op.drop_table("structural_obstacle")
    with op.batch_alter_table("local_service", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_local_service_unit_id"))

    op.drop_table("local_service")
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_unit_id"))

    op.drop_table("activity")
