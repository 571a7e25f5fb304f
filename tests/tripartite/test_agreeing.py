"""What the three agree on: one version at a time, signed in order, and the placement follows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from matchsvc.accounts.models import Role
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.placements.ending import end_placement
from matchsvc.placements.models import ChecklistItem, FollowUp, Outcome
from matchsvc.tripartite import consequences, drafting, signing
from matchsvc.tripartite.content import Content, as_text, changed_sections, from_text, hash_of_all
from matchsvc.tripartite.desk import OPEN, TRANSITIONS, open_desk
from matchsvc.tripartite.models import AgreementState, TripartiteAgreement
from matchsvc.workday.models import Task
from matchsvc.workday.signature_models import Signature
from tests.factories import TODAY
from tests.placements.factories import URL
from tests.tripartite.conftest import WHEN

S = AgreementState


def desk(session, there):
    return open_desk(session, there.actor, there.key, today=TODAY)


def test_a_first_version_is_filled_with_what_is_planned(session, there):
    row = drafting.begin(session, there.actor, there.key, today=TODAY)
    content = from_text(row.content)
    assert (row.number, row.state) == (1, S.DRAFT)
    assert content.ends_on == there.placement.planned_end_date
    assert (content.hours_start, content.hours_goal) == (15, 25)
    assert content.contact_id == there.contact.id


def test_one_version_is_worked_on_at_a_time(session, there):
    drafting.begin(session, there.actor, there.key, today=TODAY)
    with pytest.raises(RuleViolation) as refused:
        drafting.begin(session, there.actor, there.key, today=TODAY)
    assert refused.value.code == "agreement_open"


@pytest.mark.parametrize("name", ["tasks", "purpose", "hours_start", "contact_id"])
def test_nothing_is_signed_before_it_says_what_is_needed(session, there, name):
    empty = None if name in {"hours_start", "contact_id"} else ""
    row = there.do.filled(
        **{name: empty, **({"hours_goal": None} if name == "hours_start" else {})}
    )
    with pytest.raises(RuleViolation) as refused:
        signing.offer_for_signing(session, there.actor, there.key, version=row.version, today=TODAY)
    assert list(refused.value.fields) == [name]


@pytest.mark.parametrize("order", list(permutations(["participant", "employer"])))
def test_two_sign_in_any_order_and_the_case_worker_last(session, there, order):
    row = there.do.offered()
    for capacity in order:
        with pytest.raises(RuleViolation) as refused:
            there.do.sign(row, "case_worker")
        assert refused.value.code == "signs_last"
        there.do.sign(row, capacity)
    there.do.sign(row, "case_worker")
    assert (row.state, row.agreed_at) == (S.AGREED, WHEN["now"])


def test_somebody_has_to_be_named_for_the_employer(session, there):
    row = there.do.offered()
    with pytest.raises(Invalid):
        there.do.sign(row, "employer", signer_name=" ")
    with pytest.raises(Invalid):
        there.do.sign(row, "employer", signer_name="850312-2387")


def test_signing_for_somebody_keeps_the_reason(session, there):
    row = there.do.offered()
    there.do.sign(row, "participant", on_behalf_reason="Kan inte skriva, sade ja på telefon.")
    kept = session.scalars(select(Signature).where(Signature.about_id == row.id)).one()
    assert kept.on_behalf_reason.startswith("Kan inte skriva")


def test_changed_words_lift_the_signatures_and_an_old_page_cannot_sign(session, there):
    row = there.do.offered()
    there.do.sign(row, "employer")
    old_hash = row.content_hash
    content = replace(from_text(row.content), tasks="Bara skala")
    effects = consequences.effects_of(session, desk(session, there), content, today=TODAY)
    assert effects.lifted == ["employer"]
    drafting.save(session, there.actor, there.key, content, version=row.version, today=TODAY)
    assert (row.state, row.content_hash) == (S.DRAFT, None)
    assert desk(session, there).signed(row) == {}
    signing.offer_for_signing(session, there.actor, there.key, version=row.version, today=TODAY)
    with pytest.raises(RuleViolation) as refused:
        there.do.sign(row, "employer", shown_hash=old_hash)
    assert refused.value.code == "signed_outdated"


def test_saving_the_same_words_lifts_nothing(session, there):
    row = there.do.offered()
    there.do.sign(row, "employer")
    drafting.save(
        session, there.actor, there.key, from_text(row.content), version=row.version, today=TODAY
    )
    assert row.state is S.SIGNING
    assert list(desk(session, there).signed(row)) == ["employer"]


def test_the_placement_follows_what_is_agreed_and_not_before(session, there):
    later = date(2027, 4, 30)
    row = there.do.offered(ends_on=later, hours_start=10, purpose="Öva kassan")
    there.do.sign(row, "employer")
    there.do.sign(row, "participant")
    assert there.placement.hours_start == 15
    effects = consequences.effects_of(
        session, desk(session, there), from_text(row.content), today=TODAY
    )
    there.do.sign(row, "case_worker")
    session.flush()
    assert there.placement.planned_end_date == later
    assert (there.placement.hours_start, there.placement.purpose) == (10, "Öva kassan")
    rows = session.scalars(
        select(FollowUp).where(FollowUp.placement_id == there.key).order_by(FollowUp.due_on)
    ).all()
    assert [each.due_on for each in rows if each.cancelled_on] == effects.cancelled
    kept = [each.due_on for each in rows if not each.cancelled_on]
    assert kept[-1] == later
    assert set(effects.added) <= set(kept)
    assert len({each.number for each in rows}) == len(rows)
    item = session.scalars(select(ChecklistItem).where(ChecklistItem.code == "agreement")).one()
    assert item.done_on == TODAY


def test_a_new_version_replaces_the_one_before_when_it_is_agreed(session, there):
    first = there.do.agreed()
    second = there.do.filled(hours_goal=30)
    assert (first.state, second.number) == (S.AGREED, 2)
    offered = signing.offer_for_signing(
        session, there.actor, there.key, version=second.version, today=TODAY
    )
    for capacity in ("participant", "employer", "case_worker"):
        there.do.sign(offered, capacity)
    assert (first.state, second.state) == (S.REPLACED, S.AGREED)
    assert from_text(first.content).hours_goal == 25


def test_the_period_keeps_within_the_form_and_the_decision(session, there):
    too_long = there.placement.start_date + timedelta(days=400)
    with pytest.raises(RuleViolation) as refused:
        there.do.filled(ends_on=too_long, decision_to=too_long)
    assert "ends_on" in refused.value.fields
    session.rollback()
    with pytest.raises(RuleViolation) as refused:
        there.do.filled(ends_on=date(2027, 5, 21), decision_to=date(2027, 5, 20))
    assert list(refused.value.fields) == ["decision_to"]


def test_texts_hold_no_identity_number_and_the_contact_is_the_employers(session, there, make):
    with pytest.raises(Invalid) as refused:
        there.do.filled(support="Ring 850312-2387")
    assert list(refused.value.fields) == ["support"]
    session.rollback()
    with pytest.raises(Invalid) as refused:
        there.do.filled(contact_id=make.contact(make.employer()).id)
    assert list(refused.value.fields) == ["contact_id"]


def test_two_people_saving_the_same_version_see_the_conflict(session, there):
    row = there.do.filled()
    stale = row.version
    content = from_text(row.content)
    drafting.save(
        session, there.actor, there.key, replace(content, tasks="A"), version=stale, today=TODAY
    )
    with pytest.raises(Conflict):
        drafting.save(
            session, there.actor, there.key, replace(content, tasks="B"), version=stale, today=TODAY
        )


def test_a_second_pair_of_eyes_is_somebody_else(session, there, make):
    make.setting("agreement_second_look", "1")
    row = there.do.offered()
    for capacity in ("participant", "employer", "case_worker"):
        there.do.sign(row, capacity)
    assert row.state is S.APPROVAL
    with pytest.raises(RuleViolation) as refused:
        signing.approve(session, there.actor, there.key, version=row.version, **WHEN)
    assert refused.value.code == "same_eyes"
    lead = make.actor(role=Role.PLACEMENT_COORDINATOR)
    assert open_desk(session, lead, there.key, today=TODAY).can_approve
    signing.approve(session, lead, there.key, version=row.version, **WHEN)
    assert (row.state, row.approved_by_id) == (S.AGREED, lead.user_id)


def test_a_version_is_given_up_with_a_reason(session, there):
    row = there.do.filled()
    with pytest.raises(Invalid):
        drafting.drop(session, there.actor, there.key, reason=" ", version=row.version, today=TODAY)
    drafting.drop(
        session, there.actor, there.key, reason="Fel plats", version=row.version, today=TODAY
    )
    assert row.state is S.DROPPED
    assert drafting.begin(session, there.actor, there.key, today=TODAY).number == 2


def test_versions_that_nobody_touches_expire_once_with_a_task(session, there):
    row = there.do.offered()
    session.commit()
    last = TODAY + timedelta(days=59)
    assert drafting.expire_untouched(session, today=last) == 0
    assert drafting.expire_untouched(session, today=last + timedelta(days=1)) == 1
    assert drafting.expire_untouched(session, today=last + timedelta(days=2)) == 0
    assert row.state is S.EXPIRED
    count = select(func.count()).select_from(Task).where(Task.kind == drafting.EXPIRED_TASK)
    assert session.scalar(count) == 1


def test_nothing_is_changed_when_the_placement_has_ended(session, there):
    end_placement(
        session, there.actor, there.key, end_date=TODAY, outcome=Outcome.COMPLETED,
        base_url=URL, **WHEN,
    )  # fmt: skip
    with pytest.raises(RuleViolation) as refused:
        drafting.begin(session, there.actor, there.key, today=TODAY)
    assert refused.value.code == "placement_ended"


def test_who_reads_and_who_writes(session, there, make):
    there.do.filled()
    assert open_desk(
        session, make.actor(user=there.supervisor), there.key, today=TODAY
    ).can_write is False  # fmt: skip
    for role in (Role.EMPLOYER_LIAISON, Role.UNIT_MANAGER, Role.CASE_WORKER):
        with pytest.raises(Refused):
            open_desk(session, make.actor(role=role), there.key, today=TODAY)
    with pytest.raises(Refused):
        drafting.begin(session, make.actor(user=there.supervisor), there.key, today=TODAY)


def test_a_protected_participants_agreement_does_not_exist_for_others(session, there, make):
    there.do.filled()
    there.participant.protected = True
    session.flush()
    with pytest.raises(NotFound):
        open_desk(session, make.actor(role=Role.PLACEMENT_COORDINATOR), there.key, today=TODAY)


contents = st.builds(
    Content,
    ends_on=st.none() | st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    decision_ref=st.none() | st.text(max_size=20),
    hours_start=st.none() | st.integers(1, 40),
    times=st.text(max_size=30),
    tasks=st.text(max_size=30),
    contact_id=st.none() | st.uuids(),
)


@given(contents, contents)
def test_the_same_words_have_the_same_mark_and_others_another(one, other):
    assert from_text(as_text(one)) == one
    same = hash_of_all(one, {}, "1") == hash_of_all(other, {}, "1")
    blank = [replace(each, **{
        name: getattr(each, name) or None for name in each.__dataclass_fields__
    }) for each in (one, other)]  # fmt: skip
    assert same == (blank[0] == blank[1])
    assert (changed_sections(one, other) == []) == (one == other)


ACTS = ("begin", "offer", "participant", "employer", "case_worker", "change", "drop", "expire")


@settings(max_examples=40, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(st.lists(st.sampled_from(ACTS), min_size=1, max_size=14))
def test_no_sequence_of_acts_leaves_the_table_or_two_versions_open(session, there, acts):
    """Whatever is tried in whatever order, only rows of the table of transitions happen."""
    point = session.begin_nested()
    try:
        before = {}
        for place, act in enumerate(acts):
            inner = session.begin_nested()
            try:
                _try(session, there, act, place)
                inner.commit()
            except (RuleViolation, NotFound, Invalid, Conflict):
                inner.rollback()
            rows = session.scalars(
                select(TripartiteAgreement)
                .where(TripartiteAgreement.placement_id == there.key)
                .execution_options(populate_existing=True)
            ).all()
            assert sum(each.state in OPEN for each in rows) <= 1
            assert sum(each.state is S.AGREED for each in rows) <= 1
            for each in rows:
                was = before.get(each.id, S.DRAFT)
                assert was is each.state or (was, each.state) in TRANSITIONS
                before[each.id] = each.state
    finally:
        point.rollback()
        session.expire_all()


def _try(session, there, act, place):
    row = session.scalar(
        select(TripartiteAgreement).where(
            TripartiteAgreement.placement_id == there.key, TripartiteAgreement.state.in_(OPEN)
        )
    )
    who = (session, there.actor, there.key)
    version = row.version if row else 0
    if act == "begin":
        there.do.filled(tasks=f"Diska {place}")
    elif act == "offer":
        signing.offer_for_signing(*who, version=version, today=TODAY)
    elif act == "change":
        content = replace(from_text(row.content) if row else Content(), tasks=f"Skala {place}")
        drafting.save(*who, content, version=version, today=TODAY)
    elif act == "drop":
        drafting.drop(*who, reason="Fel", version=version, today=TODAY)
    elif act == "expire":
        drafting.expire_untouched(session, today=TODAY + timedelta(days=70))
    elif row is None or row.content_hash is None:
        raise NotFound
    else:
        there.do.sign(row, act)
