"""What stands open keeps a file, is told by name, and leads to the page that closes it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from matchsvc.accounts.models import Role
from matchsvc.documents.models import DocumentKind, DocumentState, EndDocument
from matchsvc.errors import Conflict, RuleViolation
from matchsvc.messages.models import MessageState, OutboxMessage
from matchsvc.own_page.models import Correction, CorrectionKind
from matchsvc.participants import plan_signing
from matchsvc.participants.plan_models import Plan, PlanState
from matchsvc.placements.models import DecisionAuthority, Employment, EmploymentKind, Placement
from matchsvc.retention.due import KEPT_BECAUSE, find_due
from matchsvc.retention.models import HoldReason, LegalHold
from matchsvc.retention.open_things import KINDS
from matchsvc.retention.views import PLACES
from matchsvc.rights.models import AskedBy, How, RecordRequest, RightKind, RightsRequest
from matchsvc.tripartite.models import AgreementState, TripartiteAgreement
from matchsvc.workday.meeting_models import Meeting, MeetingPerson
from matchsvc.workday.meeting_types import Party
from matchsvc.workday.models import Task
from tests.factories import TODAY
from tests.retention.conftest import LONG_AGO

THEN = datetime(2019, 6, 3, 12, tzinfo=UTC)


class File:
    """Somebody's ended file, and what may be put into it."""

    def __init__(self, make, person):
        self.make, self.person, self.unit_id = make, person, person.unit_id
        make.session.refresh(person, ["cases"])
        self.user_id = make.user(unit=make.unit()).id

    def placement(self, **values):
        known = {
            "unit_id": self.unit_id, "external_id": f"L{len(values)}", "form": "sol_practice",
            "participant_id": self.person.id, "case_id": self.person.cases[0].id,
            "site_id": self.make.site().id, "begun_on": date(2019, 2, 4),
            "start_date": date(2019, 2, 4), "end_date": LONG_AGO, "outcome": "completed",
            "decision_authority": DecisionAuthority.NONE, "created_at": THEN,
        }  # fmt: skip
        return self.make.save(Placement(**known | values))

    def job(self, **values):
        known = {
            "unit_id": self.unit_id, "external_id": "A1", "participant_id": self.person.id,
            "case_id": self.person.cases[0].id, "site_id": self.make.site().id,
            "kind": EmploymentKind.EMPLOYMENT, "start_date": date(2019, 2, 4), "created_at": THEN,
        }  # fmt: skip
        return self.make.save(Employment(**known | values))

    def row(self, model, **values):
        return self.make.save(model(created_at=THEN, **values))

    def hers(self, model, **values):
        return self.row(model, unit_id=self.unit_id, participant_id=self.person.id, **values)


def hold(file):
    row = file.hers(
        LegalHold, reason=HoldReason.OTHER, words="Utredning", set_by_id=file.user_id,
        set_on=LONG_AGO, review_on=date(2027, 1, 1),
    )  # fmt: skip
    return row, row.id, {"lifted_on": TODAY}


def running(file):
    row = file.placement(end_date=None, outcome=None)
    return row, row.id, {"end_date": LONG_AGO}


def job(file):
    row = file.job(planned_end_date=LONG_AGO)
    return row, row.id, {"end_date": LONG_AGO}


def meeting(file):
    starts = datetime.combine(TODAY + timedelta(days=9), datetime.min.time(), UTC)
    row = file.row(
        Meeting, unit_id=file.unit_id, owner_id=file.user_id, kind="individual_talk",
        starts_at=starts, ends_at=starts + timedelta(hours=1), people=[], interpreters=[],
    )  # fmt: skip
    for position, ref_id in enumerate((file.person.id, file.make.participant(with_case=False).id)):
        file.make.save(
            MeetingPerson(
                meeting_id=row.id, position=position, party=Party.PARTICIPANT, ref_id=ref_id
            )
        )
    return row, row.id, {"cancelled_at": THEN}


def plan(file):
    row = file.hers(
        Plan, case_id=file.person.cases[0].id, number=1, goals="Ett jobb",
        written_by_id=file.user_id, sub_goals=[], measures=[],
    )  # fmt: skip
    return row, file.person.id, {"state": PlanState.DROPPED}


def agreement(file):
    placement = file.placement()
    row = file.row(
        TripartiteAgreement, unit_id=file.unit_id, placement_id=placement.id, number=1,
        state=AgreementState.APPROVAL, content="{}", terms="1", touched_on=LONG_AGO,
    )  # fmt: skip
    return row, placement.id, {"state": AgreementState.DROPPED}


def document(file, state):
    placement = file.placement()
    row = file.row(
        EndDocument, placement_id=placement.id, kind=DocumentKind.FINAL, number=1, state=state,
        sections=[], seen=[],
    )  # fmt: skip
    return row, placement.id, {"state": DocumentState.DROPPED}


def unsigned(file):
    return document(file, DocumentState.SIGNING)


def paper(file):
    return document(file, DocumentState.DRAFT)


def correction(file):
    row = file.hers(
        Correction, kind=CorrectionKind.WRONG, words="Det stämmer inte.", language="sv",
        said_at=THEN, recorded_by_id=file.user_id,
    )  # fmt: skip
    return row, file.person.id, {"answered_at": THEN}


def request(file):
    row = file.hers(
        RightsRequest, kind=RightKind.COPY, received_on=LONG_AGO, asked_by=AskedBy.HERSELF,
        asked_how=How.PHONE, words="Allt", due_on=LONG_AGO, handled_by_id=file.user_id,
    )  # fmt: skip
    return row, row.id, {"answered_on": LONG_AGO}


def record(file):
    row = file.hers(
        RecordRequest, asked_on=LONG_AGO, asked_how=How.EMAIL, wanted="Planen", table_name="plan",
        handled_by_id=file.user_id,
    )  # fmt: skip
    return row, row.id, {"decided_at": THEN}


def task(file):
    row = file.row(
        Task, unit_id=file.unit_id, owner_id=file.user_id, kind="own", words={},
        about_type="participant", about_id=file.person.id, due_on=LONG_AGO, origin="rule:x",
    )  # fmt: skip
    return row, row.id, {"dropped_at": THEN}


def message(file):
    row = file.row(
        OutboxMessage, unit_id=file.unit_id, kind="meeting_reminder", recipient="x@example.org",
        subject="Möte", message_id="<1@x>", cause_id=file.person.id, state=MessageState.UNCERTAIN,
    )  # fmt: skip
    return row, file.person.id, {"state": MessageState.SENT}


#: By code and page, as in KINDS.
OPEN = {
    ("hold", "hold"): hold, ("running", "placement"): running, ("job", "employment"): job,
    ("meeting", "meeting"): meeting, ("plan", "plan"): plan, ("agreement", "agreement"): agreement,
    ("unsigned", "document"): unsigned, ("paper", "document"): paper,
    ("correction", "correction"): correction, ("request", "request"): request,
    ("request", "record"): record, ("task", "task"): task, ("message", "message"): message,
}  # fmt: skip


def test_every_kind_has_words_an_address_and_a_test_here():
    assert {kind.code for kind in KINDS} <= set(KEPT_BECAUSE)
    assert {kind.place for kind in KINDS} <= set(PLACES)
    assert {(kind.code, kind.place) for kind in KINDS} == set(OPEN)


@pytest.mark.parametrize(("code", "place"), OPEN)
def test_it_keeps_the_file_leads_to_its_page_and_lets_go_when_closed(
    session, make, unit, manager, ended, client_as, code, place
):
    person = ended()
    file = File(make, person)
    row, key, closed = OPEN[code, place](file)
    (due,) = find_due(session, manager, today=TODAY)
    assert (due.kept_because, due.may_go) == ((code,), False)
    assert [(each.place, each.key) for each in due.open] == [(place, key)]
    session.commit()
    client = client_as(make.user([Role.UNIT_MANAGER, Role.CASE_WORKER], unit=unit))
    page = client.get("/retention")
    with client.application.test_request_context():
        address = PLACES[place](key)
    assert f'href="{address.replace("&", "&amp;")}"' in page.text
    assert client.get(address).status_code in {200, 403}  # a page that is, and asks whose it is
    for field, value in closed.items():
        setattr(row, field, value)
    session.flush()
    (due,) = find_due(session, manager, today=TODAY)
    assert due.may_go


@pytest.mark.parametrize(
    ("values", "keeps"),
    [
        ({"begun_on": None, "start_date": date(2027, 1, 4), "end_date": None}, True),
        ({"begun_on": None, "called_off_on": LONG_AGO, "end_date": None}, False),
        ({"end_date": TODAY}, True),
        ({}, False),
    ],
)
def test_a_placement_keeps_until_it_has_ended_or_was_called_off(
    session, make, ended, manager, values, keeps
):
    File(make, ended()).placement(**{"outcome": None} | values)
    found = find_due(session, manager, today=TODAY, by=TODAY.replace(year=2040))
    assert [due.kept_because for due in found] == [("running",) if keeps else ()]


@pytest.mark.parametrize(
    ("values", "keeps"),
    [
        ({}, False),  # until further notice: nobody notes when it ends
        ({"start_date": date(2027, 1, 4)}, True),
        ({"planned_end_date": LONG_AGO}, True),
        ({"planned_end_date": LONG_AGO, "end_date": LONG_AGO}, False),
        ({"end_date": date(2027, 1, 4)}, True),
    ],
)
def test_a_job_keeps_while_an_end_is_to_come_or_to_be_noted(
    session, make, ended, manager, values, keeps
):
    File(make, ended()).job(**values)
    found = find_due(session, manager, today=TODAY, by=TODAY.replace(year=2040))
    assert [due.kept_because for due in found] == [("job",) if keeps else ()]


def test_a_meeting_that_has_been_keeps_nothing(session, make, ended, manager):
    row, _, _ = meeting(File(make, ended()))
    row.starts_at, row.ends_at = THEN, THEN + timedelta(hours=1)
    session.flush()
    (due,) = find_due(session, manager, today=TODAY)
    assert due.may_go


def test_what_hangs_on_a_row_that_was_merged_into_hers_keeps_her(session, make, ended, manager):
    person, other = ended(), ended()
    other.merged_into_id = person.id
    session.flush()
    _, key, _ = correction(File(make, other))
    (due,) = [each for each in find_due(session, manager, today=TODAY) if each.open]
    assert (due.participant.id, due.open[0].key) == (person.id, person.id)
    assert key == other.id


def test_a_plan_of_an_ended_case_is_dropped_by_her_own_worker_and_of_an_open_one_is_not(
    session, make, unit, ended, client_as
):
    worker = make.user(unit=unit)
    person = ended()
    make.involve(person, worker)
    row, _, _ = plan(File(make, person))
    actor = make.actor(user=worker)
    with pytest.raises(Conflict):
        plan_signing.drop_plan(session, actor, person.id, version=row.version + 1, today=TODAY)
    session.commit()
    client = client_as(worker)
    address = f"/participants/{person.id}/plan"
    assert "Planen är inte undertecknad" in client.get(address).text
    done = client.post(f"{address}/drop", data={"version": row.version}, follow_redirects=True)
    assert "Planen blir inte undertecknad." in done.text
    session.refresh(row)
    assert row.state is PlanState.DROPPED
    with pytest.raises(RuleViolation):
        plan_signing.drop_plan(session, actor, person.id, version=row.version, today=TODAY)
    make.case(person)
    with pytest.raises(RuleViolation) as refused:
        plan_signing.drop_plan(session, actor, person.id, version=row.version, today=TODAY)
    assert refused.value.code == "case_open"
