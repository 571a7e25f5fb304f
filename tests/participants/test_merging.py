"""Two rows of one person become one, and nothing of either is lost."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint, Uuid, func, select

from matchsvc import db
from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.outcomes.models import OutcomeEvent, OutcomeKind
from matchsvc.outcomes.rules import record_outcome, standing_events
from matchsvc.participants import merging
from matchsvc.participants.access import get_visible, visible_participants
from matchsvc.participants.cases import latest_case
from matchsvc.participants.enrolment import set_identity, subject_of
from matchsvc.participants.models import Capacity, Involvement, LanguageSkill, Need, Participant
from matchsvc.participants.same_people import same_people
from matchsvc.placements.models import DecisionAuthority, Placement
from matchsvc.search.finding import find
from matchsvc.swedish import parse_identity_number
from matchsvc.web.merging import MOVING
from matchsvc.workday import merging as rows
from matchsvc.workday.models import Task
from tests.factories import TODAY, identity_number

NOW = db.utcnow()


@pytest.fixture
def worker(make):
    return make.user()


@pytest.fixture
def actor(make, worker):
    return make.actor(user=worker)


@pytest.fixture
def kept(make, worker):
    return make.participant(case_worker=worker, family_name="Haddad")


@pytest.fixture
def gone(make, worker):
    person = make.participant(worker, with_case=False, family_name="Hadad", phone="+46701234567")
    make.case(person, case_worker=worker, ended_on=date(2026, 10, 1))
    return person


def merge(session, actor, kept, gone, **values):
    given = {"reason": "Samma kort visat.", "today": TODAY, "now": NOW} | values
    return merging.merge_people(session, actor, kept.id, gone.id, **given)


def place(make, session, person, start, planned=None, name="Kvarnköket"):
    case = latest_case(session, person)
    return make.save(
        Placement(
            unit_id=person.unit_id,
            external_id=f"L{uuid4().hex[:6]}",
            participant_id=person.id,
            case_id=case.id,
            site_id=make.site(name=name).id,
            form="sol_practice",
            begun_on=start,
            start_date=start,
            planned_end_date=planned,
            decision_authority=DecisionAuthority.NONE,
        )
    )


def give_number(session, person):
    number = parse_identity_number(identity_number(), today=TODAY)
    set_identity(person, number)
    session.flush()
    return number


@pytest.mark.parametrize("table", ["participant", "employer"])
def test_every_table_that_hangs_on_it_is_named_and_folded_where_it_would_collide(table):
    from matchsvc.employers import merging as employers

    folded = {"participant": merging.FOLDED, "employer": employers.FOLDED}[table]
    for column in rows.keys_to(table):
        owner = column.table
        assert owner.name in MOVING, f"{owner.name} has no name on the page that merges"
        keys = [
            each
            for each in owner.constraints
            if isinstance(each, UniqueConstraint | PrimaryKeyConstraint)
        ] + [each for each in owner.indexes if each.unique]
        collides = any(column in list(key.columns) for key in keys)
        assert not collides or owner.name in folded, f"{owner.name} would collide"


def test_every_id_without_a_foreign_key_is_known():
    """A new column that names a row of any table moves with a merge, or stands here."""
    moved = {(table, "about_id") for table in rows.ABOUT} | set(rows.LOOSE)
    others = {
        ("case_step", "source_id"),  # a placement or an employment
        ("later_contact", "source_id"),  # a case or a pause
        ("outcome_event", "employer_id"),  # corrected, outcomes/rules.py
        ("outcome_event", "source_id"),  # a placement, a proposal, a case
        ("outcome_event", "unit_id"),
        ("outcome_event", "site_id"),  # where it was; a site moves with its employer
        ("outcome_way", "unit_id"),  # worked out from the events
        ("disclosure", "request_id"),  # of a form
        ("document_delivery", "request_id"),  # of a form
        ("follow_up", "submission_id"),  # of a form
        ("follow_up_version", "submission_id"),  # of a form
        ("support_request", "submission_id"),  # of a form
        ("workplace_word", "submission_id"),  # of a form
        ("meeting", "series_id"),
        ("plan_measure", "thread_id"),  # the same row in every version
        ("plan_sub_goal", "thread_id"),
        ("matching_row", "unit_id"),  # packed by triggers
        ("matching_row", "id"),
        ("matching_stale", "id"),
    }
    loose = {
        (table.name, column.name)
        for table in db.Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Uuid)
        and not column.foreign_keys
        and column.name.endswith("id")
        and not (column.primary_key and len(table.primary_key.columns) == 1)
    }
    assert loose - moved - others == set()


def test_everything_moves_and_the_old_names_lead_to_who_stands(session, make, actor, kept, gone):
    make.wish(gone)
    make.competence(gone, None, own_words="odla")
    old = (gone.id, gone.external_id, gone.alias)
    task = make.save(
        Task(
            unit_id=gone.unit_id, owner_id=actor.user_id, kind="x", words={},
            about_type="participant", about_id=gone.id, due_on=TODAY, origin="x",
        )
    )  # fmt: skip

    merge(session, actor, kept, gone)

    assert rows.count_hanging(session, "participant", gone.id) == {}
    assert task.about_id == kept.id
    assert {get_visible(session, actor, key).id for key in old} == {kept.id}
    ids = session.scalars(visible_participants(session, actor)).all()
    assert [person.id for person in ids] == [kept.id]
    assert [hit.id for hit in find(session, actor, old[2], today=TODAY)] == [kept.id]
    assert kept.phone == "+46701234567"  # only the other said it
    assert latest_case(session, kept).ended_on is None
    session.commit()
    said = session.scalars(select(AuditEvent).where(AuditEvent.action == "merge")).all()
    assert {row.object_id for row in said} == {str(kept.id), str(gone.id)}
    assert {row.reason for row in said} == {"Samma kort visat."}


def test_what_both_say_is_folded_and_nothing_is_dropped(session, make, actor, kept, gone):
    for person, note, read in ((kept, "korta pass", None), (gone, "paus", 3)):
        make.save(Need(participant_id=person.id, condition_id="lugn-plats", note=note))
        make.save(LanguageSkill(participant_id=person.id, concept_id="sv", speak=2, read=read))

    merge(session, actor, kept, gone)

    assert session.scalars(select(Need.note)).all() == ["korta pass / paus"]
    skill = session.scalars(select(LanguageSkill)).one()
    assert (skill.participant_id, skill.read) == (kept.id, 3)


def test_the_worker_of_a_case_that_ended_does_not_see_the_present_one(session, make, kept, gone):
    former, system = make.user(), make.actor(Role.UNIT_MANAGER)
    make.involve(gone, former)
    for person in (kept, gone):
        make.involve(
            person, session.get(type(former), system.user_id), Capacity.READING_WITH_REASON
        )

    merge(session, system, kept, gone)

    workers = select(Involvement.user_id).where(Involvement.capacity == Capacity.CASE_WORKER)
    assert former.id not in session.scalars(workers).all()


def test_an_identity_number_moves_with_the_one_that_has_it(session, actor, kept, gone):
    number = give_number(session, gone)
    index = gone.personal_id_index
    merge(session, actor, kept, gone)
    assert (kept.personal_id, kept.personal_id_index) == (number.digits, index)
    assert gone.personal_id_index is None


def test_two_identity_numbers_are_two_people(session, actor, kept, gone):
    give_number(session, kept)
    give_number(session, gone)
    with pytest.raises(RuleViolation, match="två personer"):
        merge(session, actor, kept, gone)
    assert same_people(session, actor, today=TODAY) == []


def test_two_open_cases_say_which_to_end_first(session, make, actor, worker, kept):
    other = make.participant(case_worker=worker)
    with pytest.raises(RuleViolation, match=other.alias) as refused:
        merge(session, actor, kept, other)
    assert refused.value.code == "two_open_cases"


def test_placements_at_the_same_time_are_named_and_others_stay_both(
    session, make, actor, kept, gone
):
    mine = place(make, session, kept, TODAY, TODAY + timedelta(60))
    other = place(make, session, gone, TODAY + timedelta(30), name="Växthuset")
    with pytest.raises(RuleViolation, match=r"Kvarnköket 2026-11-23.*Växthuset 2026-12-23"):
        merge(session, actor, kept, gone)

    other.start_date = TODAY + timedelta(61)
    session.flush()
    merge(session, actor, kept, gone)
    assert {mine.participant_id, other.participant_id} == {kept.id}


def test_no_report_counts_the_person_twice(session, actor, kept, gone):
    for person in (kept, gone):
        case = latest_case(session, person)
        subject = subject_of(person, case, programme=None)
        record_outcome(
            session, OutcomeKind.ENROLLED, case.id, subject, occurred_on=case.enrolled_on
        )
    session.flush()
    before = session.scalar(select(func.count(OutcomeEvent.id)))

    merge(session, actor, kept, gone)

    keys = {event.person_key for event in session.scalars(standing_events())}
    assert keys == {kept.outcome_key}
    assert session.scalar(select(func.count(OutcomeEvent.id))) == before + 1


def test_who_does_not_work_with_both_is_refused_and_hidden_ones_do_not_exist(
    session, make, actor, kept
):
    theirs = make.participant(case_worker=make.user())
    hidden = make.participant(case_worker=make.user(), protected=True)
    with pytest.raises(Refused):
        merge(session, actor, kept, theirs)
    with pytest.raises(NotFound):
        merge(session, actor, kept, hidden)


def test_protection_of_one_row_holds_for_both(session, make, actor, worker, kept, gone):
    gone.protected = True
    make.involve(gone, worker, Capacity.PROTECTED_HANDLER)
    merge(session, actor, kept, gone)
    assert kept.protected
    assert kept.phone is None


def test_a_reason_is_needed_and_what_was_saved_meanwhile_is_not_overwritten(
    session, actor, kept, gone
):
    with pytest.raises(Invalid):
        merge(session, actor, kept, gone, reason="  ")
    with pytest.raises(Conflict):
        merge(session, actor, kept, gone, versions=(kept.version, gone.version + 1))


def test_an_earlier_merge_leads_on_to_the_last(session, make, actor, worker, kept, gone):
    first = make.participant(worker, with_case=False)
    merge(session, actor, gone, first)
    merge(session, actor, kept, gone)
    assert get_visible(session, actor, first.alias).id == kept.id


def test_the_pages_show_the_pair_look_twice_and_merge(client_as, session, worker, kept, gone):
    johan = client_as(worker)
    here = f"/participants/{kept.alias}/same"
    listed = johan.get(here).get_data(as_text=True)
    assert f"{here}/{gone.alias}" in listed
    page = johan.get(f"{here}/{gone.alias}").get_data(as_text=True)
    assert "går inte att ångra" in page
    form = {
        "reason": "Samma kort",
        "kept_version": kept.version,
        "gone_version": gone.version,
        "take.name": "other",
        "step": "look",
    }
    assert johan.post(f"{here}/{gone.alias}", data=form | {"reason": ""}).status_code == 422
    second = johan.post(f"{here}/{gone.alias}", data=form).get_data(as_text=True)
    assert "Slå samman, för alltid" in second
    session.expire_all()
    assert session.get(Participant, gone.id).merged_into_id is None
    done = johan.post(f"{here}/{gone.alias}", data=form | {"step": "merge"})
    assert done.status_code == 303
    session.expire_all()
    assert session.get(Participant, gone.id).merged_into_id == kept.id
    assert session.get(Participant, kept.id).family_name == "Hadad"
    assert johan.get(f"/participants/{gone.alias}").status_code == 200


def test_the_managers_list_tells_no_names(client_as, kept, gone):
    page = client_as(Role.UNIT_MANAGER).get("/participants/same").get_data(as_text=True)
    assert kept.alias in page
    assert "Haddad" not in page
