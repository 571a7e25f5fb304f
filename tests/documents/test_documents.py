"""What a placement ends with: drafted, written by people, signed in turn, given with care."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.documents import delivering, desk, drafting, writing
from matchsvc.documents.content import (
    OWN,
    SECTIONS,
    Line,
    as_text,
    for_others,
    from_text,
    hash_of_all,
    mentions_social,
    with_sources,
)
from matchsvc.documents.delivering import Giving
from matchsvc.documents.desk import section_of
from matchsvc.documents.models import DocumentKind, DocumentState, GivenHow, GivenTo
from matchsvc.documents.signing import facts_of
from matchsvc.documents.tasks import ask_for_documents
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants.consent_models import (
    Category,
    ConsentAnswer,
    Disclosure,
    DisclosureRule,
    Party,
)
from matchsvc.participants.consents import Answer, answer_consent
from matchsvc.placements.careful import mentions_health
from matchsvc.placements.models import Employment, EmploymentKind, Outcome
from matchsvc.workday.models import Task
from matchsvc.workday.signature_models import Signature
from tests.documents.conftest import CARD, FINAL, ILL, WHEN
from tests.factories import TODAY
from tests.soak import SOAK

S = DocumentState


def text_of(row, code):
    return section_of(row, code).text


def whole(row):
    return "\n".join(each.text for each in row.sections)


def consent(session, there, party, category):
    scopes = frozenset({(party, category)})
    answer = Answer(ConsentAnswer.GIVEN, scopes, valid_until=TODAY + timedelta(days=60))
    answer_consent(session, there.actor, there.participant.id, answer, **WHEN)


def give(session, there, row, to, who=None, **more):
    giving = Giving(given_to=to, request_id=more.pop("request_id", uuid4()), **more)
    return delivering.deliver(
        session, who or there.actor, there.key, row.kind, row.number, giving, **WHEN
    )


def test_a_draft_says_of_each_sentence_which_follow_ups_it_comes_from(session, there):
    row = writing.begin(session, there.actor, there.key, FINAL, today=TODAY)
    for code, part, numbers in (
        ("motivation", "Det går bra, säger personen.", (101, 102)),
        ("motivation", "Nästa steg mot ett arbete: Öva kassan.", (102,)),
        ("attendance", "Därefter 20 timmar i veckan.", (102,)),
        ("attendance", "Närvaron är mer än överenskommet.", (101, 102)),
        ("development", "Vill utveckla: Svara i telefon.", ()),
        ("strengths", "Klart som ni kom överens om: Sak 1.", (101,)),
        ("development", "Inte klart än: Sak 2.", (102,)),
        ("own_words", "Jag trivs i köket.", (101,)),
        ("workplace_words", "Packar fortare än vi andra.", ()),
        ("accommodations", "Vagn i stället för lyft: fungerade.", ()),
    ):
        section = section_of(row, code)
        sources = dict(with_sources(section.text, from_text(section.drafted)))
        assert sources[part].numbers == numbers, part


def test_nothing_is_proposed_for_her_own_two_parts_nor_anything_about_health(session, there, make):
    make.signed_mapping(there.participant, body="Har skulder hos Kronofogden.")
    row = writing.begin(session, there.actor, there.key, FINAL, today=TODAY)
    assert [text_of(row, code) for code in OWN] == ["", ""]
    assert ILL not in whole(row)
    assert "Kronofogden" not in whole(row)
    assert not mentions_health(whole(row))
    there.do.write(row, "background", "Har haft ångest. Det vill jag ha med.")
    writing.renew(session, there.actor, there.key, FINAL, today=TODAY)
    assert text_of(row, "background") == "Har haft ångest. Det vill jag ha med."
    assert text_of(row, "situation") == ""


def test_no_source_speaks_of_the_first_two_parts(session, there):
    material = drafting.gather(session, there.do.seen())
    codes = {code for source in drafting.SOURCES for code, _line in source(material)}
    assert codes & set(OWN) == set()
    assert codes <= {code for parts in SECTIONS.values() for code in parts}


def test_words_about_health_are_asked_about_but_not_in_her_own_parts(session, there):
    row = there.do.filled()
    with pytest.raises(Invalid):
        there.do.write(row, "summary", ILL)
    there.do.write(row, "summary", ILL, keeps_health_words=True)
    there.do.write(row, "situation", ILL)
    with pytest.raises(Invalid):
        there.do.write(row, "situation", "Mitt nummer är 850312-2387")


def test_two_people_saving_the_same_part_see_both(session, there):
    row = there.do.filled()
    version = section_of(row, "motivation").version
    there.do.write(row, "motivation", "Kommer varje dag.")
    with pytest.raises(Conflict) as refused:
        writing.save_section(
            session, there.actor, there.key, FINAL, "motivation", text="Vill mer.",
            version=version, today=TODAY,
        )  # fmt: skip
    assert refused.value.theirs == {"text": "Kommer varje dag."}
    there.do.write(row, "cooperation", "Hjälper andra.")  # another part is free


def test_what_was_struck_out_stays_away_and_what_is_new_is_added(session, there):
    row = there.do.filled()
    there.do.write(row, "strengths", "Möter gäster vänligt.")
    assert writing.renew(session, there.actor, there.key, FINAL, today=TODAY) == 0
    there.do.judged(level=4)
    assert writing.renew(session, there.actor, there.key, FINAL, today=TODAY) > 0
    assert text_of(row, "strengths").startswith("Möter gäster vänligt.\n")
    assert "Sak 1" not in text_of(row, "strengths")
    assert "Hjälper nya i gruppen" in text_of(row, "cooperation".lower()).replace(
        "hjälper", "Hjälper"
    )


def test_the_participant_signs_first_and_then_nothing_changes(session, there):
    row = there.do.offered(there.do.filled())
    with pytest.raises(RuleViolation) as refused:
        there.do.sign(row, "case_worker")
    assert refused.value.code == "signs_later"
    there.do.sign(row, "participant", on_behalf_reason="Kan inte skriva, sade ja i telefon.")
    there.do.sign(row, "case_worker")
    assert (row.state, row.signed_at) == (S.SIGNED, WHEN["now"])
    before = (row.content_hash, row.facts, whole(row))
    for act in (
        lambda: there.do.write(row, "summary", "Något annat"),
        lambda: writing.reopen(
            session, there.actor, there.key, FINAL, version=row.version, today=TODAY
        ),
        lambda: writing.drop(
            session, there.actor, there.key, FINAL, reason="x", version=row.version, today=TODAY
        ),
        lambda: there.do.sign(row, "participant"),
    ):
        with pytest.raises(NotFound):
            act()
    again = writing.begin(session, there.actor, there.key, FINAL, today=TODAY)
    there.do.write(again, "summary", "En rättelse.")
    there.participant.given_name = "Nytt"
    assert (row.content_hash, row.facts, whole(row)) == before
    assert desk.hash_with(row, desk.facts_as_kept(row)) == row.content_hash
    offered = there.do.offered(again)
    for capacity in ("participant", "case_worker"):
        there.do.sign(offered, capacity)
    assert (row.state, again.state) == (S.REPLACED, S.SIGNED)
    assert (row.content_hash, row.facts, whole(row)) == before


def test_what_was_signed_is_the_hash_of_the_words_as_shown(session, there):
    row = there.do.offered(there.do.filled())
    shown = row.content_hash
    there.do.sign(row, "participant")
    kept = session.scalars(select(Signature).where(Signature.about_id == row.id)).one()
    assert kept.content_hash == shown == desk.hash_with(row, desk.facts_as_kept(row))
    there.do.write(row, "summary", "Ett ord till.")  # lifts it
    assert (row.state, row.content_hash) == (S.DRAFT, None)
    there.do.offered(row)
    with pytest.raises(RuleViolation) as refused:
        there.do.sign(row, "participant", shown_hash=shown)
    assert refused.value.code == "signed_outdated"


def test_an_old_page_cannot_fix_words_that_it_did_not_show(session, there):
    from matchsvc.documents.signing import hash_shown, offer_for_signing

    row = there.do.filled()
    old = hash_shown(session, there.do.seen(), row)
    there.do.write(row, "summary", "Något nytt.")
    with pytest.raises(RuleViolation):
        offer_for_signing(session, there.actor, there.key, FINAL, shown_hash=old, today=TODAY)


def test_it_is_signed_when_the_period_is_over_and_what_is_needed_is_there(session, there):
    row = writing.begin(session, there.actor, there.key, FINAL, today=TODAY)
    there.do.write(row, "summary", "")
    with pytest.raises(RuleViolation) as refused:
        there.do.offered(row)
    assert "summary" in refused.value.fields
    there.placement.end_date = there.placement.outcome = None
    with pytest.raises(RuleViolation) as refused:
        there.do.offered(row)
    assert refused.value.code == "not_ended"


def test_only_her_own_case_worker_opens_what_may_hold_her_situation(session, there, make):
    there.do.filled()
    coordinator = make.actor(role=Role.PLACEMENT_COORDINATOR)
    for actor in (there.supervising, coordinator, make.actor(role=Role.CASE_WORKER)):
        with pytest.raises(Refused):
            desk.open_desk(session, actor, there.key, FINAL, today=TODAY)
    assert desk.open_desk(session, there.supervising, there.key, CARD, today=TODAY).can_write
    manager = make.actor(role=Role.UNIT_MANAGER)
    with pytest.raises(Refused):
        desk.open_desk(session, manager, there.key, CARD, today=TODAY)


def test_she_gets_all_of_it_and_each_way_is_noted_once(session, there):
    row = there.do.signed()
    key = uuid4()
    for _ in range(2):
        given = give(session, there, row, GivenTo.PARTICIPANT, request_id=key,
                     how=GivenHow.READ_ALOUD, interpreter_language="ar")  # fmt: skip
    found = desk.deliveries_of(session, [row.id])[row.id]
    assert [each.id for each in found] == [given.id]
    assert (given.how, given.interpreter_language) == (GivenHow.READ_ALOUD, "ar")
    session.commit()
    actions = session.scalars(
        select(AuditEvent.action).where(AuditEvent.object_type == "end_document")
    )
    assert {"create", "change", "sign", "agree", "deliver"} <= set(actions)


def test_an_employer_gets_a_copy_by_her_consent_and_never_otherwise(session, there):
    row = there.do.signed()
    with pytest.raises(RuleViolation) as refused:
        give(session, there, row, GivenTo.EMPLOYER)
    assert refused.value.code == "no_consent"
    with pytest.raises(Invalid):  # no other rule opens it
        give(session, there, row, GivenTo.EMPLOYER, rule=DisclosureRule.DUTY)
    with pytest.raises(NotFound):
        delivering.copy_to_take(
            session, there.actor, there.key, FINAL, 1, GivenTo.EMPLOYER, today=TODAY
        )
    consent(session, there, Party.EMPLOYER, Category.COMPETENCE)
    give(session, there, row, GivenTo.EMPLOYER)
    told = session.scalars(select(Disclosure)).one()
    assert (told.party, told.recipient) == (Party.EMPLOYER, there.employer.name)
    _desk, _row, copy = delivering.copy_to_take(
        session, there.actor, there.key, FINAL, 1, GivenTo.EMPLOYER, today=TODAY
    )
    assert "background" not in dict(copy)


def test_the_employers_copy_leaves_out_what_is_hers(session, there):
    row = there.do.filled()
    there.do.write(row, "background", "Gick i skolan i Aleppo.")
    there.do.write(row, "situation", "Har skulder.")
    there.do.write(row, "summary", f"Gick bra.\n{ILL}\nHar skulder att reda ut.",
                   keeps_health_words=True)  # fmt: skip
    copy = dict(delivering.copy_of(row, GivenTo.EMPLOYER))
    assert copy["summary"] == ["Gick bra."]
    assert copy["accommodations"] == ["Vagn i stället för lyft: fungerade."]
    assert not any(line.startswith("Syfte") for line in copy["workplace"])
    assert set(copy) & set(OWN) == set()
    af = dict(delivering.copy_of(row, GivenTo.EMPLOYMENT_SERVICE))
    assert set(af) & set(OWN) == set()
    own = dict(delivering.copy_of(row, GivenTo.PARTICIPANT))
    assert own["situation"] == ["Har skulder."]


def test_the_employment_service_gets_it_when_a_rule_allows(session, there):
    row = there.do.signed()
    with pytest.raises(RuleViolation):
        give(session, there, row, GivenTo.EMPLOYMENT_SERVICE)
    give(session, there, row, GivenTo.EMPLOYMENT_SERVICE, rule=DisclosureRule.DUTY)
    told = session.scalars(select(Disclosure)).one()
    assert (told.party, told.rule) == (Party.EMPLOYMENT_SERVICE, DisclosureRule.DUTY)


def test_a_draft_is_given_to_nobody_and_a_card_only_to_its_owner(session, there):
    with pytest.raises(RuleViolation) as refused:
        give(session, there, there.do.filled(), GivenTo.PARTICIPANT)
    assert refused.value.code == "not_signed"
    row = there.do.judged(who=there.actor)
    there.do.write(row, "tasks", "Odling")
    there.do.sign(there.do.offered(row), "case_worker")
    with pytest.raises(Invalid):
        give(session, there, row, GivenTo.EMPLOYER)
    give(session, there, row, GivenTo.PARTICIPANT)


def test_somebody_protected_is_named_on_no_paper_and_nobody_else_gets_one(session, there, make):
    row = there.do.signed()
    consent(session, there, Party.EMPLOYER, Category.COMPETENCE)
    there.participant.protected = True
    session.flush()
    facts = facts_of(session, there.do.seen(), row)
    said = " ".join(facts.values())
    for hidden in (there.participant.full_name, there.site.name, there.employer.name):
        assert hidden not in said
    for to in (GivenTo.EMPLOYER, GivenTo.EMPLOYMENT_SERVICE):
        with pytest.raises(RuleViolation) as refused:
            give(session, there, row, to, rule=DisclosureRule.CONSENT)
        assert refused.value.code == "protected_stays"
    again = writing.begin(session, there.actor, there.key, DocumentKind.ACCOUNT, today=TODAY)
    assert there.site.name not in whole(again)
    with pytest.raises(NotFound):
        desk.open_desk(session, make.actor(role=Role.CASE_WORKER), there.key, CARD, today=TODAY)


def tasks_of(session):
    return {(t.kind, t.owner_id, t.due_on) for t in session.scalars(
        select(Task).where(Task.origin == "PLA-09"))}  # fmt: skip


def test_an_end_asks_for_the_papers_once_and_signing_settles_it(session, there):
    assert ask_for_documents(session, today=TODAY) == 2
    by = TODAY + timedelta(days=14)
    assert tasks_of(session) == {
        ("final_documentation", there.worker.id, by),
        ("competence_card", there.supervisor.id, by),
    }
    assert ask_for_documents(session, today=TODAY + timedelta(days=1)) == 0
    there.do.signed()
    task = session.scalars(select(Task).where(Task.kind == "final_documentation")).one()
    assert task.done_at == WHEN["now"]
    assert ask_for_documents(session, today=TODAY) == 0


def test_after_a_resource_employment_they_are_due_when_it_ends(session, there):
    job = Employment(
        unit_id=there.placement.unit_id, external_id="R1", participant_id=there.participant.id,
        case_id=there.placement.case_id, site_id=there.site.id, placement_id=there.key,
        kind=EmploymentKind.RESOURCE, start_date=TODAY, subsidy="x",
    )  # fmt: skip
    session.add(job)
    there.placement.outcome = Outcome.BECAME_JOB
    session.flush()
    assert ask_for_documents(session, today=TODAY) == 0
    job.end_date = TODAY + timedelta(days=300)
    session.flush()
    assert ask_for_documents(session, today=TODAY + timedelta(days=299)) == 0
    assert ask_for_documents(session, today=job.end_date) == 2


def test_a_certificate_is_asked_for_where_the_form_demands_it_and_the_employer_signs(
    session, there
):
    there.placement.form = "work_practice"
    there.placement.end_date = there.placement.outcome = None
    there.placement.planned_end_date = TODAY + timedelta(days=10)
    session.flush()
    assert ask_for_documents(session, today=TODAY) == 1
    task = session.scalars(select(Task).where(Task.kind == "certificate")).one()
    assert task.due_on == TODAY + timedelta(days=10)
    there.placement.end_date, there.placement.outcome = TODAY, Outcome.COMPLETED
    row = there.do.offered(there.do.filled(DocumentKind.CERTIFICATE))
    with pytest.raises(Invalid):
        there.do.sign(row, "employer", signer_name=" ")
    there.do.sign(row, "employer")
    there.do.sign(row, "case_worker")
    assert (row.state, task.done_at) == (S.SIGNED, WHEN["now"])
    there.placement.outcome = Outcome.BECAME_JOB  # a job instead: no certificate is demanded
    session.flush()


words = st.sampled_from(["Gick bra.", "Vagn", "Packar varor", "Tyst rum", "", "Öva kassan"])
hurtful = st.sampled_from([ILL, "Har skulder.", "Går hos psykolog.", "Bor hemlös."])
lines = st.builds(Line, words | hurtful, st.sampled_from(["follow_up", "accommodation"]),
                  is_for_employer=st.booleans())  # fmt: skip
parts = st.tuples(
    st.sampled_from([*OWN, "accommodations", "summary", "tasks"]),
    st.lists(words | hurtful, max_size=4).map("\n".join),
    st.lists(lines, max_size=3),
)


@settings(max_examples=50)
@given(st.lists(parts, max_size=5, unique_by=lambda part: part[0]))
def test_whatever_is_written_the_employer_reads_nothing_of_health_or_her_own_parts(sections):
    copy = for_others(sections, to=GivenTo.EMPLOYER)
    said = [sentence for _code, sentences in copy for sentence in sentences]
    assert {code for code, _sentences in copy} & set(OWN) == set()
    assert not any(mentions_health(each) or mentions_social(each) for each in said)
    drafted = {code: drafted for code, _text, drafted in sections}
    for sentence in dict(copy).get("accommodations", []):
        said_of = [line for line in drafted["accommodations"] if line.text == sentence]
        assert said_of
        assert all(line.is_for_employer for line in said_of)


@given(st.lists(lines, max_size=4))
def test_what_was_proposed_is_kept_as_it_was(drafted):
    assert from_text(as_text(drafted)) == drafted


texts = st.text("abcåäö \n", max_size=20)


@given(st.tuples(texts, texts), st.tuples(texts, texts))
def test_the_mark_differs_when_any_word_does(one, other):
    def mark(pair):
        sections = [("a", pair[0]), ("b", pair[1])]
        return hash_of_all(FINAL, {"n": "x"}, sections, [])

    assert (mark(one) == mark(other)) == (one == other)


ACTS = ("begin", "write", "renew", "offer", "reopen", "participant", "case_worker", "drop")


@settings(
    max_examples=200 if SOAK else 5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.sampled_from(ACTS), min_size=4, max_size=9))
def test_no_sequence_of_acts_changes_what_was_signed_or_leaves_the_table(session, there, acts):
    """Whatever is tried in whatever order: one version open, and every signed word as it was."""
    point = session.begin_nested()
    try:
        states, signed = {}, {}
        for place, act in enumerate(["begin", "offer", "participant", "case_worker", *acts]):
            inner = session.begin_nested()
            try:
                _try(session, there, act, place)
                inner.commit()
            except (RuleViolation, NotFound, Invalid, Conflict):
                inner.rollback()
            session.expire_all()
            rows = desk.versions_of(session, there.key, FINAL)
            assert sum(row.state in desk.OPEN for row in rows) <= 1
            assert sum(row.state is S.SIGNED for row in rows) <= 1
            for row in rows:
                before = states.get(row.number, row.state)
                assert before is row.state or (before, row.state) in desk.TRANSITIONS
                states[row.number] = row.state
                if row.state in desk.STANDING:
                    words = (row.content_hash, row.facts, whole(row))
                    assert signed.setdefault(row.number, words) == words
                    assert desk.hash_with(row, desk.facts_as_kept(row)) == row.content_hash
    finally:
        point.rollback()
        session.expire_all()


def _try(session, there, act, place):
    rows = desk.versions_of(session, there.key, FINAL)
    row = rows[0] if rows else None
    if act == "begin":
        made = writing.begin(session, there.actor, there.key, FINAL, today=TODAY)
        there.do.write(made, "tasks", f"Diskar {place}")
    elif row is None:
        raise NotFound
    elif act == "write":
        there.do.write(row, "summary", f"Ord {place}")
    elif act == "renew":
        writing.renew(session, there.actor, there.key, FINAL, today=TODAY)
    elif act == "offer":
        there.do.offered(row)
    elif act in {"reopen", "drop"}:
        more = {"reason": "Fel"} if act == "drop" else {}
        rule = getattr(writing, act)
        rule(session, there.actor, there.key, FINAL, version=row.version, today=TODAY, **more)
    else:
        there.do.sign(row, act)
