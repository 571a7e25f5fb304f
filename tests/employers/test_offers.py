"""Offers: what they must say, what they may never ask, and who is told."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from matchsvc.accounts import audit
from matchsvc.accounts.models import Role
from matchsvc.employers import rules
from matchsvc.employers.grounds import Ground
from matchsvc.employers.models import (
    Bar,
    Contribution,
    EmployerStatus,
    Importance,
    LanguagePart,
    OfferStatus,
)
from matchsvc.employers.rules import LanguageLine, LicenceLine, OfferContent, RequirementLine
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.vocabulary.models import Concept, ConceptType
from matchsvc.workday.models import Task
from tests.factories import TODAY, identity_number

COOK = RequirementLine("laga-mat-storkok", Importance.REQUIRED, "Lunch till 80 personer.")
PLAIN = OfferContent(
    title="Köksbiträde",
    tasks="Laga lunch och diska.",
    contribution=Contribution.EXPERIENCE,
    places=2,
    hours_start=15,
    hours_max=25,
)
WHOLE = replace(
    PLAIN,
    occupation_id="yrke-koksbitrade",
    forms=("work_training",),
    weekdays=0b11111,
    start_from=date(2026, 12, 7),
    start_by=date(2027, 1, 11),
    season_start="04-01",
    season_end="10-15",
    requirements=(COOK, RequirementLine("laga-mat", Importance.MERIT, "Roligt för laget.")),
    languages=(LanguageLine("sv", LanguagePart.SPEAK, 2, "Säkerhetsinstruktioner."),),
    licences=(LicenceLine("korkort-b", "Hämta varor."),),
    offers=frozenset({"lugn-plats"}),
    excludes=frozenset({"utan-trappor"}),
)


@pytest.fixture
def liaison(make):
    return make.actor(Role.EMPLOYER_LIAISON)


@pytest.fixture
def site(make):
    return make.site()


@pytest.fixture
def create(session, liaison, site):
    def create(content=PLAIN, actor=liaison, **values):
        return rules.create_offer(session, actor, site.id, content, today=TODAY, **values)

    return create


def test_what_was_written_is_what_is_read(session, liaison, create):
    offer = create(WHOLE)
    session.expire_all()

    again = rules.get_offer(session, liaison, offer.external_id)

    assert rules.content_of_offer(again) == WHOLE
    assert again.owner_id == liaison.user_id
    assert again.site.employer is not None


@pytest.mark.parametrize("line", ["requirements", "languages", "licences"])
def test_a_requirement_without_a_purpose_is_asked_why(create, line):
    rows = tuple(replace(row, purpose=" ") for row in getattr(WHOLE, line))

    with pytest.raises(Invalid) as refusal:
        create(replace(WHOLE, **{line: rows}))

    assert refusal.value.code == "invalid"
    assert refusal.value.fields[f"{line}/0/purpose"] == (
        "Varför behövs kravet? Skriv syftet, eller ta bort kravet."
    )


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": " "}, "title"),
        ({"tasks": ""}, "tasks"),
        ({"places": -1}, "places"),
        ({"hours_start": 0}, "hours_start"),
        ({"hours_max": 41}, "hours_max"),
        ({"hours_start": 20, "hours_max": 10}, "hours_max"),
        ({"weekdays": 128}, "weekdays"),
        ({"start_by": date(2026, 12, 1)}, "start_by"),
        ({"valid_until": date(2026, 12, 1)}, "valid_until"),
        ({"season_start": "04-31"}, "season_start"),
        ({"season_end": None}, "season_end"),
        ({"occupation_id": "laga-mat"}, "occupation_id"),
        ({"requirements": (replace(COOK, concept_id="sv"),)}, "requirements/0/concept_id"),
        ({"requirements": (replace(COOK, concept_id="finns-inte"),)}, "requirements/0/concept_id"),
        ({"requirements": (COOK, COOK)}, "requirements/1/concept_id"),
        ({"languages": (replace(WHOLE.languages[0], level=7),)}, "languages/0/level"),
        (
            {"languages": (replace(WHOLE.languages[0], concept_id="laga-mat"),)},
            "languages/0/concept_id",
        ),
        ({"licences": (LicenceLine("sv", "x"),)}, "licences/0/concept_id"),
        ({"offers": frozenset({"finns-inte"})}, "offers"),
        ({"tasks": f"Ring {identity_number()}"}, "tasks"),
    ],
)
def test_each_impossible_value_is_told_where_it_stands(create, values, field):
    with pytest.raises(Invalid) as refusal:
        create(replace(WHOLE, **values))

    assert list(refusal.value.fields) == [field]


@pytest.mark.parametrize(
    ("importance", "most"), [(Importance.REQUIRED, 40), (Importance.MERIT, 80)]
)
def test_an_offer_has_at_most_40_requirements_and_80_merits(session, create, importance, most):
    skills = session.scalars(
        select(Concept.id).where(Concept.type == ConceptType.SKILL).limit(most + 1)
    )
    rows = tuple(RequirementLine(each, importance, "Behövs.") for each in skills)
    assert len(rows) == most + 1

    with pytest.raises(Invalid) as refusal:
        create(replace(PLAIN, requirements=rows))
    create(replace(PLAIN, requirements=rows[:most]))

    assert list(refusal.value.fields) == ["requirements"]


@pytest.mark.parametrize(
    ("values", "field", "ground"),
    [
        ({"title": "Ung tjej till kassan"}, "title", Ground.AGE),
        ({"tasks": "Diska. Bara killar."}, "tasks", Ground.SEX),
        (
            {"requirements": (replace(COOK, purpose="Ska vara svensk."),)},
            "requirements/0/purpose",
            Ground.ETHNICITY,
        ),
        (
            {"licences": (LicenceLine("korkort-b", "Under 30 år"),)},
            "licences/0/purpose",
            Ground.AGE,
        ),
    ],
)
def test_nobody_is_shut_out_on_a_protected_ground(create, values, field, ground):
    content = replace(WHOLE, **values)

    with pytest.raises(Invalid) as refusal:
        create(content)

    assert refusal.value.code == "protected_ground"
    assert list(refusal.value.fields) == [field]
    assert rules.grounds_in_content(content) == [ground]


def test_the_managers_are_told_of_a_forbidden_wish_once_and_its_words_are_not_kept(
    session, make, liaison, site
):
    manager = make.user(Role.UNIT_MANAGER)
    make.user(Role.UNIT_MANAGER, unit=make.unit(name="Grannkommunen"))
    audit.take_pending(session)

    for _ in range(2):
        rules.report_protected_ground(session, liaison, site.id, [Ground.AGE], today=TODAY)

    (task,) = session.scalars(select(Task))
    assert (task.owner_id, task.kind, task.about_id) == (
        manager.id,
        "protected_ground",
        site.employer_id,
    )
    assert task.due_on == date(2026, 11, 30)
    refused = [row for row in audit.take_pending(session) if row["action"] == "refused"]
    assert [(row["reason"], row["fields"]) for row in refused] == [
        ("protected_ground", ["age"])
    ] * 2


@pytest.mark.parametrize(
    "values", [{"bar": Bar.TRADING_BAN}, {"status": EmployerStatus.DO_NOT_CONTACT}]
)
def test_a_barred_employer_has_no_open_offer_but_may_have_a_draft(session, make, liaison, values):
    site = make.site(make.employer(**values))

    with pytest.raises(RuleViolation) as refusal:
        rules.create_offer(session, liaison, site.id, PLAIN, today=TODAY)
    draft = rules.create_offer(
        session, liaison, site.id, PLAIN, today=TODAY, status=OfferStatus.DRAFT
    )
    with pytest.raises(RuleViolation):
        rules.change_offer_status(session, liaison, draft.id, OfferStatus.OPEN, today=TODAY)

    assert refusal.value.code == "employer_barred"


def test_an_offer_is_paused_closed_and_opened_again(session, liaison, create):
    offer = create()
    steps = [OfferStatus.PAUSED, OfferStatus.CLOSED, OfferStatus.CLOSED, OfferStatus.OPEN]
    for status in steps:
        rules.change_offer_status(session, liaison, offer.id, status, today=TODAY)
        assert offer.status is status


def test_an_offer_never_becomes_a_draft_again(session, liaison, create):
    with pytest.raises(RuleViolation) as refusal:
        rules.change_offer_status(session, liaison, create().id, OfferStatus.DRAFT, today=TODAY)

    assert refusal.value.code == "no_such_step"


def test_an_offer_that_has_run_out_is_not_opened(session, liaison, create):
    offer = create(replace(PLAIN, valid_until=TODAY), status=OfferStatus.DRAFT)
    tomorrow = TODAY + timedelta(days=1)

    with pytest.raises(RuleViolation) as refusal:
        rules.change_offer_status(session, liaison, offer.id, OfferStatus.OPEN, today=tomorrow)

    assert refusal.value.code == "no_longer_valid"


def test_a_kept_requirement_keeps_its_id_when_the_offer_is_edited(session, liaison, create):
    offer = create(WHOLE)
    kept = {row.concept_id: row.id for row in offer.requirements}
    changed = replace(WHOLE, requirements=(replace(COOK, purpose="Allergikost varje dag."),))

    rules.edit_offer(session, liaison, offer.id, changed, today=TODAY, version=offer.version)

    assert {row.concept_id: row.id for row in offer.requirements} == {
        "laga-mat-storkok": kept["laga-mat-storkok"]
    }
    assert rules.content_of_offer(offer) == changed


def test_a_change_of_a_requirement_alone_is_a_change_of_the_offer(session, liaison, create):
    offer = create(WHOLE)
    seen = offer.version
    mine = replace(WHOLE, requirements=())
    rules.edit_offer(session, liaison, offer.id, mine, today=TODAY, version=seen)

    with pytest.raises(Conflict) as refusal:
        rules.edit_offer(session, liaison, offer.id, WHOLE, today=TODAY, version=seen)

    assert offer.version == seen + 1
    assert refusal.value.theirs == {"requirements": ()}


def test_saving_without_a_change_keeps_the_version(session, liaison, create):
    offer = create(WHOLE)
    seen = offer.version
    rules.edit_offer(session, liaison, offer.id, WHOLE, today=TODAY, version=seen)

    assert offer.version == seen


@pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.UNIT_MANAGER])
def test_case_workers_and_managers_read_offers_but_do_not_change_them(session, make, create, role):
    offer = create()
    reader = make.actor(role)

    assert rules.get_offer(session, reader, offer.id) is offer
    with pytest.raises(Refused):
        rules.edit_offer(session, reader, offer.id, WHOLE, today=TODAY, version=None)


def test_another_units_offer_does_not_exist(session, make, liaison):
    other = make.offer(make.site(make.employer(unit=make.unit(name="Grannkommunen"))))

    with pytest.raises(NotFound):
        rules.get_offer(session, liaison, other.id)
    assert rules.list_offers(session, liaison).total == 0
    assert [each.id for each in rules.list_open_offers(session, other.unit_id)] == [other.id]


def test_mine_are_the_offers_i_own_and_those_at_my_employers(session, make, liaison):
    other = make.user(Role.EMPLOYER_LIAISON)
    owned = make.offer(owner_id=liaison.user_id)
    at_mine = make.offer(make.site(make.employer(owner_id=liaison.user_id)))
    make.offer(make.site(make.employer(owner_id=liaison.user_id)), owner_id=other.id)
    make.offer(status=OfferStatus.CLOSED)

    mine = rules.list_offers(session, liaison, owner_id=liaison.user_id)
    still_open = rules.list_offers(session, liaison, status=OfferStatus.OPEN)

    assert {row.offer.id for row in mine.rows} == {owned.id, at_mine.id}
    assert still_open.total == 3


def test_open_offers_are_read_whole_in_as_many_queries_whatever_their_number(
    session, make, create, queries
):
    def run():
        session.expunge_all()
        with queries() as count:
            for offer in rules.list_open_offers(session, make.unit().id):
                rules.content_of_offer(offer)
                assert offer.site.employer.name
                assert offer.site.conditions == []
        return count.total

    create(WHOLE)
    few = run()
    for _ in range(30):
        make.offer(make.site(), required=["laga-mat"])

    assert run() == few
