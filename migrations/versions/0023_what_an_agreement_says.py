"""What an agreement says"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("is_national", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("commitments", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("goal_placements", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("goal_hires", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("names_group", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("follow_up_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    # The defaults are only for the agreements there are.
    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.alter_column("is_national", server_default=None)
        batch_op.alter_column("version", server_default=None)


def downgrade():
    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.drop_column("version")
        batch_op.drop_column("follow_up_on")
        batch_op.drop_column("names_group")
        batch_op.drop_column("goal_hires")
        batch_op.drop_column("goal_placements")
        batch_op.drop_column("commitments")
        batch_op.drop_column("is_national")
