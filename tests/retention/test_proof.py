"""What proves a deletion: the same numbers on paper, in a file and in the log, and no person."""

from __future__ import annotations

import hashlib
import io
import json
import re
from datetime import date, timedelta

import pikepdf
import pytest
from sqlalchemy import select

from matchsvc.accounts.models import AuditEvent, Role
from matchsvc.retention import holds, plans, proof, verifying
from matchsvc.retention.models import HoldReason, PlanState, RetentionPlan
from matchsvc.swedish import local_date
from tests.factories import TODAY, identity_number
from tests.pdf_bytes import all_bytes, text_of
from tests.retention.test_due import noted
from tests.retention.test_plans import JOB, NOW, approve, run

PLANTED = ("Zquxina", "Vörblinski", "zquxina@example.org", "0701740699", "hemlig skvallerröst")


@pytest.fixture
def clients(client_as, make, unit):
    return [client_as(make.user(Role.UNIT_MANAGER, unit=unit)) for _ in range(2)]


@pytest.fixture
def done(session, make, unit, manager, ended):
    """A finished list: one has gone, whose words were planted; one stayed."""
    given, family, email, phone, words = PLANTED
    number = identity_number(date(1985, 3, 6))
    person = ended(
        given_name=given, family_name=family, email=email, phone=phone, personal_id=number
    )
    note = noted(make, unit, person, date(2019, 12, 1))
    note.happened = words
    stays = ended()
    plan = plans.propose(session, manager, today=TODAY, now=NOW)
    approve(session, make.actor(Role.UNIT_MANAGER, unit=unit), plan)
    holds.set_hold(
        session, manager, stays.id, HoldReason.OTHER, PLANTED[4], date(2027, 1, 1), today=TODAY
    )
    ids = [str(each.id) for each in (person, stays)]
    planted = [*PLANTED, number, number[2:], person.alias, stays.alias, person.external_id, *ids]
    assert run(session) == 1
    session.commit()
    return plan, planted


def test_the_paper_is_tagged_says_the_numbers_and_is_the_same_each_time(clients, done):
    plan, _ = done
    first, second = (client.get(f"/retention/lists/{plan.id}/proof.pdf") for client in clients)
    assert first.status_code == 200
    assert first.data == second.data
    assert b"<pdfuaid:part>1</pdfuaid:part>" in first.data
    with pikepdf.open(io.BytesIO(first.data)) as opened:
        assert opened.Root.MarkInfo.Marked
        assert str(opened.Root.Lang).startswith("sv")
    text = "".join(text_of(first.data).split())
    for told in (
        "Protokollöverradering", "Raderadeakter1", "case_file", plan.proof_hash, plan.list_hash,
        "Stannade:Fårinteraderas:någonharsattstopp", str(plan.id), str(plan.approved_by_id),
    ):  # fmt: skip
        assert told in text, told


def test_nothing_of_anybody_is_in_the_paper_the_file_or_the_page(clients, done):
    plan, planted = done
    paper = clients[0].get(f"/retention/lists/{plan.id}/proof.pdf").data
    given = clients[0].get(f"/retention/lists/{plan.id}/proof.json").data
    page = clients[0].get(f"/retention/lists/{plan.id}").data
    held = all_bytes(paper) + given + page
    for word in planted:
        assert word not in text_of(paper)
        for form in (
            word.encode(),
            word.encode("utf-16-be"),
            word.encode("utf-16-be").hex().encode(),
        ):
            assert form not in held
            assert form.upper() not in held


def test_the_checksum_is_that_of_the_file_and_stands_in_the_log(session, clients, done):
    plan, _ = done
    given = clients[0].get(f"/retention/lists/{plan.id}/proof.json")
    assert hashlib.sha256(given.data).hexdigest() == plan.proof_hash
    assert given.json["deleted"] == 1
    (logged,) = session.scalars(
        select(AuditEvent).where(
            AuditEvent.object_id == str(plan.id), AuditEvent.action == "finish"
        )
    )
    assert logged.reason == f"sha256:{plan.proof_hash}"
    assert logged.actor == JOB.label


def test_a_changed_number_changes_the_checksum(done):
    plan, _ = done
    before = proof.proof_hash(plan)
    for name, value in (
        ("deleted", 2), ("rows", {"note": 9}), ("kept", {}), ("approved_at", NOW),
        ("backups_gone_on", TODAY), ("approved_by_id", plan.proposed_by_id),
    ):  # fmt: skip
        kept = getattr(plan, name)
        setattr(plan, name, value)
        assert (proof.proof_hash(plan) != before) == (kept != value)
        setattr(plan, name, kept)


def test_the_proof_says_when_the_backups_are_gone_as_it_was_decided_then(
    session, make, unit, clients, done
):
    plan, _ = done
    assert plan.backups_gone_on == local_date(NOW) + timedelta(days=35)
    make.setting("retention_backup_days", "90", unit)
    session.commit()
    assert (
        plan.backups_gone_on.isoformat() == json.loads(proof.proof_bytes(plan))["backups_gone_on"]
    )
    text = " ".join(text_of(clients[0].get(f"/retention/lists/{plan.id}/proof.pdf").data).split())
    assert (
        f"senast den {plan.backups_gone_on.day} " in text or str(plan.backups_gone_on.day) in text
    )
    assert "i högst 90 dagar" in clients[0].get("/retention/rules").text


def test_a_list_that_is_not_done_or_anothers_has_no_proof(session, make, client_as, clients, done):
    plan, _ = done
    stranger = client_as(make.user(Role.UNIT_MANAGER, unit=make.unit(name="Grannen")))
    assert stranger.get(f"/retention/lists/{plan.id}/proof.pdf").status_code == 404
    session.get_one(RetentionPlan, plan.id).state = PlanState.APPROVED
    session.commit()
    for kind in ("pdf", "json"):
        assert clients[0].get(f"/retention/lists/{plan.id}/proof.{kind}").status_code == 404


def test_the_laws_are_read_again_by_somebody_and_the_page_says_who(session, clients, make, unit):
    page = clients[0].get("/retention/rules").text
    assert "Lagarna lästes senast" in page
    form = clients[0].get(re.search(r'href="(/settings[^"]*retention)"', page)[1]).text
    assert "retention_verified_on" in form
    boss = make.setting("retention_verified_on", "2026-11-20", unit).made_by_id
    session.commit()
    found = verifying.verified(session, unit.id)
    assert (found.on, found.noted_at is not None) == (date(2026, 11, 20), True)
    assert session.get(type(make.user()), boss).name == found.by
    assert found.by in clients[0].get("/retention/rules").text


@pytest.mark.parametrize(
    ("today", "is_old"), [(date(2027, 4, 25), False), (date(2027, 4, 26), True)]
)
def test_after_a_year_somebody_has_to_read_them_again(today, is_old):
    assert verifying.needs_review(date(2026, 4, 25), today=today) is is_old


def test_the_warning_stands_on_the_overview_too(session, clients, make, unit):
    assert "inte kontrollerade på ett år" not in clients[0].get("/retention").text
    make.setting("retention_verified_on", "2020-01-01", unit)
    session.commit()
    for page in ("/retention", "/retention/rules"):
        assert "inte kontrollerade på ett år" in clients[0].get(page).text
