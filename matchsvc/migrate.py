"""Migrations: one numbered chain, run by ``matchsvc db upgrade`` on SQLite and PostgreSQL.

After an upgrade the reference data (starter vocabulary, conditions, placement forms, the default
unit) is there, so that an empty database can be used at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc import jobs_models as _jobs
from matchsvc import schema_steps as _steps
from matchsvc.accounts.rules import ensure_default_unit
from matchsvc.activities import models as _activities
from matchsvc.documents import models as _documents
from matchsvc.employers import models as _employers
from matchsvc.employers import network_models as _network
from matchsvc.employers.subsidies import load_subsidies
from matchsvc.employments import models as _employments
from matchsvc.follow_ups import models as _follow_ups
from matchsvc.imports import models as _imports
from matchsvc.learning import models as _learning
from matchsvc.log_checks import models as _log_checks
from matchsvc.matching import models as _matching
from matchsvc.matching import packing as _packing
from matchsvc.matching.marking import missing_triggers
from matchsvc.messages import models as _messages
from matchsvc.operations import models as _operations
from matchsvc.outcomes import models as _outcomes
from matchsvc.outcomes import ways as _ways
from matchsvc.outcomes.marking import has_triggers
from matchsvc.own_page import models as _own_page
from matchsvc.participants import case_models as _cases
from matchsvc.participants import consent_models as _consents
from matchsvc.participants import mapping_models as _mapping
from matchsvc.participants import models as _participants
from matchsvc.participants import plan_models as _plans
from matchsvc.participants import presentation_models as _presented
from matchsvc.participants import programme_models as _programmes
from matchsvc.participants import referral_models as _referrals
from matchsvc.placements import decision_models as _decisions
from matchsvc.placements import disturbance_models as _disturbances
from matchsvc.placements import models as _placements
from matchsvc.placements import workplace_models as _workplace
from matchsvc.placements.forms import load_forms
from matchsvc.placements.questionnaire_versions import load_questionnaires
from matchsvc.progression import models as _progression
from matchsvc.reports import published_models as _published
from matchsvc.reports import quarterly_models as _quarterly
from matchsvc.retention import models as _retention
from matchsvc.rights import models as _rights
from matchsvc.schedules import models as _schedules
from matchsvc.start import models as _start
from matchsvc.support import models as _support
from matchsvc.tripartite import models as _tripartite
from matchsvc.vocabulary import models as _vocabulary
from matchsvc.vocabulary.starter import load_starter
from matchsvc.workday import meeting_models as _meetings
from matchsvc.workday import models as _workday
from matchsvc.workday import note_models as _notes
from matchsvc.workday import paper_models as _papers
from matchsvc.workday import signature_models as _signatures
from matchsvc.workday import substitute_models as _substitutes

#: Importing them is what puts their tables into the metadata.
TABLES = (
    *(_consents, _mapping, _notes, _papers, _programmes, _referrals, _signatures, _substitutes),
    *(_employers, _imports, _jobs, _log_checks, _matching, _messages, _network, _outcomes),
    *(_participants, _placements, _vocabulary, _workday),
    *(_meetings, _own_page, _plans, _presented, _rights, _start),
    *(_disturbances, _follow_ups, _decisions, _documents),
    *(_activities, _cases, _retention, _progression, _schedules, _support, _tripartite, _workplace),
    *(_employments, _operations, _published, _quarterly, _learning, _steps),
)
#: Importing it is what packs what a transaction has touched.
PACKS = _packing.pack_touched
#: Importing it is what keeps the ways of whom a transaction has told something of.
KEEPS = _ways.keep_touched


def _folder() -> Path:
    here = Path(__file__).parent
    packaged = here / "migrations"
    return packaged if packaged.exists() else here.parent / "migrations"


def alembic_config() -> AlembicConfig:
    """Alembic's settings, wherever the package is installed."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(_folder()))
    return config


@lru_cache(maxsize=1)
def newest_revision() -> str:
    """The newest migration that this program knows."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head() or ""


@lru_cache(maxsize=1)
def known_revisions() -> frozenset[str]:
    """Every migration that this program knows."""
    script = ScriptDirectory.from_config(alembic_config())
    return frozenset(step.revision for step in script.walk_revisions())


def fits(session: Session) -> bool:
    """Whether this program can run on the database: its own schema, or one that only added."""
    return _steps.fits(session, newest_revision())


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema up and, at its newest, put the reference data in place."""
    with changing(engine) as connection:
        build(connection, revision)
    if revision in {"head", newest_revision()}:  # the program's lists fit no older schema
        load_reference_data()


def build(connection: Connection, revision: str = "head") -> None:
    """Bring the schema up inside a transaction of the caller's, without reference data."""
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@contextmanager
def changing(engine: Engine) -> Iterator[Connection]:
    """A connection whose tables may be changed, committed at the end.

    SQLite changes most of a table by making it anew, and refuses to drop the old one while rows
    point to it. So they are looked at when all is done instead, before anything is committed.

    Raises:
        RuntimeError: rows would point to nothing.
    """
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            with connection.begin():
                yield connection
            return
        raw: Any = connection.connection.driver_connection
        raw.execute("pragma foreign_keys=off")  # does nothing once a transaction has begun
        try:
            with connection.begin():
                yield connection
                lost = connection.execute(text("pragma foreign_key_check")).first()
                if lost is not None:
                    raise RuntimeError(f"rows of {lost[0]} would point to nothing")
        finally:
            raw.execute("pragma foreign_keys=on")


def load_reference_data() -> None:
    """Starter vocabulary, conditions, forms, subsidies, default unit. Again changes nothing."""
    with db.begin() as session:
        ensure_default_unit(session)
        load_starter(session)
        load_forms(session)
        load_questionnaires(session)
        load_subsidies(session)
        _ways.keep_stale(session)


def downgrade(engine: Engine, revision: str, *, lose_data: bool) -> None:
    """Take the schema down.

    Args:
        engine: the database.
        revision: where to stop; ``base`` removes everything.
        lose_data: the caller says that data may be lost; without it a step that would lose
            rows refuses.
    """
    config = alembic_config()
    config.attributes["lose_data"] = lose_data
    with changing(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def refuse_to_lose(connection: Connection, tables: Iterable[str], *, lose_data: bool) -> None:
    """For a downgrade that drops tables: go on only when they are empty or the loss is meant.

    Raises:
        RuntimeError: naming the first table with rows.
    """
    for table in tables:
        rows = connection.execute(select(func.count()).select_from(text(table))).scalar()
        if rows and not lose_data:
            raise RuntimeError(f"{table} holds {rows} rows; say --lose-data to lose them")


def differences(engine: Engine) -> list[object]:
    """How the database differs from what the program expects; empty when it agrees."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        missing = [("no triggers", table) for table in sorted(missing_triggers(connection))]
        if not has_triggers(connection):
            missing.append(("no triggers", "outcome_event"))
        return [*compare_metadata(context, db.Base.metadata), *missing]
