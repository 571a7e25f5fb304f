"""The town's referrals: people who are not enrolled yet, each waiting for another thing."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import rules as accounts
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.demo.lots import days
from matchsvc.participants.enrolment import Details
from matchsvc.participants.models import BirthRegion, Sex
from matchsvc.participants.referral_content import Content
from matchsvc.participants.referral_models import Route
from matchsvc.participants.referrals import allocate_referral, check_referral, note_referral

_AF = (Route.EMPLOYMENT_SERVICE, "Anders Sund", "Arbetsförmedlingen")
_SOCIAL = (Route.SOCIAL_SERVICES, "Ulla Ek", "Ekonomiskt bistånd")
_SELF = (Route.SELF, None, None)
#: Days ago, from where, names, year of birth, why.
_TOLD = (
    (9, _AF, "Parisa", "Sjögren", 1983, "Vill tillbaka till arbete i kök efter några år hemma."),
    (4, _SOCIAL, "Hodan", "Lindgren", 1990, "Behöver en plats där svenskan får växa."),
    (2, _SELF, "Olena", "Åberg", 1978, "Har sytt hela livet och vill arbeta med det."),
    (1, _AF, "Rosa", "Nyström", 1969, ""),
)


def note_referrals(session: Session, *, today: date) -> None:
    """One just noted, one that lacks something, one complete, one given to a case worker."""
    manager, worker = (_first(session, role) for role in (Role.UNIT_MANAGER, Role.CASE_WORKER))
    if manager is None or worker is None:
        return
    actor = accounts.actor_of(session, manager.id)
    made = []
    for ago, (route, name, org), given, family, year, reason in _TOLD:
        details = Details(
            sex=Sex.WOMAN,
            birth_region=BirthRegion.OUTSIDE_EUROPE,
            enrolled_on=today,
            given_name=given,
            family_name=family,
            birth_year=year,
        )
        said = Content(
            route, today - days(ago), details, reason, referrer_name=name, referrer_org=org
        )
        made.append(note_referral(session, actor, said, today=today))
    first, second, third, _ = made
    for each in (first, second, third):
        check_referral(session, actor, each.id, version=None, today=today)
    allocate_referral(session, actor, third.id, worker.id, version=None, today=today)


def _first(session: Session, role: Role) -> User | None:
    found = select(User).join(UserRole, UserRole.user_id == User.id).where(UserRole.role == role)
    return session.scalars(found.order_by(User.sort_key)).first()
