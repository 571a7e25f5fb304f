"""The one question of the year to an employer's contact (EMP-11): has your view changed?

A liaison sends it with a button, or the daily job in the month that the unit has chosen (none, as
long as nobody chooses). Each contact is asked once a calendar year, by a link of its own, and never
after a no to questions. Staff see that it was answered, never what: answers are only counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor, job_actor, link_actor
from matchsvc.accounts.models import Unit
from matchsvc.accounts.settings import numbers_by_unit, several
from matchsvc.employers.access import EDITORS
from matchsvc.employers.models import (
    Contact,
    Employer,
    EmployerStatus,
    Interaction,
    YearlyQuestion,
)
from matchsvc.employers.register_reads import get_employer
from matchsvc.employers.yearly_words import ANSWERS, QUESTIONNAIRE
from matchsvc.errors import N_, NotFound, RuleViolation
from matchsvc.messages.links import create_link, links_about, mark_answered, revoke_link
from matchsvc.messages.models import LinkKind, SignedLink
from matchsvc.messages.outbox import queue_message
from matchsvc.swedish import add_months, format_phone, local_date

PURPOSE = "yearly_question"
_NOT_ASKED = (EmployerStatus.DO_NOT_CONTACT, EmployerStatus.LOST)
_SAID = ("display_name", "letter_greeting", "letter_signature", "smallest_count")


@dataclass(frozen=True, slots=True)
class Asked:
    """This year's question to a contact of an employer; not what was answered.

    Attributes:
        contact: whom.
        sent_on: when it was asked this year, or None.
        is_answered: whether there is an answer.
        may_be_asked: asking is possible now.
    """

    contact: Contact
    sent_on: date | None
    is_answered: bool
    may_be_asked: bool


def list_asked(session: Session, employer: Employer, *, today: date) -> list[Asked]:
    """This year's question by contact, those with an address. Two queries; asks no right."""
    contacts = session.scalars(
        _askable_contacts().where(Contact.employer_id == employer.id).order_by(Contact.sort_key)
    ).all()
    asked = {
        row.contact_id: row
        for row in session.scalars(
            select(YearlyQuestion).where(
                YearlyQuestion.employer_id == employer.id, YearlyQuestion.year == today.year
            )
        )
    }
    is_reachable = employer.status not in _NOT_ASKED
    return [
        Asked(
            each,
            asked[each.id].sent_on if each.id in asked else None,
            each.id in asked and asked[each.id].answered_at is not None,
            is_reachable and each.id not in asked and each.no_questions_since is None,
        )
        for each in contacts
    ]


def _askable_contacts() -> Select[Contact]:
    return select(Contact).where(Contact.is_active, Contact.email.is_not(None), Contact.email != "")


def ask_contact(
    session: Session,
    actor: Actor,
    key: UUID | str,
    contact_id: UUID,
    *,
    base_url: str,
    today: date,
    now: datetime,
) -> YearlyQuestion:
    """Ask a contact this year's question, by e-mail with a link of its own.

    Raises:
        NotFound: the employer or the contact is unknown, has left or has no address.
        Refused: the actor may not change employers.
        RuleViolation: asked this year, said no to questions, or the employer is not to be reached.
    """
    actor.require_role(*EDITORS)
    employer = get_employer(session, actor, key)
    contact = session.scalar(
        _askable_contacts()
        .where(Contact.id == contact_id, Contact.employer_id == employer.id)
        .with_for_update(of=Contact)
    )
    if contact is None:
        raise NotFound("contact")
    if employer.status in _NOT_ASKED:
        raise RuleViolation("not_to_be_contacted", N_("Arbetsgivaren vill inte bli kontaktad."))
    if contact.no_questions_since is not None:
        raise RuleViolation(
            "wants_no_questions", N_("Kontaktpersonen har tackat nej till fler frågor från oss.")
        )
    known = select(YearlyQuestion.id).where(
        YearlyQuestion.contact_id == contact.id, YearlyQuestion.year == today.year
    )
    if session.scalar(known) is not None:
        raise RuleViolation("asked_this_year", N_("Frågan är redan ställd i år."))
    return _ask(session, actor, employer, contact, base_url=base_url, today=today, now=now)


def _ask(
    session: Session,
    actor: Actor,
    employer: Employer,
    contact: Contact,
    *,
    base_url: str,
    today: date,
    now: datetime,
) -> YearlyQuestion:
    said = several(session, employer.unit_id, *_SAID, "survey_answer_days")
    row = YearlyQuestion(
        unit_id=employer.unit_id,
        employer_id=employer.id,
        contact_id=contact.id,
        year=today.year,
        questionnaire=QUESTIONNAIRE,
        sent_on=today,
    )
    session.add(row)
    session.flush()
    expires_at = now + timedelta(days=int(said["survey_answer_days"]))
    token, link = create_link(
        session,
        kind=LinkKind.ANSWER,
        purpose=PURPOSE,
        subject_id=row.id,
        unit_id=employer.unit_id,
        expires_at=expires_at,
    )
    row.link_id = link.id
    unit = session.get_one(Unit, employer.unit_id)
    name = said["display_name"] or unit.name
    who = said["letter_signature"] or ", ".join(filter(None, (name, unit.municipality)))
    phone = f" på {format_phone(unit.phone)}" if unit.phone else ""
    last_day = local_date(expires_at - timedelta(seconds=1)).isoformat()
    queue_message(
        session,
        unit_id=employer.unit_id,
        kind=PURPOSE,
        recipient=contact.email or "",
        subject="En fråga om året. En halv minut",
        body=f"""{said["letter_greeting"]}

En gång om året ställer vi en enda fråga till er som vi samarbetar med. Det räcker med ett tryck.

{base_url}/l/{token}

Länken gäller till och med {last_day}. Enheten läser svaren bara i grupper om minst
{said["smallest_count"]}. Att svara är frivilligt. Vill ni inte ha fler frågor från oss, öppna
länken och välj det, eller säg till{phone}.

{who}

--
In English: one question a year, one tap. Open the link above and choose English.
""",
        cause_id=row.id,
        link_id=link.id,
    )
    audit.record(session, actor, "create", "yearly_question", row.id)
    return row


def ask_everybody(session: Session, *, base_url: str, today: date, now: datetime) -> int:
    """Ask who was in contact with us the last twelve months, in the month that a unit has chosen.

    At most one contact of an employer: whom we last spoke with. Run again, or after days that were
    missed, it asks only who was not asked this year; give back how many were asked.
    """
    units = [
        unit_id
        for unit_id, numbers in numbers_by_unit(session, "yearly_question_month").items()
        if numbers["yearly_question_month"] == today.month
    ]
    actor, sent = job_actor("yearly_question"), 0
    asked_employer = exists().where(
        YearlyQuestion.employer_id == Employer.id, YearlyQuestion.year == today.year
    )
    rows = session.execute(
        select(Employer, Contact)
        .join(Interaction, Interaction.employer_id == Employer.id)
        .join(Contact, Contact.id == Interaction.contact_id)
        .where(
            Employer.unit_id.in_(units),
            Employer.status.not_in(_NOT_ASKED),
            Employer.merged_into_id.is_(None),
            Employer.archived_at.is_(None),
            Contact.is_active,
            Contact.email.is_not(None),
            Contact.email != "",
            Contact.no_questions_since.is_(None),
            Interaction.happened_on > add_months(today, -12),
            ~asked_employer,
        )
        .order_by(Employer.id, Interaction.happened_on.desc(), Contact.id)
        .with_for_update(of=Employer)
    )
    done: set[UUID] = set()
    for employer, contact in rows:
        if employer.id not in done:
            done.add(employer.id)
            _ask(session, actor, employer, contact, base_url=base_url, today=today, now=now)
            sent += 1
    return sent


def get_by_link(session: Session, link: SignedLink) -> YearlyQuestion:
    """The question of a link.

    Raises:
        NotFound: the link is for something else.
    """
    row = session.get(YearlyQuestion, link.subject_id) if link.purpose == PURPOSE else None
    if row is None:
        raise NotFound("yearly_question")
    return row


def answer_question(
    session: Session, link: SignedLink, row: YearlyQuestion, value: str, *, now: datetime
) -> None:
    """Keep the answer; the link is used up.

    Raises:
        RuleViolation: no such answer, or answered, revoked or expired already.
    """
    if value not in {answer[0] for answer in ANSWERS}:
        wrong = N_("Välj ett av svaren på sidan.")
        raise RuleViolation("answer_not_possible", wrong, fields={"answer": wrong})
    mark_answered(session, link, now)
    row.answer, row.answered_at = value, now
    session.flush()
    audit.record(
        session, link_actor(link.id, link.unit_id), "change", "yearly_question", row.id,
        fields=["answered_at"],
    )  # fmt: skip


def decline_questions(
    session: Session, link: SignedLink, row: YearlyQuestion, *, today: date, now: datetime
) -> None:
    """The holder wants no more questions from us."""
    contact = session.get(Contact, row.contact_id)
    if contact is not None and contact.no_questions_since is None:
        contact.no_questions_since = today
    for each in links_about(session, purpose=PURPOSE, subject_id=row.id):
        revoke_link(session, each, now)
    session.flush()
    audit.record(
        session, link_actor(link.id, link.unit_id), "change", "contact", row.contact_id,
        fields=["no_questions_since"],
    )  # fmt: skip


def allow_questions(session: Session, actor: Actor, key: UUID | str, contact_id: UUID) -> Contact:
    """A contact who wanted no more questions has told us that they are welcome again.

    Raises:
        NotFound: the employer is unknown or another unit's, or has no such contact.
        Refused: the actor may not change employers.
    """
    actor.require_role(*EDITORS)
    employer = get_employer(session, actor, key)
    contact = next((each for each in employer.contacts if each.id == contact_id), None)
    if contact is None:
        raise NotFound("contact")
    if contact.no_questions_since is not None:
        contact.no_questions_since = None
        session.flush()
        audit.record(session, actor, "change", "contact", contact.id, fields=["no_questions_since"])
    return contact


def answers_of_year(session: Session, unit_id: UUID | None, year: int) -> Sequence[str | None]:
    """What was answered to the question of a year, None for who has not; for counting only."""
    found = select(YearlyQuestion.answer).where(YearlyQuestion.year == year)
    if unit_id is not None:
        found = found.where(YearlyQuestion.unit_id == unit_id)
    return session.scalars(found).all()
