"""meetings, rooms, interpreters and threads of messages"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

from matchsvc.migrate import refuse_to_lose

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "room",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sort_key", sa.String(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_room_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.UniqueConstraint("unit_id", "name", name=op.f("uq_room_unit_id_name")),
        info={"retention": "reference"},
    )
    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_room_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "meeting",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("agenda", sa.Text(), nullable=True),
        sa.Column("general_minutes", sa.Integer(), nullable=False),
        sa.Column("limit_reason", sa.Text(), nullable=True),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
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
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minutes_spent", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_meeting_has_length")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user_account.id"], name=op.f("fk_meeting_owner_id")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_meeting_room_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_meeting_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meeting_room_id"), ["room_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meeting_series_id"), ["series_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meeting_starts_at"), ["starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_meeting_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "interpreter_booking",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column(
            "authorised",
            sa.Enum("yes", "no", "asked", name="authorised", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "wishes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum(
                "to_ask",
                "asked",
                "booked",
                "refused",
                name="interpreterstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_interpreter_booking_meeting_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interpreter_booking")),
        sa.UniqueConstraint(
            "meeting_id", "language", name=op.f("uq_interpreter_booking_meeting_id_language")
        ),
        info={"retention": "case"},
    )
    with op.batch_alter_table("interpreter_booking", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_interpreter_booking_meeting_id"), ["meeting_id"], unique=False
        )

    op.create_table(
        "meeting_person",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "party",
            sa.Enum(
                "participant",
                "staff",
                "employment_service",
                "employer",
                "referrer",
                "social_services",
                "insurance_agency",
                "health_care",
                "education",
                "activity_provider",
                "labour_market_unit",
                "other",
                name="party",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("ref_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("slot", sa.Integer(), nullable=True),
        sa.Column(
            "attendance",
            sa.Enum(
                "came", "did_not_come", "cancelled", name="attendance", native_enum=False, length=40
            ),
            nullable=True,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_person_meeting_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_person")),
        sa.UniqueConstraint("meeting_id", "slot", name=op.f("uq_meeting_person_meeting_id_slot")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("meeting_person", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_meeting_person_meeting_id"), ["meeting_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_meeting_person_ref_id"), ["ref_id"], unique=False)

    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("calendar", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("thread", sa.String(), nullable=True))
        batch_op.add_column(
            sa.Column("is_superseded", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.create_index(batch_op.f("ix_outbox_message_thread"), ["thread"], unique=False)


def downgrade():
    lose_data = context.config.attributes.get("lose_data", False)
    refuse_to_lose(op.get_bind(), ["meeting"], lose_data=lose_data)
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_message_thread"))
        batch_op.drop_column("is_superseded")
        batch_op.drop_column("thread")
        batch_op.drop_column("calendar")

    with op.batch_alter_table("meeting_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_person_ref_id"))
        batch_op.drop_index(batch_op.f("ix_meeting_person_meeting_id"))

    op.drop_table("meeting_person")
    with op.batch_alter_table("interpreter_booking", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interpreter_booking_meeting_id"))

    op.drop_table("interpreter_booking")
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_unit_id"))
        batch_op.drop_index(batch_op.f("ix_meeting_starts_at"))
        batch_op.drop_index(batch_op.f("ix_meeting_series_id"))
        batch_op.drop_index(batch_op.f("ix_meeting_room_id"))
        batch_op.drop_index(batch_op.f("ix_meeting_owner_id"))

    op.drop_table("meeting")
    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_room_unit_id"))

    op.drop_table("room")
