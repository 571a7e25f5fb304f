"""Requests under the law: one month, two more with a reason, one answer, who sees what."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from matchsvc.accounts.models import AuditEvent
from matchsvc.errors import Conflict, Invalid, NotFound, Refused, RuleViolation
from matchsvc.participants import consent_words
from matchsvc.participants.consent_models import (
    BY_RIGHT,
    Category,
    Disclosure,
    DisclosureRule,
    Party,
)
from matchsvc.participants.consent_schemas import SCOPES
from matchsvc.participants.disclosures import RIGHT_OF, Told, disclose, list_disclosures
from matchsvc.participants.protection import protect
from matchsvc.rights import requests, restriction
from matchsvc.rights.models import Decision, How, RestrictionGround, RightKind
from matchsvc.swedish import add_months
from matchsvc.workday.models import Task
from tests.factories import identity_number


def ask(session, desk, clock, kind=RightKind.ERASURE, **changes):
    given = {"kind": kind, "received_on": clock["today"], "words": "Ta bort allt om mig."} | changes
    return requests.register(
        session, desk.actor, desk.samira.id, requests.Asked(**given), today=clock["today"]
    )


def answer(session, actor, row, clock, decision=Decision.REFUSED, **changes):
    given = {"answer": "Vi behöver det.", "answered_how": How.LETTER} | changes
    return requests.answer(
        session, actor, row.id, requests.Answer(decision, **given), version=None, **clock
    )


def test_a_request_is_due_a_month_after_it_came_and_whoever_handles_it_has_a_task(
    session, desk, clock
):
    came = clock["today"] - timedelta(days=3)
    row = ask(session, desk, clock, received_on=came)
    assert row.due_on == add_months(came, 1)
    task = session.scalar(select(Task))
    assert (task.kind, task.owner_id, task.due_on) == (
        "rights_request", desk.johan.id, row.due_on,
    )  # fmt: skip
    assert task.words == {}  # nobody is named in a task that the whole unit may see
    stored = session.execute(text("select words from rights_request")).scalar_one()
    assert "allt om mig" not in stored


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"words": "  "}, "words"),
        ({"words": f"Det gäller {identity_number()}"}, "words"),
    ],
)
def test_what_cannot_be_registered_says_where(session, desk, clock, changes, field):
    with pytest.raises(Invalid) as refused:
        ask(session, desk, clock, **changes)
    assert field in refused.value.fields
    with pytest.raises(Invalid):
        ask(session, desk, clock, received_on=clock["today"] + timedelta(days=1))


def test_time_is_prolonged_once_with_a_reason_within_the_first_month(session, desk, clock):
    row = ask(session, desk, clock)

    def prolong(reason, **when):
        return requests.prolong(session, desk.actor, row.id, reason, version=None, **clock | when)

    with pytest.raises(Invalid):
        prolong(" ")
    prolong("Många handlingar ska läsas igenom.")
    assert row.due_on == add_months(row.received_on, 3)
    open_tasks = session.scalars(select(Task).where(Task.done_at.is_(None))).all()
    assert [task.due_on for task in open_tasks] == [row.due_on]
    with pytest.raises(RuleViolation):
        prolong("En gång till.")
    late = ask(session, desk, clock, received_on=clock["today"] - timedelta(days=40))
    with pytest.raises(RuleViolation, match="Månaden har gått"):
        requests.prolong(session, desk.actor, late.id, "Hann inte.", version=None, **clock)


def test_an_answer_closes_the_request_and_its_task_and_comes_once(session, desk, clock):
    row = ask(session, desk, clock)
    with pytest.raises(Conflict):
        requests.answer(
            session, desk.actor, row.id, requests.Answer(Decision.REFUSED, "Nej.", How.PHONE),
            version=99, **clock,
        )  # fmt: skip
    answer(session, desk.actor, row, clock)
    assert (row.decision, row.answered_on) == (Decision.REFUSED, clock["today"])
    assert session.scalar(select(Task)).done_at is not None
    with pytest.raises(RuleViolation):
        answer(session, desk.actor, row, clock)


def test_an_objection_is_flagged_until_it_is_weighed_and_refused(session, desk, clock):
    row = ask(session, desk, clock, RightKind.OBJECTION)
    assert desk.samira.objected_on == clock["today"]
    with pytest.raises(Invalid) as refused:
        answer(session, desk.actor, row, clock)
    assert "balance" in refused.value.fields
    answer(session, desk.actor, row, clock, balance="Skyldigheten att dokumentera väger tyngre.")
    assert desk.samira.objected_on is None
    heard = ask(session, desk, clock, RightKind.OBJECTION)
    answer(session, desk.actor, heard, clock, Decision.GRANTED)
    assert desk.samira.objected_on == clock["today"]  # seen for good by whoever works with her


def test_only_her_own_worker_reads_it_and_the_manager_sees_that_it_is_late(session, desk, clock):
    row = ask(session, desk, clock, received_on=clock["today"] - timedelta(days=40))
    with pytest.raises(Refused):
        requests.get_request(session, desk.manager, row.id, today=clock["today"])
    (line,) = requests.list_register(session, desk.manager, today=clock["today"])
    assert (line.alias, line.is_own) == (desk.samira.alias, False)
    assert line.request.due_on < clock["today"]
    assert requests.list_register(session, desk.colleague, today=clock["today"]) == []
    (own,) = requests.list_register(session, desk.actor, today=clock["today"])
    assert own.is_own


def test_of_a_protected_person_nobody_else_knows_that_anything_was_asked(session, desk, clock):
    row = ask(session, desk, clock)
    protect(session, desk.actor, desk.samira.id, today=clock["today"])
    for reader in (desk.manager, desk.colleague):
        assert requests.list_register(session, reader, today=clock["today"]) == []
        with pytest.raises(NotFound):
            requests.get_request(session, reader, row.id, today=clock["today"])
    (line,) = requests.list_register(session, desk.actor, today=clock["today"])
    assert line.is_own


def test_a_copy_that_is_handed_over_was_read_first_never_mailed_and_answers_her_request(
    session, desk, clock
):
    row = ask(session, desk, clock, RightKind.COPY)

    form_id = uuid4()

    def hand_over(how, read=True):
        return requests.hand_over(
            session, desk.actor, desk.samira.id, how, read_through=read, form_id=form_id, **clock
        )

    with pytest.raises(Invalid):
        hand_over(How.IN_PERSON, read=False)
    with pytest.raises(Invalid):
        hand_over(How.EMAIL)
    protect(session, desk.actor, desk.samira.id, today=clock["today"])
    with pytest.raises(Invalid):
        hand_over(How.LETTER)
    assert hand_over(How.IN_PERSON) == [row]
    session.commit()
    told = select(AuditEvent).where(
        AuditEvent.action == "disclose", AuditEvent.object_type == "own_copy"
    )
    assert session.scalars(told).one().fields == ["in_person"]
    assert hand_over(How.IN_PERSON) == []  # the same form once more
    (given,) = list_disclosures(session, desk.actor, desk.samira.id, today=clock["today"])
    assert (given.party, given.rule) == (Party.HERSELF, DisclosureRule.OWN_ACCESS)


def test_a_copy_given_during_a_restriction_stands_among_what_was_told_of_her(
    client_as, session, desk, clock
):
    why = restriction.Restricted(RestrictionGround.ACCURACY, "Utreds.")
    restriction.restrict(session, desk.actor, desk.samira.id, why, today=clock["today"])
    client = client_as(desk.johan)
    page = client.get(f"{desk.path}/copy").text
    form_id = re.search(r'name="form_id" value="([^"]+)"', page)[1]
    data = {"handed_how": "in_person", "read_through": "1", "form_id": form_id}
    for _sent_twice in range(2):
        assert client.post(f"{desk.path}/copy", data=data).status_code == 303
    rows = select(Disclosure).where(Disclosure.participant_id == desk.samira.id)
    assert session.scalars(rows).one().recipient == "Vid ett möte"
    assert "Kopia av allt som finns sparat" in client.get(f"{desk.path}/copy").text


def test_what_is_given_by_right_is_noted_by_no_other_form_and_in_no_consent(session, desk, clock):
    for party, rule in RIGHT_OF.items():
        told = Told(party, "Den som bad", Category.RECORD, "Läsa", rule, uuid4())
        with pytest.raises(Invalid) as refused:
            disclose(session, desk.actor, desk.samira.id, told, **clock)
        assert set(refused.value.fields) == {"party", "rule"}
    assert not any(party in BY_RIGHT for party, _category in SCOPES.values())
    assert set(Party) == set(consent_words.TOLD_TO)
    assert set(DisclosureRule) == set(consent_words.TOLD_BY)
    assert set(Category) == set(consent_words.TOLD_OF)


def test_the_page_keeps_what_was_typed_when_it_refuses(client_as, session, desk, clock):
    client = client_as(desk.johan)
    answer = client.post(
        desk.path,
        data={
            "kind": "copy", "words": "Jag vill se allt", "received_on": "2199-01-01",
            "asked_by": "herself", "asked_how": "in_person",
        },
    )  # fmt: skip
    assert answer.status_code == 422
    assert "Jag vill se allt" in answer.text
    saved = client.post(
        desk.path,
        data={
            "kind": "copy", "words": "Jag vill se allt", "received_on": str(clock["today"]),
            "asked_by": "herself", "asked_how": "in_person",
        },
    )  # fmt: skip
    assert saved.status_code == 303
    assert "Jag vill se allt" in client.get(saved.location).text
    assert desk.samira.alias in client.get("/rights").text
