"""The register remembers and looks ahead"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "subsidy_version",
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("limits", sa.Text(), nullable=False),
        sa.Column("law", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user_account.id"], name=op.f("fk_subsidy_version_by_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_subsidy_version_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_version")),
        info={"retention": "reference"},
    )
    with op.batch_alter_table("subsidy_version", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_subsidy_version_code_valid_from"), ["code", "valid_from"], unique=False
        )

    op.create_table(
        "bar_check",
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column(
            "looked_for", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column(
            "found",
            sa.Enum(
                "trading_ban",
                "insolvent",
                "unpaid_taxes",
                "other",
                name="bar",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_bar_check_by_id")),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_bar_check_employer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bar_check")),
        info={"retention": "employer"},
    )
    with op.batch_alter_table("bar_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bar_check_employer_id"), ["employer_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_bar_check_employer_id_checked_on"),
            ["employer_id", "checked_on"],
            unique=False,
        )

    op.create_table(
        "register_change",
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user_account.id"], name=op.f("fk_register_change_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_register_change_employer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_change")),
        info={"retention": "employer"},
    )
    with op.batch_alter_table("register_change", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_register_change_employer_id"), ["employer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_register_change_employer_id_created_at"),
            ["employer_id", "created_at"],
            unique=False,
        )

    op.create_table(
        "capacity_period",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("supervisors", sa.Integer(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_capacity_period_in_order")),
        sa.CheckConstraint("places >= 0", name=op.f("ck_capacity_period_some_places")),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offer.id"], name=op.f("fk_capacity_period_offer_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_capacity_period_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacity_period")),
        info={"retention": "employer"},
    )
    with op.batch_alter_table("capacity_period", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_capacity_period_offer_id"), ["offer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_capacity_period_site_id"), ["site_id"], unique=False)

    op.create_table(
        "results_letter",
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user_account.id"], name=op.f("fk_results_letter_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_results_letter_contact_id")
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_results_letter_employer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_results_letter")),
        sa.UniqueConstraint("employer_id", "year", name=op.f("uq_results_letter_employer_id_year")),
        info={"retention": "employer"},
    )
    with op.batch_alter_table("results_letter", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_results_letter_employer_id"), ["employer_id"], unique=False
        )

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("left_on", sa.Date(), nullable=True))

    with op.batch_alter_table("employer", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "status_code",
                sa.Enum(
                    "no_need",
                    "no_capacity",
                    "no_supervisor",
                    "off_season",
                    "bad_experience",
                    "too_many_ask",
                    "closed_down",
                    "other",
                    name="statuscode",
                    native_enum=False,
                    length=40,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("origin_event", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("focus", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("governance", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("csr_practice", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("inclusion", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("adaptability", sa.Text(), nullable=True))

    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("paused_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("places_otherwise", sa.Integer(), nullable=True))

    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.add_column(sa.Column("supervisors", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "languages", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True
            )
        )


def downgrade():
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.drop_column("languages")
        batch_op.drop_column("supervisors")

    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_column("places_otherwise")
        batch_op.drop_column("paused_until")

    with op.batch_alter_table("employer", schema=None) as batch_op:
        batch_op.drop_column("adaptability")
        batch_op.drop_column("inclusion")
        batch_op.drop_column("csr_practice")
        batch_op.drop_column("governance")
        batch_op.drop_column("focus")
        batch_op.drop_column("origin_event")
        batch_op.drop_column("status_code")

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_column("left_on")

    with op.batch_alter_table("results_letter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_results_letter_employer_id"))

    op.drop_table("results_letter")
    with op.batch_alter_table("capacity_period", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_capacity_period_site_id"))
        batch_op.drop_index(batch_op.f("ix_capacity_period_offer_id"))

    op.drop_table("capacity_period")
    with op.batch_alter_table("register_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_register_change_employer_id_created_at"))
        batch_op.drop_index(batch_op.f("ix_register_change_employer_id"))

    op.drop_table("register_change")
    with op.batch_alter_table("bar_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bar_check_employer_id_checked_on"))
        batch_op.drop_index(batch_op.f("ix_bar_check_employer_id"))

    op.drop_table("bar_check")
    with op.batch_alter_table("subsidy_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_subsidy_version_code_valid_from"))

    op.drop_table("subsidy_version")
