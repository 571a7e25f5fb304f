"""What a referral says: the fields, what of them is possible, and how they are kept (MAP-05)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, User, UserRole
from matchsvc.accounts.settings import several
from matchsvc.errors import N_, Invalid
from matchsvc.participants import programmes
from matchsvc.participants.admission import Criterion, FormalLevel
from matchsvc.participants.enrolment import Details, check_details, is_email, judge_details
from matchsvc.participants.models import BirthRegion, Sex
from matchsvc.participants.referral_models import Referral, ReferralState, Route
from matchsvc.swedish import contains_identity_number

#: What a referral may ask about beside the rest, switched on and off by the unit (MAP-05).
INTAKE: Mapping[str, str] = {
    "intake_address": N_("Adress, eller var personen kan nås"),
    "intake_permit": N_("Uppehållstillstånd sedan"),
    "intake_family": N_("Boende och familj"),
    "intake_education": N_("Utbildning"),
    "intake_work": N_("Arbetslivserfarenhet"),
    "intake_support": N_("Försörjningsstöd, sedan när"),
    "intake_af": N_("Inskriven hos Arbetsförmedlingen, sedan när"),
    "intake_swedish": N_("Svenska: kurs, nivå, skola och tider"),
    "intake_merits": N_("Körkort och andra meriter"),
    "intake_strengths": N_("Resurser och styrkor"),
    "intake_contacts": N_("Andra myndigheter, sedan när"),
    "intake_goals": N_("Mål på kort och lång sikt"),
    "intake_coordination": N_("Vad som behöver samordnas"),
    "intake_planning": N_("Aktuell planering"),
    "intake_debts": N_("Skulder"),
    "intake_criminal_record": N_("Domar och brott"),
    "intake_misuse": N_("Missbruk"),
}
#: What a complete referral holds, beside what the programme's rules ask.
CHECKS: Mapping[str, str] = {
    "name": N_("Namn saknas"),
    "identity": N_("Personnummer eller födelseår saknas"),
    "reason": N_("Skälet till remissen saknas"),
    "referrer": N_("Remittentens namn och organisation saknas"),
    "decision": N_("Beslutets nummer, dag eller lagrum saknas"),
}
_KEPT: tuple[str, ...] = (
    "given_name",
    "family_name",
    "personal_id",
    "birth_year",
    "birth_country",
    "phone",
)
_KEPT += ("email", "contact_language", "interpreter", "admission_reason")


@dataclass(frozen=True, slots=True)
class Content:
    """What a referral says.

    Attributes:
        route, received_on: how and when it came.
        details: the person, as for an enrolment; the day of enrolment is not read.
        reason: why she is referred, without health data.
        intake: answers by key of :data:`INTAKE`.
        referrer_name, referrer_org, referrer_email: who asks; none when she asks herself.
        decision_reference, decided_on, legal_basis: of the decision that it rests on.
        manager_id: who allocates it, for a person whose data are protected.
    """

    route: Route
    received_on: date
    details: Details
    reason: str = ""
    intake: Mapping[str, str] = field(default_factory=dict)
    referrer_name: str | None = None
    referrer_org: str | None = None
    referrer_email: str | None = None
    decision_reference: str | None = None
    decided_on: date | None = None
    legal_basis: str | None = None
    manager_id: UUID | None = None


def content_of(referral: Referral) -> Content:
    """What a referral says, read back."""
    told = json.loads(referral.content)
    level = told.get("formal_level")
    details = Details(
        sex=Sex(told["sex"]),
        birth_region=BirthRegion(told["birth_region"]),
        enrolled_on=referral.received_on,
        protected=referral.protected,
        programme_id=referral.programme_id,
        formal_level=FormalLevel(level) if level else None,
        answers={Criterion(code): said for code, said in told["answers"].items()},
        **{name: told[name] for name in _KEPT},
    )
    return Content(
        route=referral.route,
        received_on=referral.received_on,
        details=details,
        reason=told["reason"],
        intake=told["intake"],
        referrer_name=referral.referrer_name,
        referrer_org=referral.referrer_org,
        referrer_email=referral.referrer_email,
        decision_reference=referral.decision_reference,
        decided_on=referral.decided_on,
        legal_basis=referral.legal_basis,
        manager_id=referral.manager_id,
    )


def asked_fields(session: Session, unit_id: UUID | None) -> list[str]:
    """Keys of :data:`INTAKE` that the unit asks about. One query."""
    found = several(session, unit_id, *INTAKE)
    return [key for key in INTAKE if found[key] == "1"]


def check_content(
    session: Session, actor: Actor, unit_id: UUID, content: Content, *, today: date
) -> None:
    """Raise Invalid with every field that is not possible; what is missing is no fault here."""
    wrong = _faults_of_texts(content, today=today)
    asked = asked_fields(session, unit_id)
    wrong |= {
        name: N_("Enheten frågar inte om det här.") for name in content.intake if name not in asked
    }
    if content.manager_id is not None and not _is_manager(session, unit_id, content.manager_id):
        wrong["manager_id"] = N_("Välj en av enhetens chefer.")
    is_unseen = content.details.protected and content.manager_id is None
    if is_unseen and not actor.has_role(Role.UNIT_MANAGER):
        wrong["manager_id"] = N_("Välj den enhetschef som ska fördela remissen.")
    try:
        details = replace(content.details, enrolled_on=today)
        number = check_details(details, today=today)
        programmes.require_plain_reason(details.admission_reason, today=today)
        judge_details(session, unit_id, details, number)
    except Invalid as error:
        wrong |= error.fields
    if wrong:
        raise Invalid(wrong)


def _faults_of_texts(content: Content, *, today: date) -> dict[str, str]:
    wrong = {}
    if content.received_on > today:
        wrong["received_on"] = N_("Dagen har inte varit än. Skriv dagen då remissen kom.")
    if content.referrer_email and not is_email(content.referrer_email):
        wrong["referrer_email"] = N_("Skriv en e-postadress, till exempel samira@exempel.se.")
    for name, written in {"reason": content.reason, **content.intake}.items():
        if contains_identity_number(written, today=today):
            wrong[name] = N_("Skriv inga personnummer här.")
    return wrong


def _is_manager(session: Session, unit_id: UUID, user_id: UUID) -> bool:
    found = (
        select(User.id)
        .join(UserRole, UserRole.user_id == User.id)
        .where(User.id == user_id, User.unit_id == unit_id, User.is_active)
        .where(UserRole.role == Role.UNIT_MANAGER)
    )
    return session.scalar(found) is not None


def write_content(session: Session, referral: Referral, content: Content) -> None:
    """Put what was said into the row; the country of birth only where the programme asks."""
    details = content.details
    if not programmes.needs_country(session, details.programme_id, content.received_on):
        details = replace(details, birth_country=None)
    level = details.formal_level
    told: dict[str, Any] = {name: getattr(details, name) for name in _KEPT}
    told |= {
        "sex": details.sex.value,
        "birth_region": details.birth_region.value,
        "formal_level": level.value if level else None,
        "answers": {code.value: said for code, said in details.answers.items()},
        "reason": content.reason,
        "intake": dict(content.intake),
    }
    referral.content = json.dumps(told, ensure_ascii=False)
    referral.route, referral.received_on = content.route, content.received_on
    referral.protected, referral.programme_id = details.protected, details.programme_id
    for name in ("name", "org", "email"):
        is_self = content.route is Route.SELF
        value = None if is_self else getattr(content, f"referrer_{name}")
        setattr(referral, f"referrer_{name}", value)
    referral.decision_reference = content.decision_reference
    referral.decided_on, referral.legal_basis = content.decided_on, content.legal_basis
    referral.manager_id = content.manager_id


_LETTERS: Mapping[ReferralState, str] = {
    ReferralState.INCOMPLETE: (
        "Remissen behöver kompletteras innan vi kan gå vidare. Ring oss, så går vi igenom vad "
        "som saknas. Skicka inga personuppgifter i e-post."
    ),
    ReferralState.COMPLETE: "Remissen är komplett och väntar på att fördelas.",
    ReferralState.ALLOCATED: "Remissen har fått en handläggare som tar kontakt med personen.",
    ReferralState.ENROLLED: "Remissen har lett till en inskrivning. Handläggaren hör av sig.",
    ReferralState.DECLINED: "Vi kan inte ta emot remissen. Ring oss om du vill veta mer.",
    ReferralState.WITHDRAWN: "Remissen är återtagen och avslutad hos oss.",
}


def letter_of(referral: Referral) -> str | None:
    """What to tell the referrer, without a word about the person; None = nothing to tell."""
    if referral.route is Route.SELF or referral.state not in _LETTERS:
        return None
    came = f"Det gäller remiss {referral.number}, som kom {referral.received_on}."
    return f"Hej!\n\n{came}\n{_LETTERS[referral.state]}\n"
