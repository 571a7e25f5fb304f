"""Queries and time of each page in a town of so many people: ``measure_pages.py 60 5000``.

Makes each town in a scratch SQLite database, logs in by role and asks for every page twice; prints
the second time. For the notes of a change, never a test: times depend on the machine.
"""

import sys
import tempfile
import time

from sqlalchemy import event

from matchsvc import db, migrate
from matchsvc.accounts import rules
from matchsvc.accounts.actors import command_actor
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.app import create_app
from matchsvc.config import Config
from matchsvc.demo.town import make_town
from matchsvc.swedish import local_date

PAGES = (
    (Role.CASE_WORKER, "/my-week"),
    (Role.CASE_WORKER, "/participants"),
    (Role.CASE_WORKER, "/participants/D-2041"),
    (Role.CASE_WORKER, "/matching/participants/D-2041"),
    (Role.CASE_WORKER, "/matching/offers/E-1020"),
    (Role.CASE_WORKER, "/placements"),
    (Role.EMPLOYER_LIAISON, "/my-week"),
    (Role.EMPLOYER_LIAISON, "/employers"),
    (Role.EMPLOYER_LIAISON, "/offers"),
    (Role.SUPERVISOR, "/follow-ups"),
    (Role.UNIT_MANAGER, "/reports"),
)


def measure(people: int) -> dict[str, tuple[int, float]]:
    """Queries and milliseconds by page."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(database_url=f"sqlite:///{folder}/town.sqlite3")
        app = create_app(config)
        app.config["WTF_CSRF_ENABLED"] = False
        engine = db.engine()
        migrate.upgrade(engine)
        now = db.utcnow()
        started = time.perf_counter()
        with db.begin() as session:
            make_town(
                session,
                command_actor("measure"),
                participants=people,
                base_url="http://localhost",
                today=local_date(now),
                now=now,
            )
        print(f"{people} people made in {time.perf_counter() - started:.1f} s", file=sys.stderr)
        count = [0]
        event.listen(engine, "before_cursor_execute", lambda *_: count.__setitem__(0, count[0] + 1))
        found = {}
        for role, path in PAGES:
            client = app.test_client()
            with db.begin() as session:
                of_role = session.query(User).join(UserRole).where(UserRole.role == role)
                user = of_role.order_by(User.email).first()
                token = rules.start_login(session, rules.get_user(session, user.id), now=now)
            with client.session_transaction() as cookie:
                cookie["login"] = token
            client.get(path)
            count[0], started = 0, time.perf_counter()
            answer = client.get(path)
            took = (time.perf_counter() - started) * 1000
            found[f"{role} {path}"] = (count[0], took)
            if answer.status_code >= 400:  # noqa: PLR2004
                print(f"{path}: {answer.status_code}", file=sys.stderr)
        engine.dispose()
        return found


if __name__ == "__main__":
    sizes = [int(size) for size in sys.argv[1:]] or [60]
    results = {size: measure(size) for size in sizes}
    for page in results[sizes[0]]:
        figures = "   ".join(
            f"{size}: {results[size][page][0]:3} queries {results[size][page][1]:7.0f} ms"
            for size in sizes
        )
        print(f"{page:55} {figures}")
