"""Builders for placements: a whole start in one call, through the rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

from matchsvc.accounts.models import Role
from matchsvc.employers.models import Bar
from matchsvc.employers.network_models import BarCheck
from matchsvc.placements.checklist import CHECKLIST
from matchsvc.placements.facts import Facts
from matchsvc.placements.limits import Plan
from matchsvc.placements.models import DecisionAuthority
from matchsvc.placements.starting import start_placement
from tests.factories import TODAY

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
URL = "https://stod.example.org"


def look_for_bars(make, employer, by, *, on=TODAY):
    """Somebody has looked whether anybody may be placed with an employer, and found nothing."""
    make.session.add(
        BarCheck(
            employer_id=employer.id,
            checked_on=on,
            by_id=by.id,
            looked_for=[bar.value for bar in Bar],
            source="Bolagsverket",
        )
    )
    make.session.flush()


def facts(before=TODAY, **values):
    """What is noted before a start so that nothing stops it."""
    known = {
        "union_asked_on": before - timedelta(days=10),
        "union_answered_on": before - timedelta(days=5),
        "union_opinion": "Inget att invända.",
        "insurance_noted_on": before - timedelta(days=5),
    }
    return Facts(**known | values)


def world(make, **participant):
    """A participant with her case worker and supervisor, and a workplace with its liaison.

    Somebody has looked for bars on the employer.
    """
    worker = make.user(Role.CASE_WORKER, name="Johan Ekdal")
    liaison = make.user(Role.EMPLOYER_LIAISON, name="Maja Lindqvist", phone="+46701740615")
    supervisor = make.user(Role.SUPERVISOR, name="Karin Sjöholm")
    samira = make.participant(worker, **participant)
    employer = make.employer(owner_id=liaison.id)
    look_for_bars(make, employer, liaison)
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
    """A plan that nothing stands in the way of or stops on its day, unless told otherwise."""
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
        "facts": facts(min(TODAY, values.get("start_date", TODAY))),
        "prepared": frozenset(CHECKLIST),
    }
    return Plan(**defaults | values)


def started(session, make, *, today=TODAY, there=None, **values):
    """A world with its placement as ``there.placement``."""
    there = there or world(make)
    if values.get("start_date", today) < TODAY:
        look_for_bars(make, there.employer, there.liaison, on=values["start_date"])
    there.placement = start_placement(
        session, there.actor, plan(there, **values), today=today, now=NOW
    )
    return there
