"""Agreements: what they say, what they cover, and what has come of them (EMP-10, CON-06)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from matchsvc.accounts.models import Role
from matchsvc.employers import agreements
from matchsvc.employers.agreements import AgreementContent
from matchsvc.employers.models import Agreement
from matchsvc.errors import Conflict, Invalid, NotFound, Refused
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from tests.factories import TODAY

ICA = AgreementContent(
    code="ICA", partner="ICA Sverige", start_date=date(2026, 1, 1), goal_placements=20
)


@pytest.fixture
def manager(make):
    return make.actor(Role.UNIT_MANAGER)


@pytest.fixture
def ica(session, manager):
    return agreements.create_agreement(session, manager, ICA, today=TODAY)


@pytest.fixture
def happened(make):
    def happen(agreement, kind, count, *, on=TODAY, again=1):
        for _ in range(count):
            person = uuid4()
            for _ in range(again):
                make.save(
                    OutcomeEvent(
                        kind=kind,
                        occurred_on=on,
                        source_id=uuid4(),
                        person_key=person,
                        case_key=uuid4(),
                        sex="woman",
                        birth_region="outside_europe",
                        age_band="25-34",
                        unit_id=agreement.unit_id,
                        agreement=agreement.code,
                    )
                )

    return happen


def line_of(session, actor, agreement):
    (found,) = [
        line
        for line in agreements.list_agreements(session, actor)
        if line.agreement.id == agreement.id
    ]
    return found


def test_it_covers_the_employers_that_name_it_and_their_sites(session, make, manager, ica):
    shop = make.employer(agreement_id=ica.id)
    make.employer(agreement_id=ica.id)
    make.site(shop)
    make.site(shop)
    line = line_of(session, manager, ica)
    assert (line.employers, line.sites) == (2, 2)


def test_its_results_are_persons_since_it_began(session, manager, ica, happened):
    happened(ica, OutcomeKind.PLACEMENT_STARTED, 6, again=2)
    happened(ica, OutcomeKind.PLACEMENT_STARTED, 3, on=date(2025, 12, 31))
    happened(ica, OutcomeKind.EMPLOYMENT_STARTED, 5)
    line = line_of(session, manager, ica)
    assert (line.placed, line.hired) == (6, 5)


def test_results_of_few_are_hidden_and_none_is_none(session, manager, ica, happened):
    happened(ica, OutcomeKind.PLACEMENT_STARTED, 4)
    line = line_of(session, manager, ica)
    assert (line.placed, line.hired) == (None, 0)


def test_the_same_code_of_another_unit_is_another_agreement(session, make, manager, ica, happened):
    other = make.actor(Role.UNIT_MANAGER, unit_id=make.unit(name="Annan").id)
    theirs = agreements.create_agreement(session, other, ICA, today=TODAY)
    happened(theirs, OutcomeKind.PLACEMENT_STARTED, 9)
    assert line_of(session, manager, ica).placed == 0
    with pytest.raises(NotFound):
        agreements.get_agreement(session, manager, theirs.id)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"partner": " "}, "partner"),
        ({"code": ""}, "code"),
        ({"end_date": date(2025, 12, 31)}, "end_date"),
        ({"commitments": "Ring 19811228-9874"}, "commitments"),
    ],
)
def test_what_cannot_be_is_refused_by_field(session, manager, change, field):
    with pytest.raises(Invalid) as refusal:
        agreements.create_agreement(session, manager, replace(ICA, **change), today=TODAY)
    assert set(refusal.value.fields) == {field}


def test_a_code_is_taken_once(session, manager, ica):
    with pytest.raises(Invalid) as refusal:
        agreements.create_agreement(session, manager, ICA, today=TODAY)
    assert set(refusal.value.fields) == {"code"}


def test_two_who_change_it_see_what_the_other_wrote(session, manager, ica):
    first = replace(ICA, partner="ICA")
    agreements.edit_agreement(session, manager, ica.id, first, version=ica.version, today=TODAY)
    with pytest.raises(Conflict) as conflict:
        agreements.edit_agreement(session, manager, ica.id, ICA, version=1, today=TODAY)
    assert conflict.value.theirs == {"partner": "ICA"}


def test_case_workers_read_and_do_not_write(session, make, ica):
    worker = make.actor(Role.CASE_WORKER)
    assert line_of(session, worker, ica)
    with pytest.raises(Refused):
        agreements.create_agreement(session, worker, replace(ICA, code="X"), today=TODAY)


def test_a_late_yearly_talk_is_said_until_it_is_over(session, manager, ica):
    ica.follow_up_on = TODAY - timedelta(days=1)
    line = line_of(session, manager, ica)
    assert line.is_late(TODAY)
    ica.end_date = TODAY - timedelta(days=1)
    assert not line.is_late(TODAY)


def test_on_the_page_it_is_written_read_and_changed_and_a_conflict_shows_both(client_as, session):
    client = client_as(Role.UNIT_MANAGER)
    assert "Inga överenskommelser än" in client.get("/agreements").text
    form = {"code": "ICA", "partner": "ICA Sverige", "names_group": "yes", "goal_hires": "12"}
    wrong = client.post("/agreements/new", data=form | {"partner": ""})
    assert wrong.status_code == 422
    assert 'value="ICA"' in wrong.text
    assert client.post("/agreements/new", data=form).status_code == 303
    page = client.get("/agreements").text
    assert "ICA Sverige" in page
    (agreement,) = session.scalars(select(Agreement)).all()
    path = f"/agreements/{agreement.id}"
    assert 'value="12"' in client.get(path).text
    saved = form | {"partner": "ICA", "version": "1"}
    assert client.post(path, data=saved).status_code == 303
    late = client.post(path, data=form | {"partner": "Ica-handlarna", "version": "1"})
    assert late.status_code == 409
    assert "Ica-handlarna" in late.text
