"""Messages by text, bounces, wishes about messages, and how jobs went"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "job_state",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_job_state")),
        info={"retention": "technical"},
    )
    op.create_table(
        "undeliverable_address",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("address_index", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_undeliverable_address_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undeliverable_address")),
        sa.UniqueConstraint(
            "unit_id", "address_index", name=op.f("uq_undeliverable_address_unit_id_address_index")
        ),
        info={"retention": "technical"},
    )
    op.create_table(
        "message_preference",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "reach",
            sa.Enum("email", "text", "none", name="reach", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "digest",
            sa.Enum("none", "daily", "weekly", name="digest", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_message_preference_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_message_preference")),
        info={"retention": "account"},
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "reach",
                sa.Enum("email", "text", "none", name="reach", native_enum=False, length=40),
                nullable=False,
                server_default="email",
            )
        )

    with op.batch_alter_table("job_run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("error", sa.String(), nullable=True))

    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "channel",
                sa.Enum("email", "text", name="via", native_enum=False, length=40),
                nullable=False,
                server_default="email",
            )
        )
        batch_op.add_column(
            sa.Column(
                "recipient_kind",
                sa.Enum(
                    "contact",
                    "participant",
                    "user",
                    name="recipientkind",
                    native_enum=False,
                    length=40,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("recipient_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("not_after", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("is_reminder", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("followed_up_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_outbox_message_recipient_id"), ["recipient_id"], unique=False
        )

    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("text_agreed_on", sa.Date(), nullable=True))

    # The defaults are only for the rows there are.
    for table, columns in (
        ("contact", ["reach"]),
        ("job_run", ["attempts"]),
        ("outbox_message", ["channel", "is_reminder"]),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.alter_column(column, server_default=None)


def downgrade():
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.drop_column("text_agreed_on")

    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_message_recipient_id"))
        batch_op.drop_column("followed_up_at")
        batch_op.drop_column("is_reminder")
        batch_op.drop_column("not_after")
        batch_op.drop_column("recipient_id")
        batch_op.drop_column("recipient_kind")
        batch_op.drop_column("channel")

    with op.batch_alter_table("job_run", schema=None) as batch_op:
        batch_op.drop_column("error")
        batch_op.drop_column("attempts")

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_column("reach")

    op.drop_table("message_preference")
    op.drop_table("undeliverable_address")
    op.drop_table("job_state")
