"""Somebody's own page in the town: a link that works, and words that wait for an answer."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import rules as accounts
from matchsvc.own_page.corrections import say_correction
from matchsvc.own_page.models import CorrectionKind
from matchsvc.own_page.standing_link import make_link
from matchsvc.participants.cases import latest_case
from matchsvc.participants.models import Participant
from matchsvc.rights import records
from matchsvc.rights.models import How, RightKind
from matchsvc.rights.requests import Asked, register

#: The person whose story the pictures tell.
_NUMBER = 2041
_SAID = "Det står att jag slutade i köket. Restaurangen stängde, jag slutade inte själv."
_ASKED = "Ta bort det som står om min förra arbetsplats."
_WANTED = "Det som står om önskemål."


def show_own_pages(session: Session, *, today: date, now: datetime) -> None:
    """A link and a correction for one person; nothing in a town where she does not live."""
    person = session.scalar(select(Participant).where(Participant.number == _NUMBER))
    if person is None:
        return
    case = latest_case(session, person)
    if case.case_worker_id is None:
        return
    actor = accounts.actor_of(session, case.case_worker_id)
    make_link(session, actor, person.id, today=today, now=now)
    say_correction(session, actor, person.id, CorrectionKind.WRONG, _SAID, today=today, now=now)
    asked = Asked(RightKind.ERASURE, today, _ASKED)
    register(session, actor, person.id, asked, today=today)
    wanted = records.Wanted("wish", _WANTED, today, How.EMAIL)
    records.register(session, actor, person.id, wanted, today=today)
