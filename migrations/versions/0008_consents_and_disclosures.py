"""consents and disclosures"""

import sqlalchemy as sa
from alembic import context, op

from matchsvc.migrate import refuse_to_lose

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "signature",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("about_type", sa.String(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("capacity", sa.String(), nullable=False),
        sa.Column("signer_id", sa.Uuid(), nullable=True),
        sa.Column("signer_name", sa.Text(), nullable=True),
        sa.Column(
            "identified_how",
            sa.Enum(
                "known",
                "document_shown",
                "single_sign_on",
                "answer_link",
                "on_paper",
                name="identifiedhow",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attested_by_id", sa.Uuid(), nullable=False),
        sa.Column("on_behalf_reason", sa.String(), nullable=True),
        sa.Column("interpreter_language", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attested_by_id"], ["user_account.id"], name=op.f("fk_signature_attested_by_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_signature_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
        sa.UniqueConstraint(
            "about_type",
            "about_id",
            "content_hash",
            "capacity",
            name=op.f("uq_signature_about_type_about_id_content_hash_capacity"),
        ),
        info={"retention": "case"},
    )
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signature_about_id"), ["about_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_signature_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "consent",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum("given", "refused", name="consentanswer", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("text_version", sa.String(), nullable=False),
        sa.Column("text_language", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("reservation", sa.Text(), nullable=True),
        sa.Column("interpreter_language", sa.String(), nullable=True),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=False),
        sa.Column(
            "identified_how",
            sa.Enum(
                "known",
                "document_shown",
                "single_sign_on",
                "answer_link",
                "on_paper",
                name="identifiedhow",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "revoked_how",
            sa.Enum(
                "in_person",
                "by_phone",
                "in_writing",
                "by_herself",
                name="revokedhow",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("revoked_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "answer = 'refused' or valid_until is not null", name=op.f("ck_consent_ends")
        ),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_consent_dates_in_order")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_consent_participant_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_consent_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by_id"], ["user_account.id"], name=op.f("fk_consent_revoked_by_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_consent_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_consent_participant_id"), ["participant_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_consent_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_consent_valid_until"), ["valid_until"], unique=False)

    op.create_table(
        "consent_scope",
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column(
            "party",
            sa.Enum(
                "employment_service",
                "insurance_agency",
                "health_care",
                "social_services",
                "labour_market_unit",
                "education",
                "activity_provider",
                "employer",
                name="party",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "category",
            sa.Enum(
                "contact",
                "planning",
                "competence",
                "work_ability",
                "health",
                "economy",
                "social",
                name="category",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consent.id"], name=op.f("fk_consent_scope_consent_id")
        ),
        sa.PrimaryKeyConstraint("consent_id", "party", "category", name=op.f("pk_consent_scope")),
        info={"retention": "case"},
    )
    op.create_table(
        "disclosure",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column(
            "party",
            sa.Enum(
                "employment_service",
                "insurance_agency",
                "health_care",
                "social_services",
                "labour_market_unit",
                "education",
                "activity_provider",
                "employer",
                name="party",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "contact",
                "planning",
                "competence",
                "work_ability",
                "health",
                "economy",
                "social",
                name="category",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column(
            "rule",
            sa.Enum(
                "consent",
                "own_task",
                "duty",
                "limited_group",
                name="disclosurerule",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("consent_id", sa.Uuid(), nullable=True),
        sa.Column("disclosed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disclosed_by_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "rule != 'consent' or consent_id is not null",
            name=op.f("ck_disclosure_names_its_consent"),
        ),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consent.id"], name=op.f("fk_disclosure_consent_id")
        ),
        sa.ForeignKeyConstraint(
            ["disclosed_by_id"], ["user_account.id"], name=op.f("fk_disclosure_disclosed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_disclosure_participant_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_disclosure_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
        sa.UniqueConstraint("request_id", name=op.f("uq_disclosure_request_id")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("disclosure", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_disclosure_participant_id"), ["participant_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_disclosure_unit_id"), ["unit_id"], unique=False)


def downgrade():
    lose_data = context.config.attributes.get("lose_data", False)
    refuse_to_lose(op.get_bind(), ["disclosure", "consent", "signature"], lose_data=lose_data)
    with op.batch_alter_table("disclosure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_disclosure_unit_id"))
        batch_op.drop_index(batch_op.f("ix_disclosure_participant_id"))

    op.drop_table("disclosure")
    op.drop_table("consent_scope")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_valid_until"))
        batch_op.drop_index(batch_op.f("ix_consent_unit_id"))
        batch_op.drop_index(batch_op.f("ix_consent_participant_id"))

    op.drop_table("consent")
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signature_unit_id"))
        batch_op.drop_index(batch_op.f("ix_signature_about_id"))

    op.drop_table("signature")
