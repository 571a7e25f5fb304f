"""One command makes the town, keeps it, makes it anew, and never touches anybody's data."""

from __future__ import annotations

import json
import re
import stat
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select, update

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.models import Role, Unit, User
from matchsvc.demo import town
from matchsvc.demo.commands import prepare
from matchsvc.demo.staff import read_logins
from matchsvc.employers.models import Contact, Offer
from matchsvc.errors import RuleViolation
from matchsvc.matching.models import Proposal
from matchsvc.messages.models import OutboxMessage
from matchsvc.outcomes.models import OutcomeEvent
from matchsvc.participants.models import Competence, Participant, Wish
from matchsvc.placements.models import Employment, FollowUp, Placement
from matchsvc.reports.counts import Period
from matchsvc.reports.outcomes import outcome_report
from matchsvc.swedish import add_months
from tests.demo.factories import BASE_URL, COMMAND, NOW, TODAY

#: The town itself is made on PostgreSQL too, in test_town.py.
pytestmark = pytest.mark.sqlite_only

#: What says who lives in the town and what has happened there. Encryption and passwords differ.
COMPARED = (
    (
        Participant,
        "id number given_name family_name sex birth_year personal_id phone hours_per_week",
    ),
    (Competence, "id concept_id rung"),
    (Wish, "own_words recorded_on"),
    (Contact, "name email phone"),
    (Offer, "id title status start_from places"),
    (Placement, "id external_id form start_date planned_end_date end_date outcome"),
    (Employment, "id kind start_date end_date"),
    (FollowUp, "due_on held_on mood own_words"),
    (Proposal, "id state proposed_on"),
    (OutcomeEvent, "kind occurred_on person_key sex birth_region detail"),
)


def fingerprint(session):
    return {
        model.__tablename__: sorted(
            tuple(map(str, row))
            for row in session.execute(select(*(getattr(model, name) for name in names.split())))
        )
        for model, names in COMPARED
    }


def build(session, **values):
    options = {"base_url": BASE_URL, "today": TODAY, "now": NOW} | values
    return town.make_town(session, COMMAND, **options)


@pytest.fixture
def counts(session):
    def count():
        session.expire_all()
        return {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in db.Base.metadata.sorted_tables
        }

    return count


def test_the_same_seed_makes_the_same_town(session):
    build(session)
    first = fingerprint(session)
    town.empty_town(session)
    build(session)
    assert fingerprint(session) == first


@pytest.mark.soak
def test_another_seed_makes_another_town(session):
    build(session)
    first = fingerprint(session)
    town.empty_town(session)
    build(session, seed=2)
    second = fingerprint(session)
    assert all(first[name] != second[name] for name in first)


@pytest.mark.parametrize(
    ("seed", "today"),
    [
        (2, date(2026, 11, 22)),
        (3, date(2027, 3, 31)),
        (4, date(2028, 2, 29)),
        (1, date(2027, 1, 1)),
    ],
)
def test_the_headline_can_be_shown_whatever_the_seed_and_the_day(session, seed, today):
    now = NOW.replace(year=today.year, month=today.month, day=today.day)
    build(session, seed=seed, today=today, now=now)
    first_of_month = today.replace(day=1)
    first_of_quarter = add_months(first_of_month, -((today.month - 1) % 3))
    for first, last in (
        (date.fromordinal(today.toordinal() - 364), today),
        (add_months(first_of_month, -12), date.fromordinal(first_of_month.toordinal() - 1)),
        (add_months(first_of_quarter, -12), date.fromordinal(first_of_quarter.toordinal() - 1)),
    ):
        period = Period(first, last)
        shares = outcome_report(session, COMMAND, period).shares["foreign_born_women"]
        for share in (shares["placements"], shares["hires"]):
            assert share.n >= 5
            assert share.of - share.n >= 5
        assert shares["hires"].percent < shares["placements"].percent


def test_a_larger_town_has_more_staff_employers_and_offers(session):
    build(session, participants=500)
    assert session.scalar(select(func.count()).select_from(Participant)) == 500
    offers = session.scalars(select(Offer.external_id)).all()
    assert len([key for key in offers if key < "E-2"]) == 100
    assert len([key for key in offers if key >= "E-2"]) == 100  # those of the past
    workers = select(func.count(Placement.case_worker_id.distinct()))
    assert session.scalar(workers) == 12
    assert session.scalar(select(func.count()).where(Participant.sex == "unknown")) == 5


@pytest.mark.parametrize("participants", [1, 7])
def test_a_tiny_town_can_be_made(session, participants):
    build(session, participants=participants)
    assert session.scalar(select(func.count()).select_from(Participant)) == participants


def test_a_database_with_somebody_in_it_is_refused(session, make, config, tmp_path):
    make.participant()
    session.commit()
    with pytest.raises(RuleViolation, match="annat än demodata") as refused:
        prepare(config, participants=5, seed=1, reset=True, path=tmp_path / "logins.json")
    assert refused.value.code == "not_demo"
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Participant)) == 1
    assert not (tmp_path / "logins.json").exists()


@pytest.mark.parametrize("thing", ["user", "employer", "area"])
def test_a_database_that_somebody_has_begun_to_use_is_refused(session, make, thing):
    getattr(make, thing)()
    with pytest.raises(RuleViolation):
        town.refuse_other_data(session)


def test_a_second_unit_is_somebodys(session, make):
    make.unit(name="Jobbcenter")
    with pytest.raises(RuleViolation):
        town.refuse_other_data(session)


def test_a_database_fresh_from_upgrade_is_not_refused(session):
    assert session.scalar(select(func.count()).select_from(Unit)) == 1
    town.refuse_other_data(session)


def test_production_is_refused(config):
    with pytest.raises(RuleViolation):
        town.refuse_production(replace(config, env="production"))
    town.refuse_production(config)


@pytest.fixture
def prepared(outer, config, tmp_path):
    """Runs what the command runs, on the test's database: ``prepared(reset=True)``."""

    def run(**values):
        options = {"participants": 20, "seed": 1, "reset": False, "path": tmp_path / "logins.json"}
        return prepare(config, **options | values)

    run.path = tmp_path / "logins.json"
    return run


def test_there_is_a_login_that_works_for_every_role(prepared, session):
    logins = prepared()
    assert {login.role for login in logins} == {role.value for role in Role}
    assert sum(login.role == "case_worker" for login in logins) == 2
    assert sum(login.role == "supervisor" for login in logins) == 2
    for login in logins:
        user = accounts.find_user_by_email(session, login.email)
        assert accounts.check_password(user, login.password)
        assert login.role in {held.role for held in user.roles}
        assert not accounts.check_password(user, login.password + "x")


def test_the_logins_are_written_for_the_owner_alone(prepared):
    prepared.path.touch(mode=0o644)
    logins = prepared()
    assert stat.S_IMODE(prepared.path.stat().st_mode) == 0o600
    written = json.loads(prepared.path.read_text(encoding="utf-8"))
    assert written == [
        {"role": one.role, "email": one.email, "password": one.password} for one in logins
    ]


@pytest.mark.soak
def test_passwords_are_new_for_every_town(prepared):
    first = prepared()
    second = prepared(reset=True)
    assert not {one.password for one in first} & {one.password for one in second}


def test_a_second_run_changes_nothing(prepared, session, counts):
    first = prepared()
    before = fingerprint(session), counts()
    hashes = dict(session.execute(select(User.email, User.password_hash)).all())
    assert prepared(participants=99, seed=7) == first
    assert (fingerprint(session), counts()) == before
    assert dict(session.execute(select(User.email, User.password_hash)).all()) == hashes


def test_lost_logins_are_made_again_and_the_town_is_kept(prepared, session):
    first = prepared()
    before = fingerprint(session)
    prepared.path.unlink()
    second = prepared()
    assert fingerprint(session) == before
    assert not {one.password for one in first} & {one.password for one in second}
    session.expire_all()
    assert [one.email for one in read_logins(session, prepared.path)] == [o.email for o in second]


def test_the_logins_of_another_database_are_not_taken_for_this_ones(prepared, session):
    first = prepared()
    session.execute(update(User).values(password_hash=None))
    session.commit()
    second = prepared()
    assert first[0].password != second[0].password


def test_reset_makes_the_town_anew(prepared, session, counts):
    prepared()
    before = counts()
    prepared(reset=True, participants=25, seed=3)
    after = counts()
    assert after["participant"] == 25
    assert after["concept"] == before["concept"]
    assert after["user_account"] == before["user_account"]
    details = town.find_details(session)
    assert (details.participants, details.seed) == (25, 3)


@pytest.mark.soak
def test_reset_with_the_same_seed_gives_the_same_people(prepared, session):
    prepared()
    before = fingerprint(session)
    prepared(reset=True)
    session.expire_all()
    assert fingerprint(session) == before


def test_links_in_the_outbox_follow_the_address(session, outer, config, tmp_path):
    options = {"participants": 60, "seed": 1, "reset": False, "path": tmp_path / "logins.json"}
    prepare(config, **options)
    prepare(replace(config, base_url="http://127.0.0.1:8123"), **options)
    session.expire_all()
    waiting = select(OutboxMessage.body).where(OutboxMessage.body.is_not(None))
    bodies = " ".join(session.scalars(waiting))
    assert re.search(r"http://127\.0\.0\.1:8123/l/\S+", bodies)
    assert ":8000/" not in bodies
    assert town.find_details(session).base_url == "http://127.0.0.1:8123"
