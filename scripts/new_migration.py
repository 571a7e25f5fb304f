"""Write the next numbered migration from the models: ``new_migration.py "what it does"``."""

import sys
from pathlib import Path

from alembic import command

from matchsvc import db, migrate

number = f"{len(list(Path('migrations/versions').glob('*.py'))) + 1:04}"
scratch = Path("var/new_migration.sqlite3")
scratch.parent.mkdir(exist_ok=True)
scratch.unlink(missing_ok=True)
config = migrate.alembic_config()
engine = db.connect(f"sqlite:///{scratch}")
with engine.connect() as connection:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    command.revision(
        config,
        message=sys.argv[1],
        autogenerate=True,
        rev_id=number,
    )
scratch.unlink()
