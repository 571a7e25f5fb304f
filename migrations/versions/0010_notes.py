"""notes"""

import sqlalchemy as sa
from alembic import context, op

from matchsvc.migrate import refuse_to_lose

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "note",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("about_type", sa.String(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "contact",
                "planning",
                "training",
                "authority",
                "decision",
                "other",
                name="notecategory",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "secrecy",
            sa.Enum("standard", "close", name="secrecy", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("happened", sa.Text(), nullable=False),
        sa.Column("agreed", sa.Text(), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archived_by_id", sa.Uuid(), nullable=True),
        sa.Column("archived_reason", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes between 1 and 600", name=op.f("ck_note_minutes_possible")),
        sa.ForeignKeyConstraint(
            ["archived_by_id"], ["user_account.id"], name=op.f("fk_note_archived_by_id")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["user_account.id"], name=op.f("fk_note_author_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_note_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_note_about_type_about_id_happened_on"),
            ["about_type", "about_id", "happened_on"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_note_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_note_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "note_addition",
        sa.Column("note_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("earlier", "correction", name="additionkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("added_by_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["user_account.id"], name=op.f("fk_note_addition_added_by_id")
        ),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_note_addition_note_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_addition")),
        info={"retention": "case"},
    )
    with op.batch_alter_table("note_addition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_note_addition_note_id"), ["note_id"], unique=False)


def downgrade():
    lose_data = context.config.attributes.get("lose_data", False)
    refuse_to_lose(op.get_bind(), ["note_addition", "note"], lose_data=lose_data)
    with op.batch_alter_table("note_addition", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_note_addition_note_id"))

    op.drop_table("note_addition")
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_note_unit_id"))
        batch_op.drop_index(batch_op.f("ix_note_author_id"))
        batch_op.drop_index(batch_op.f("ix_note_about_type_about_id_happened_on"))

    op.drop_table("note")
