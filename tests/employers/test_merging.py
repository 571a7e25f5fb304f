"""Two rows of one employer become one, and nothing of either is lost."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.employers import merging
from matchsvc.employers.lists import list_employers
from matchsvc.employers.models import Employer, EmployerStatus, Site
from matchsvc.employers.register_reads import get_employer
from matchsvc.errors import NotFound, Refused, RuleViolation
from matchsvc.outcomes.models import OutcomeKind
from matchsvc.outcomes.rules import Subject, record_outcome, standing_events
from matchsvc.workday import merging as rows
from tests.factories import TODAY


@pytest.fixture
def actor(make):
    return make.actor(Role.EMPLOYER_LIAISON)


@pytest.fixture
def kept(make):
    return make.employer(name="Kvarnköket AB")


@pytest.fixture
def gone(make):
    return make.employer(name="Kvarnköket", org_number="5567037485")


def merge(session, actor, kept, gone, **values):
    given = {"reason": "Samma företag, frågade Petra.", "today": TODAY} | values
    return merging.merge_employers(session, actor, kept.id, gone.id, **given)


def test_everything_moves_and_the_old_id_leads_to_the_one_that_stands(
    session, make, actor, kept, gone
):
    make.site(kept, external_id="S1")
    moved = make.site(gone, external_id="S1")
    make.contact(gone)
    make.offer(moved)
    old = gone.external_id

    merge(session, actor, kept, gone)

    assert rows.count_hanging(session, "employer", gone.id) == {}
    held = session.scalars(select(Site.external_id).where(Site.employer_id == kept.id)).all()
    assert len(set(held)) == 2
    assert get_employer(session, actor, old).id == kept.id
    assert kept.org_number == "5567037485"  # only the other said it
    assert [row.employer.id for row in list_employers(session, actor).rows] == [kept.id]


def test_a_no_to_being_contacted_is_kept_unless_somebody_chooses_otherwise(
    session, actor, kept, gone
):
    gone.status, gone.status_reason = EmployerStatus.DO_NOT_CONTACT, "Ringde och sa nej."
    session.flush()
    merge(session, actor, kept, gone)
    assert kept.status is EmployerStatus.DO_NOT_CONTACT


def test_reports_name_the_one_that_stands(session, make, actor, kept, gone):
    subject = Subject(uuid4(), uuid4(), "woman", "europe", 1985, kept.unit_id)
    record_outcome(
        session, OutcomeKind.PLACEMENT_STARTED, uuid4(), subject,
        occurred_on=TODAY, employer_id=gone.id,
    )  # fmt: skip
    session.flush()
    merge(session, actor, kept, gone)
    assert [event.employer_id for event in session.scalars(standing_events())] == [kept.id]


def test_who_may_not_change_employers_and_other_units_are_refused(session, make, actor, kept):
    with pytest.raises(Refused):
        merge(session, make.actor(Role.CASE_WORKER), kept, make.employer())
    with pytest.raises(NotFound):
        merge(session, actor, kept, make.employer(unit=make.unit(name="Annan enhet")))
    with pytest.raises(RuleViolation):
        merge(session, actor, kept, kept)


def test_alike_names_are_found_unless_the_numbers_differ(session, make, actor, kept, gone):
    assert [pair.ground for pair in merging.same_employers(session, actor)] == ["name"]
    kept.org_number = "2120000142"
    session.flush()
    assert merging.same_employers(session, actor) == []


def test_the_pages_show_the_pair_look_twice_and_merge(client_as, session, kept, gone):
    liaison = client_as(Role.EMPLOYER_LIAISON)
    here = f"/employers/{kept.id}/same"
    assert f"{here}/{gone.id}" in liaison.get(here).get_data(as_text=True)
    assert "Kvarnköket" in liaison.get("/employers/same").get_data(as_text=True)
    assert "går inte att ångra" in liaison.get(f"{here}/{gone.id}").get_data(as_text=True)
    form = {"reason": "Samma", "kept_version": kept.version, "gone_version": gone.version}
    second = liaison.post(f"{here}/{gone.id}", data=form).get_data(as_text=True)
    assert "Slå samman, för alltid" in second
    done = liaison.post(f"{here}/{gone.id}", data=form | {"step": "merge"})
    assert done.status_code == 303
    session.expire_all()
    assert session.get(Employer, gone.id).merged_into_id == kept.id
    assert liaison.get(f"/employers/{gone.id}").status_code == 200
