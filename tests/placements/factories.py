"""Builders for placements: a whole start in one call, through the rules."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

from matchsvc.accounts.models import Role
from matchsvc.placements.limits import Plan
from matchsvc.placements.models import DecisionAuthority
from matchsvc.placements.starting import start_placement
from tests.factories import TODAY

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
URL = "https://stod.example.org"


def world(make, **participant):
    """A participant with her case worker and supervisor, and a workplace with its liaison."""
    worker = make.user(Role.CASE_WORKER, name="Johan Ekdal")
    liaison = make.user(Role.EMPLOYER_LIAISON, name="Maja Lindqvist", phone="+46701740615")
    supervisor = make.user(Role.SUPERVISOR, name="Karin Sjöholm")
    samira = make.participant(worker, **participant)
    employer = make.employer(owner_id=liaison.id)
    return SimpleNamespace(
        worker=worker,
        liaison=liaison,
        supervisor=supervisor,
        participant=samira,
        employer=employer,
        site=make.site(employer),
        contact=make.contact(employer),
        actor=make.actor(user=worker),
    )


def plan(there, **values):
    """A plan that nothing stands in the way of, unless told otherwise."""
    defaults = {
        "participant_id": there.participant.id,
        "site_id": there.site.id,
        "form": "work_training",
        "start_date": TODAY,
        "planned_end_date": date(2027, 2, 26),
        "decision_authority": DecisionAuthority.AF,
        "decision_ref": "AF 2026/118",
        "decision_from": TODAY,
        "decision_to": date(2027, 5, 22),
        "purpose": "Pröva köksarbete och öka timmarna.",
        "hours_start": 15,
        "hours_goal": 25,
        "supervisor_id": there.supervisor.id,
        "contact_id": there.contact.id,
    }
    return Plan(**defaults | values)


def started(session, make, *, today=TODAY, there=None, **values):
    """A world with its placement as ``there.placement``."""
    there = there or world(make)
    there.placement = start_placement(
        session, there.actor, plan(there, **values), today=today, now=NOW
    )
    return there
