"""names and codes of links"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "link_code",
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["signed_link.id"], name=op.f("fk_link_code_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_code")),
        info={"retention": "technical"},
    )
    with op.batch_alter_table("link_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_link_code_link_id"), ["link_id"], unique=False)

    with op.batch_alter_table("support_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_support_code_link_id"))

    op.drop_table("support_code")
    with op.batch_alter_table("link_session", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("has_code", sa.Boolean(), nullable=False, server_default=sa.false())
        )

    with op.batch_alter_table("link_session", schema=None) as batch_op:
        batch_op.alter_column("has_code", server_default=None)

    op.execute("update outbox_message set kind = 'link_code' where kind = 'support_code'")

    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("named_on", sa.Date(), nullable=True))

    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.add_column(sa.Column("access_note", sa.String(), nullable=True))


def downgrade():
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.drop_column("access_note")

    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_column("named_on")

    with op.batch_alter_table("link_session", schema=None) as batch_op:
        batch_op.drop_column("has_code")

    op.create_table(
        "support_code",
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["support_link.id"], name=op.f("fk_support_code_link_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_code")),
    )
    with op.batch_alter_table("support_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_support_code_link_id"), ["link_id"], unique=False)

    with op.batch_alter_table("link_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_link_code_link_id"))

    op.drop_table("link_code")
