"""Surveys of participants, reminders, and a question a year"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

from matchsvc import secrecy
from matchsvc.migrate import refuse_to_lose

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

PURPOSE = "survey_answer.text"
TABLES = ("participant_survey", "participant_survey_answer", "yearly_question")


def _rewrite(change):
    """Free text has stood in the clear; from here on it is encrypted as other words about people."""
    table = sa.table(
        "survey_answer", sa.column("survey_id", sa.Uuid()), sa.column("question"), sa.column("text")
    )
    found = sa.select(table).where(table.c.text.is_not(None))
    for row in op.get_bind().execute(found).all():
        op.execute(
            sa.update(table)
            .where(table.c.survey_id == row.survey_id, table.c.question == row.question)
            .values(text=change(row.text))
        )


def upgrade():
    op.create_table(
        "questionnaire_version",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column(
            "content", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_questionnaire_version")),
        info={"retention": "reference"},
    )
    op.create_table(
        "yearly_question",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_yearly_question_contact_id")
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_yearly_question_employer_id")
        ),
        sa.ForeignKeyConstraint(
            ["link_id"], ["signed_link.id"], name=op.f("fk_yearly_question_link_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_yearly_question_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_yearly_question")),
        sa.UniqueConstraint("contact_id", "year", name=op.f("uq_yearly_question_contact_id_year")),
        info={"retention": "employer"},
    )
    with op.batch_alter_table("yearly_question", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_yearly_question_employer_id"), ["employer_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_yearly_question_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "participant_survey",
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("offered_on", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_on", sa.Date(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("helper_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["helper_id"], ["user_account.id"], name=op.f("fk_participant_survey_helper_id")
        ),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_participant_survey_placement_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_participant_survey_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant_survey")),
        sa.UniqueConstraint("placement_id", name=op.f("uq_participant_survey_placement_id")),
        info={"retention": "case"},
    )
    op.create_table(
        "participant_survey_answer",
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column(
            "values", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column(
            "warnings", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"],
            ["participant_survey.id"],
            name=op.f("fk_participant_survey_answer_survey_id"),
        ),
        sa.PrimaryKeyConstraint("survey_id", "question", name=op.f("pk_participant_survey_answer")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("no_questions_since", sa.Date(), nullable=True))

    with op.batch_alter_table("survey", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first_reminder_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("last_reminder_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("started_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("declined_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("undeliverable_on", sa.Date(), nullable=True))

    with op.batch_alter_table("survey_answer", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "warnings",
                sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
                nullable=False,
                server_default="[]",
            )
        )
    with op.batch_alter_table("survey_answer", schema=None) as batch_op:
        batch_op.alter_column("warnings", server_default=None)
    _rewrite(lambda text: secrecy.encrypt(text, PURPOSE))


def downgrade():
    lose_data = context.config.attributes.get("lose_data", False)
    refuse_to_lose(op.get_bind(), TABLES, lose_data=lose_data)
    _rewrite(lambda text: secrecy.decrypt(text, PURPOSE))
    with op.batch_alter_table("survey_answer", schema=None) as batch_op:
        batch_op.drop_column("warnings")

    with op.batch_alter_table("survey", schema=None) as batch_op:
        batch_op.drop_column("undeliverable_on")
        batch_op.drop_column("declined_on")
        batch_op.drop_column("started_at")
        batch_op.drop_column("last_reminder_on")
        batch_op.drop_column("first_reminder_on")

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_column("no_questions_since")

    op.drop_table("participant_survey_answer")
    op.drop_table("participant_survey")
    with op.batch_alter_table("yearly_question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_yearly_question_unit_id"))
        batch_op.drop_index(batch_op.f("ix_yearly_question_employer_id"))

    op.drop_table("yearly_question")
    op.drop_table("questionnaire_version")
