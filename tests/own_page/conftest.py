"""Somebody with a case worker, and meetings from now on."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest

from matchsvc import db
from matchsvc.swedish import local_date
from matchsvc.workday.meeting_models import Meeting, MeetingPerson
from matchsvc.workday.meeting_types import Party


@pytest.fixture
def desk(make, session):
    """Johan and his participant Samira, whom others of the unit do not work with."""
    johan = make.user(name="Johan Ekdal", phone="+46701740605")
    samira = make.participant(johan, given_name="Samira", family_name="Haddad")
    return SimpleNamespace(
        johan=johan,
        samira=samira,
        actor=make.actor(user=johan),
        other=make.actor(name="Lena Forsberg"),
        path=f"/participants/{samira.alias}/own-page",
    )


@pytest.fixture
def clock():
    """``now`` and ``today``, as rules want them."""
    now = db.utcnow()
    return {"now": now, "today": local_date(now)}


@pytest.fixture
def meet(make, desk):
    """``meet(days=2)``: Samira and Johan meet, about something that is nobody else's business."""

    def do(*others, days=2, person=None, **values):
        starts = db.utcnow().replace(microsecond=0) + timedelta(days=days)
        defaults = {
            "unit_id": desk.samira.unit_id,
            "owner_id": desk.johan.id,
            "kind": "mapping_talk",
            "starts_at": starts,
            "ends_at": starts + timedelta(minutes=60),
            "place": "Storgatan 4",
        }
        meeting = make.save(Meeting(**defaults | values))
        for position, each in enumerate([person or desk.samira, *others]):
            make.save(
                MeetingPerson(
                    id=uuid4(),
                    meeting_id=meeting.id,
                    position=position,
                    party=Party.PARTICIPANT,
                    ref_id=each.id,
                )
            )
        return meeting

    return do
