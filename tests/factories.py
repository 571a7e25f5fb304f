"""Build rows for tests: every argument has a plausible default, override what matters."""

from __future__ import annotations

import itertools
from datetime import date

from sqlalchemy import select

from matchsvc import db
from matchsvc.accounts import rules as accounts
from matchsvc.accounts.actors import command_actor
from matchsvc.accounts.models import Area, Role, Unit, UnitSetting, User, UserRole
from matchsvc.employers.models import (
    Contact,
    Contribution,
    Employer,
    EmployerType,
    Importance,
    Offer,
    OfferStatus,
    Requirement,
    Site,
)
from matchsvc.participants.mapping_models import MappingSummary, SummaryState
from matchsvc.participants.models import (
    BirthRegion,
    Capacity,
    Case,
    Competence,
    Involvement,
    LearnedWhere,
    Participant,
    Rung,
    Sex,
    Wish,
)
from matchsvc.swedish import check_digit, sort_key

_count = itertools.count(1)
TODAY = date(2026, 11, 23)  # a Monday
COMMAND = command_actor("tester")


def identity_number(birth: date = date(1985, 3, 12), number: int | None = None) -> str:
    """Twelve digits of the tax agency's test series (birth number 980-999, 238, 239)."""
    birth_number = 980 + (next(_count) if number is None else number) % 20
    ten = f"{birth:%y%m%d}{birth_number}"
    return f"{birth:%Y%m%d}{birth_number}{check_digit(ten)}"


class Make:
    """Builders on one session."""

    def __init__(self, session):
        self.session = session

    def save(self, row):
        self.session.add(row)
        self.session.flush()
        return row

    def unit(self, **values):
        """The default unit, or another when named."""
        if not values:
            return accounts.ensure_default_unit(self.session)
        return self.save(Unit(**{"sort_key": sort_key(values["name"])} | values))

    def setting(self, key, value, unit=None):
        """What a unit has said itself, as settings.change writes it."""
        unit = unit or self.unit()
        said = UnitSetting.unit_id == unit.id, UnitSetting.key == key
        number = 1 + len(list(self.session.scalars(select(UnitSetting).where(*said))))
        row = UnitSetting(unit_id=unit.id, key=key, number=number, value=value, reason="Prövar")
        row.made_by_id, row.made_at = self.user(Role.UNIT_MANAGER, unit=unit).id, db.utcnow()
        return self.save(row)

    def area(self, name="Centrum", unit=None):
        unit = unit or self.unit()
        known = self.session.scalar(select(Area).where(Area.unit_id == unit.id, Area.name == name))
        return known or self.save(Area(unit_id=unit.id, name=name, sort_key=sort_key(name)))

    def user(self, role=Role.CASE_WORKER, **values):
        number = next(_count)
        name = values.pop("name", f"Person {number}")
        unit = values.pop("unit", None) or self.unit()
        roles = role if isinstance(role, list | tuple) else [role]
        defaults = {
            "email": f"person{number}@example.org",
            "name": name,
            "sort_key": sort_key(name),
            "unit_id": unit.id,
        }
        user = User(**defaults | values)
        user.roles = [UserRole(role=each) for each in roles]
        return self.save(user)

    def actor(self, role=Role.CASE_WORKER, user=None, **values):
        user = user or self.user(role, **values)
        return accounts.actor_of(self.session, user.id)

    def participant(self, case_worker=None, *, with_case=True, **values):
        """A woman born outside Europe with an open case, unless told otherwise."""
        number = next(_count)
        unit = values.pop("unit", None) or self.unit()
        family = values.get("family_name", f"Berg{number}")
        defaults = {
            "unit_id": unit.id,
            "external_id": f"P{number}",
            "number": 2000 + number,
            "given_name": "Samira",
            "family_name": family,
            "sort_key": sort_key(f"{family} {values.get('given_name', 'Samira')}"),
            "sex": Sex.WOMAN,
            "birth_region": BirthRegion.OUTSIDE_EUROPE,
            "birth_year": 1985,
        }
        participant = self.save(Participant(**defaults | values))
        if with_case:
            self.case(participant, case_worker=case_worker)
        if case_worker is not None:
            self.involve(participant, case_worker, Capacity.CASE_WORKER)
        return participant

    def case(self, participant, case_worker=None, **values):
        defaults = {
            "participant_id": participant.id,
            "unit_id": participant.unit_id,
            "case_worker_id": case_worker.id if case_worker else None,
            "enrolled_on": date(2026, 8, 10),
        }
        return self.save(Case(**defaults | values))

    def involve(self, participant, user, capacity=Capacity.CASE_WORKER, **values):
        return self.save(
            Involvement(participant_id=participant.id, user_id=user.id, capacity=capacity, **values)
        )

    def wish(self, participant, own_words="Jag vill laga mat.", **values):
        defaults = {"recorded_on": date(2026, 8, 26)}
        return self.save(
            Wish(participant_id=participant.id, own_words=own_words, **defaults | values)
        )

    def signed_mapping(self, participant, body="Kan laga mat till många. Orkar halva dagar."):
        """A signed summary of the mapping in the participant's latest case."""
        case = self.session.scalars(
            select(Case).where(Case.participant_id == participant.id).order_by(Case.enrolled_on)
        ).all()[-1]
        return self.save(
            MappingSummary(
                participant_id=participant.id,
                case_id=case.id,
                unit_id=participant.unit_id,
                number=1,
                state=SummaryState.SIGNED,
                body=body,
                written_by_id=case.case_worker_id or self.user().id,
                reviewed_on=TODAY,
                signed_on=TODAY,
            )
        )

    def competence(self, participant, concept_id, **values):
        defaults = {"learned_where": LearnedWhere.UNPAID_HOME, "rung": Rung.CLAIMED}
        return self.save(
            Competence(participant_id=participant.id, concept_id=concept_id, **defaults | values)
        )

    def employer(self, **values):
        number = next(_count)
        name = values.get("name", f"Kvarnköket {number}")
        unit = values.pop("unit", None) or self.unit()
        defaults = {
            "unit_id": unit.id,
            "external_id": f"A{number}",
            "name": name,
            "sort_key": sort_key(name),
            "type": EmployerType.PRIVATE,
        }
        return self.save(Employer(**defaults | values))

    def site(self, employer=None, **values):
        employer = employer or self.employer()
        number = next(_count)
        name = values.get("name", employer.name)
        defaults = {
            "employer_id": employer.id,
            "external_id": f"S{number}",
            "name": name,
            "sort_key": sort_key(name),
        }
        return self.save(Site(**defaults | values))

    def contact(self, employer, **values):
        defaults = {"name": "Petra Holm", "sort_key": "holm petra", "email": "petra@example.org"}
        return self.save(Contact(employer_id=employer.id, **defaults | values))

    def offer(self, site=None, *, required=(), merits=(), **values):
        """An open offer; requirements are given as concept ids."""
        site = site or self.site()
        number = next(_count)
        employer = self.session.get(Employer, site.employer_id)
        title = values.get("title", "Köksbiträde")
        defaults = {
            "unit_id": employer.unit_id,
            "external_id": f"E{number}",
            "site_id": site.id,
            "title": title,
            "sort_key": sort_key(title),
            "tasks": "Laga lunch till åttio personer.",
            "contribution": Contribution.EXPERIENCE,
            "forms": [],
            "places": 2,
            "hours_start": 15,
            "hours_max": 25,
            "status": OfferStatus.OPEN,
        }
        offer = self.save(Offer(**defaults | values))
        asked = [(c, Importance.REQUIRED) for c in required]
        asked += [(c, Importance.MERIT) for c in merits]
        for position, (concept_id, importance) in enumerate(asked):
            self.save(
                Requirement(
                    offer_id=offer.id,
                    concept_id=concept_id,
                    importance=importance,
                    purpose="Behövs varje dag.",
                    position=position,
                )
            )
        return offer
