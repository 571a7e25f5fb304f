"""conditions in groups"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    # Plain, not in a batch: a batch makes the table anew, and needs and sites point at it. The
    # list is loaded again right after the migrations, and gives each condition its own heading.
    op.add_column(
        "condition",
        sa.Column(
            "heading",
            sa.Enum(
                "body",
                "room",
                "pace",
                "hours",
                "language",
                "people",
                "tasks",
                "travel",
                name="conditionheading",
                native_enum=False,
                length=40,
            ),
            server_default="body",
            nullable=False,
        ),
    )


def downgrade():
    op.drop_column("condition", "heading")
