"""keep every state of a part of the support package with when it was recorded"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None
kind = "expand"


def upgrade():
    kept = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    with op.batch_alter_table("package_part", schema=None) as batch_op:
        batch_op.add_column(sa.Column("said", kept, server_default="[]", nullable=False))


def downgrade():
    with op.batch_alter_table("package_part", schema=None) as batch_op:
        batch_op.drop_column("said")
