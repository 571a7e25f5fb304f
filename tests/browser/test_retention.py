"""Two managers delete an old file: one makes the list, the other approves it."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import create_engine, update
from sqlalchemy.orm import Session

from matchsvc import db
from matchsvc.retention import rows
from tests.browser.test_every_page import inspect

pytestmark = pytest.mark.browser


def let_years_pass(url, person_id):
    """Whatever was written in her file was written long ago."""
    engine = create_engine(url)
    with Session(engine) as session:
        for name, ids in rows.rows_of(session, person_id).items():
            table = db.Base.metadata.tables[name]
            if "created_at" in table.c:
                old = update(table).where(table.c.id.in_(ids))
                session.execute(old.values(created_at=datetime(2019, 5, 6, tzinfo=UTC)))
        session.commit()
    engine.dispose()


@pytest.fixture
def old_file(lively_town):
    """Somebody whose last note is from long ago."""
    file = lively_town.url.removeprefix("sqlite:///")
    with sqlite3.connect(file, timeout=30) as connection:
        found = connection.execute(
            "select p.id from participant p where p.protected = 0 and p.id not in"
            " (select participant_id from placement union select participant_id from employment"
            "  union select about_id from note union select participant_id from correction)"
            " and p.merged_into_id is null order by p.number limit 1"
        ).fetchone()
        connection.execute(
            "update case_file set enrolled_on = '2018-01-01', ended_on = '2019-05-06',"
            " exit_reason = 'goal_reached' where participant_id = ?",
            found,
        )
    let_years_pass(lively_town.url, UUID(found[0]))
    with sqlite3.connect(file, timeout=30) as connection:
        (number,) = connection.execute(
            "select number from participant where id = ?", found
        ).fetchone()
    return f"D-{number}"


def test_a_list_is_made_looked_at_and_a_hold_set(lively_town, old_file, visitor_class, browser):
    manager = visitor_class(browser, lively_town).log_in("unit_manager")
    manager.open("/settings")
    manager.follow("Öppna radering")
    manager.see(old_file)
    manager.shot("retention")
    manager.page.get_by_role("button", name="Gör en lista").click()
    manager.see("En kollega godkänner listan på den här sidan.")
    address = manager.page.url.removeprefix(lively_town.base)
    wrong = inspect(manager, address)
    manager.page.set_viewport_size({"width": 390, "height": 900})
    wrong += inspect(manager, address)
    manager.shot("retention-list")
    manager.page.set_viewport_size({"width": 1280, "height": 900})
    manager.open(address)
    manager.press("Ta tillbaka listan")
    manager.see("Inget är raderat.")

    manager.open("/retention/holds")
    manager.write("Deltagare", old_file)
    manager.select("Varför?", "En tvist eller ett överklagande pågår")
    manager.write("Vad gäller det?", "Mål 12-26 i förvaltningsrätten.")
    manager.write("Ses över senast", "2027-06-01")
    manager.press("Sätt stopp")
    manager.see("Stoppet gäller.")
    wrong += inspect(manager, "/retention/holds")
    manager.open("/retention")
    manager.see("Får inte raderas: någon har satt stopp")
    assert wrong == []
    assert manager.complaints == []
    manager.close()
