"""competence talks"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

from matchsvc.migrate import refuse_to_lose

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "competence_talk",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column(
            "areas", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "dismissed", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column(
            "view",
            sa.Enum("first", "other", "both", name="talkview", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("active_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_competence_talk_time_goes_forward")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_competence_talk_participant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competence_talk")),
        sa.UniqueConstraint("participant_id", name=op.f("uq_competence_talk_participant_id")),
        info={"retention": "case"},
    )
    op.add_column("competence", sa.Column("voucher", sa.String(), nullable=True))


def downgrade():
    lose_data = context.config.attributes.get("lose_data", False)
    said = "(select 1 from competence where voucher is not null) who_can_vouch"
    refuse_to_lose(op.get_bind(), ["competence_talk", said], lose_data=lose_data)
    op.drop_column("competence", "voucher")
    op.drop_table("competence_talk")
