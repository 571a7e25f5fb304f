"""A unit with two case workers and their people, and a plan to be changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from types import SimpleNamespace

import pytest

from matchsvc.accounts.models import Role
from matchsvc.diary import booking
from matchsvc.participants.consent_models import (
    Category,
    Consent,
    ConsentAnswer,
    ConsentScope,
)
from matchsvc.participants.consent_models import Party as ConsentParty
from matchsvc.participants.models import Capacity
from matchsvc.workday.meeting_plans import Guest, Plan
from matchsvc.workday.meeting_types import Party
from tests.factories import TODAY

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def unit(session, make):
    """People of one unit: lena and johan are case workers, mona is the manager."""
    lena = make.user(name="Lena Forsberg", email="lena@example.org")
    johan = make.user(name="Johan Ekdal", email="johan@example.org")
    mona = make.user(Role.UNIT_MANAGER, name="Mona Berg", email="mona@example.org")
    karin = make.user(Role.SUPERVISOR, name="Karin Sjö", email="karin@example.org")
    liaison = make.user(Role.EMPLOYER_LIAISON, name="Farid Ny", email="farid@example.org")
    samira = make.participant(lena, given_name="Samira", family_name="Haddad")
    hidden = make.participant(lena, given_name="Nora", family_name="Lind", protected=True)
    make.involve(hidden, lena, Capacity.PROTECTED_HANDLER)
    people = SimpleNamespace(
        lena=lena, johan=johan, mona=mona, karin=karin, liaison=liaison,
        samira=samira, hidden=hidden,
    )  # fmt: skip
    people.actor = {
        name: make.actor(user=getattr(people, name))
        for name in ("lena", "johan", "mona", "karin", "liaison")
    }
    return people


def plan(kind="mapping_talk", *people, **values):
    """A plan for these participants on the Tuesday after TODAY at ten."""
    guests = [Guest(Party.PARTICIPANT, person.id) for person in people]
    extra = tuple(values.pop("guests", ()))
    made = Plan(kind=kind, day=date(2026, 11, 24), at=time(10), guests=(*guests, *extra))
    return replace(made, **values)


AF = Guest(Party.AF, None, "Arbetsförmedlaren", "af@example.org")


@pytest.fixture
def book(session, unit):
    """``book("lena", plan(...))`` gives the first meeting that was booked."""

    def do(who, wanted, **values):
        defaults = {"today": TODAY, "now": NOW}
        booked = booking.book(session, unit.actor[who], wanted, **defaults | values)
        return booked if values.get("times", 1) > 1 else booked[0]

    return do


@pytest.fixture
def agree(session, unit):
    """``agree(participant, Party.AF)``: consented, until a day, to planning with that party."""

    def do(person, party, *, valid_until=date(2027, 6, 1)):
        row = Consent(
            participant_id=person.id,
            unit_id=person.unit_id,
            answer=ConsentAnswer.GIVEN,
            text_version="1",
            text_language="sv",
            content_hash="0",
            valid_from=TODAY,
            valid_until=valid_until,
            recorded_by_id=unit.lena.id,
            scopes=[ConsentScope(party=ConsentParty(party.value), category=Category.PLANNING)],
        )
        session.add(row)
        session.flush()
        return row

    return do
