"""what an old program does not fill in, and which programs this schema fits"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None
kind = "expand"

#: Columns that earlier steps added for the rows there were, and then took the default from.
DEFAULTS = {
    "agreement": {"is_national": sa.false(), "version": "1"},
    "case_file": {"is_paused": sa.false()},
    "contact": {"reach": "email"},
    "interaction": {"is_theirs": sa.false()},
    "job_run": {"attempts": "1"},
    "link_session": {"has_code": sa.false()},
    "outbox_message": {"channel": "email", "is_reminder": sa.false()},
    "placement": {"extended": sa.false()},
    "placement_form": {"bar_check": sa.false(), "extract_for_children": sa.true()},
    "site": {"works_with_children": sa.false()},
    "survey_answer": {"warnings": "[]"},
}


def upgrade():
    op.create_table(
        "schema_step",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_schema_step")),
        sa.UniqueConstraint("revision", name=op.f("uq_schema_step_revision")),
        info={"retention": "reference"},
    )
    set_defaults(DEFAULTS)


def downgrade():
    set_defaults({table: dict.fromkeys(columns) for table, columns in DEFAULTS.items()})
    op.drop_table("schema_step")


def set_defaults(defaults):
    for table, columns in defaults.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column, default in columns.items():
                batch_op.alter_column(column, server_default=default)
