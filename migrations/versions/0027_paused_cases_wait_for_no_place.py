"""Paused cases wait for no place"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("is_paused", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    # A pause that is neither over nor a mistake runs. The default is only for the cases there are.
    op.execute(
        "update case_file set is_paused = true where ended_on is null and id in"
        " (select case_id from case_pause where resumed_on is null and not is_withdrawn)"
    )
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.alter_column("is_paused", server_default=None)


def downgrade():
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.drop_column("is_paused")
