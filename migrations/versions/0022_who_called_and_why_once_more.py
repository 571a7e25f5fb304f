"""Who called, and why once more"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("interaction", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("is_theirs", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("cap_reason", sa.String(), nullable=True))
    # The default is only for the contacts there are.
    with op.batch_alter_table("interaction", schema=None) as batch_op:
        batch_op.alter_column("is_theirs", server_default=None)


def downgrade():
    with op.batch_alter_table("interaction", schema=None) as batch_op:
        batch_op.drop_column("cap_reason")
        batch_op.drop_column("is_theirs")
