"""No page makes more database queries as the data grows."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from matchsvc import db
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.demo.town import empty_town, make_town
from matchsvc.matching.weights_table import PUBLISHED
from matchsvc.swedish import local_date
from tests.factories import COMMAND

OTHER_TABLE = urlencode({**PUBLISHED.numbers, "claimed": 5, "floor": 5_000})
PAGES = {
    Role.CASE_WORKER: (
        "/my-week",
        "/participants",
        "/participants/D-2041",
        "/matching/participants/D-2041",
        "/proposals",
        "/cohort",
        "/employers",
        "/offers",
        "/placements",
        "/placements/of/D-2041",
        "/follow-ups",
        "/reports",
        "/meetings?view=week",
        "/meetings?view=week&of=unit",
        "/activities",
        "/activities/services",
        "/activities/obstacles",
    ),
    Role.EMPLOYER_LIAISON: ("/my-week", "/employers", "/offers", "/placements", "/messages"),
    Role.SUPERVISOR: ("/my-week", "/placements", "/follow-ups", "/participants"),
    Role.UNIT_MANAGER: (
        "/my-week",
        "/reports",
        "/reports/exposure",
        "/reports/indicators",
        "/reports/employers",
        "/matching/weights",
        f"/matching/weights/what-if?{OTHER_TABLE}",
        "/participants",
        "/settings",
        "/settings/values/times",
        "/settings/changes",
        "/settings/vocabulary",
        "/settings/vocabulary/words",
    ),
}


def counted(session, client_as, queries, people):
    """Queries per page in a town of so many people."""
    now = db.utcnow()
    make_town(
        session,
        COMMAND,
        participants=people,
        base_url="http://localhost",
        today=local_date(now),
        now=now,
    )
    session.commit()
    found = {}
    for role, paths in PAGES.items():
        user = (
            session.query(User).join(UserRole).where(UserRole.role == role).order_by(User.email)
        ).first()
        client = client_as(user)
        client.get(paths[0])
        if "/cohort" in paths:
            client.post("/cohort")
        for path in paths:
            with queries() as count:
                answer = client.get(path)
            assert answer.status_code == 200, path
            found[f"{role} {path}"] = count.total
    return found


@pytest.mark.sqlite_only
def test_pages_make_the_same_queries_in_a_larger_town(session, client_as, queries):
    small = counted(session, client_as, queries, 60)
    empty_town(session)
    session.commit()
    large = counted(session, client_as, queries, 240)
    # A list that is empty in a small town may spare a query; it may never grow with its rows.
    grown = {page: (small[page], large[page]) for page in small if large[page] > small[page] + 1}
    assert grown == {}
    assert max(large.values()) < 60
