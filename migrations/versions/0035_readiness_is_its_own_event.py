"""readiness is an event of its own: what was called mapped until now was said at readiness"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_KEPT = (
    "created_at, occurred_on, source_id, is_void, person_key, case_key, sex, birth_region, "
    "age_band, unit_id, programme, agreement, employer_id, detail"
)


def upgrade():
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    new_id = "lower(hex(randomblob(16)))" if is_sqlite else "gen_random_uuid()"
    op.execute(
        f"insert into outcome_event (id, kind, {_KEPT}) "
        f"select {new_id}, 'ready', {_KEPT} from outcome_event told "
        "where told.kind = 'mapped' and not told.is_void and not exists "
        "(select 1 from outcome_event later where later.corrects_id = told.id)"
    )


def downgrade():
    op.execute("delete from outcome_event where kind in ('ready', 'employment_stayed')")
