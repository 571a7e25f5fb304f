"""The survey that an employer gets when a placement has ended (domain.md 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Unit
from matchsvc.accounts.settings import several
from matchsvc.employers.models import Contact, Site
from matchsvc.errors import N_, NotFound, RuleViolation
from matchsvc.messages.links import create_link, mark_answered
from matchsvc.messages.models import LinkKind, OutboxMessage, Reach, RecipientKind, SignedLink
from matchsvc.messages.outbox import queue_message
from matchsvc.messages.short import Receiver, notice_words, queue_notice
from matchsvc.participants.access import everybody_among
from matchsvc.participants.models import Participant
from matchsvc.placements.access import Seen
from matchsvc.placements.models import (
    PackagePart,
    Part,
    PartState,
    Placement,
    Survey,
    SurveyAnswer,
)
from matchsvc.placements.questionnaire import (
    CONTACT_ME,
    EMPLOYER_SURVEY,
    QUESTIONS,
    TEXT_LONGEST,
    QuestionKind,
    find_question,
)
from matchsvc.swedish import contains_identity_number, format_phone, local_date
from matchsvc.workday.rules import add_task

PURPOSE = "employer_survey"
#: An employer who ticked "contact me" hears from us within this time.
ANSWER_WITHIN = timedelta(days=7)


SUBJECT = "Hur fungerade samarbetet? 3 minuter"
#: What the unit itself says in the letter.
_SAID = (
    *("display_name", "letter_greeting", "letter_signature"),
    *("smallest_count", "survey_answer_days"),
)


@dataclass(frozen=True, slots=True)
class OpenSurvey:
    """A survey as the employer's page shows it: a workplace and a period, nobody's name.

    Attributes:
        survey: the row, its answers loaded.
        site_name: the workplace.
        end_date: last day of the placement.
        unit_phone: whom to call, E.164.
    """

    survey: Survey
    site_name: str
    end_date: date | None
    unit_phone: str | None

    @property
    def shown_phone(self) -> str | None:
        """The unit's number as people read it."""
        return format_phone(self.unit_phone) if self.unit_phone else None

    @property
    def answers(self) -> Mapping[str, SurveyAnswer]:
        """What has been answered so far, by question id."""
        return {answer.question: answer for answer in self.survey.answers}


def find_survey_contact(session: Session, found: Seen) -> Contact | None:
    """Who gets the survey: the placement's contact, else one of the site's, else the employer's.

    None when nobody there can be written to, or wants it.
    """
    rank = case(
        (Contact.id == found.placement.contact_id, 0),
        (Contact.site_id == found.site.id, 1),
        else_=2,
    )
    return session.scalar(
        select(Contact)
        .where(
            Contact.employer_id == found.employer.id,
            Contact.is_active,
            or_(
                and_(Contact.reach == Reach.EMAIL, func.coalesce(Contact.email, "") != ""),
                and_(Contact.reach == Reach.TEXT, func.coalesce(Contact.phone, "") != ""),
            ),
        )
        .order_by(rank, Contact.sort_key, Contact.id)
        .limit(1)
    )


def send_survey(
    session: Session,
    actor: Actor,
    found: Seen,
    contact: Contact,
    *,
    base_url: str,
    today: date,
    now: datetime,
) -> Survey:
    """Make the survey with its link, and put the e-mail in the outbox: all of it or nothing.

    The e-mail names the workplace; it says nothing that could point at the participant.
    """
    placement = found.placement
    survey = Survey(
        placement_id=placement.id,
        unit_id=placement.unit_id,
        contact_id=contact.id,
        questionnaire=EMPLOYER_SURVEY,
        sent_on=today,
    )
    session.add(survey)
    session.flush()
    said = several(session, placement.unit_id, *_SAID)
    expires_at = now + timedelta(days=int(said["survey_answer_days"]))
    token, link = create_link(
        session,
        kind=LinkKind.ANSWER,
        purpose=PURPOSE,
        subject_id=survey.id,
        unit_id=placement.unit_id,
        expires_at=expires_at,
    )
    survey.link_id = link.id
    address = f"{base_url}/l/{token}"
    if contact.reach is Reach.TEXT:
        queue_notice(
            session,
            Receiver(RecipientKind.CONTACT, contact.id, contact.phone or ""),
            unit_id=placement.unit_id,
            kind=PURPOSE,
            address=address,
            cause_id=survey.id,
            link_id=link.id,
        )
    else:
        unit = session.get_one(Unit, placement.unit_id)
        last_day = local_date(expires_at - timedelta(seconds=1))
        queue_message(
            session,
            unit_id=placement.unit_id,
            kind=PURPOSE,
            recipient=contact.email or "",
            subject=SUBJECT,
            body=_letter(unit, said, address, last_day=last_day),
            cause_id=survey.id,
            link_id=link.id,
            to=(RecipientKind.CONTACT, contact.id),
        )
    audit.record(session, actor, "create", "survey", survey.id)
    return survey


@dataclass(frozen=True, slots=True)
class Preview:
    """What will be sent to whom, before it is.

    Attributes:
        contact: who gets it.
        subject: the first line; empty in a text message.
        body: the words, with a place for the link that is made when it is sent.
        is_text: it goes as a text message.
    """

    contact: Contact
    subject: str
    body: str
    is_text: bool


def preview_survey(session: Session, found: Seen, *, base_url: str, today: date) -> Preview | None:
    """The letter that ending a placement sends today, word for word but for its link.

    None when nothing is sent: nobody there can be written to, or the person is protected.
    """
    contact = None if found.participant.protected else find_survey_contact(session, found)
    if contact is None:
        return None
    address = f"{base_url}/l/…"
    if contact.reach is Reach.TEXT:
        return Preview(contact, "", notice_words(address), is_text=True)
    unit = session.get_one(Unit, found.placement.unit_id)
    said = several(session, unit.id, *_SAID)
    last_day = today + timedelta(days=int(said["survey_answer_days"]))
    return Preview(contact, SUBJECT, _letter(unit, said, address, last_day=last_day), is_text=False)


def may_send_survey(session: Session, message: OutboxMessage) -> str | None:
    """Whether a survey may still go: nothing about a protected participant travels."""
    ids = session.scalars(
        select(Placement.participant_id)
        .join(Survey, Survey.placement_id == Placement.id)
        .where(Survey.id == message.cause_id)
    ).all()
    people = everybody_among(session, ids)
    return "protected" if any(each.protected for each in people) else None


def _letter(unit: Unit, said: Mapping[str, str], address: str, *, last_day: date) -> str:
    name = said["display_name"] or unit.name
    who = said["letter_signature"] or ", ".join(filter(None, (name, unit.municipality)))
    fewest = said["smallest_count"]
    phone = f" på {format_phone(unit.phone)}" if unit.phone else ""
    call = f" on {format_phone(unit.phone)}" if unit.phone else ""
    return f"""{said["letter_greeting"]}

Ni har tagit emot någon genom oss, och perioden är slut. Hur fungerade samarbetet?
Det är tolv frågor och tar ungefär tre minuter. Ni kan hoppa över frågor och fortsätta senare.

{address}

Länken gäller till och med {last_day.isoformat()}. Den är bara till er.
Enheten läser svaren. De visas bara i grupper om minst {fewest},
och de delas inte med deltagaren.
Att svara är frivilligt. Vill ni inte ha fler frågor från oss, säg till{phone}.

{who}

--
In English: you have hosted someone through us. Twelve questions, about three minutes. Open the
link above and choose English. It works until {last_day.isoformat()}. Answering is voluntary; if
you do not want more questions from us, call us{call}.
"""


def get_open_survey(session: Session, link: SignedLink) -> OpenSurvey:
    """The survey of a link.

    Raises:
        NotFound: the link is for something else, or the participant has since become protected:
            then nothing about the placement is shown to anybody outside.
    """
    if link.purpose != PURPOSE:
        raise NotFound("survey")
    row = session.execute(
        select(Survey, Site.name, Placement.end_date, Unit.phone)
        .join(Placement, Placement.id == Survey.placement_id)
        .join(Participant, Participant.id == Placement.participant_id)
        .join(Site, Site.id == Placement.site_id)
        .join(Unit, Unit.id == Survey.unit_id)
        .where(Survey.id == link.subject_id, Participant.protected.is_(False))
        .options(selectinload(Survey.answers))
    ).one_or_none()
    if row is None:
        raise NotFound("survey")
    return OpenSurvey(row[0], row[1], row[2], row[3])


def save_answer(
    session: Session,
    survey: Survey,
    question_id: str,
    *,
    values: tuple[str, ...] = (),
    text: str | None = None,
    today: date,
) -> SurveyAnswer | None:
    """Keep one answer at once; a new one replaces the old, an empty one takes it back.

    Raises:
        NotFound: there is no such question.
        RuleViolation: the survey is done, or the answer is not one of the choices.
    """
    question = find_question(question_id)
    if question is None:
        raise NotFound("question")
    if survey.completed_at is not None:
        raise RuleViolation("survey_done", N_("Enkäten är redan inskickad. Tack för svaren."))
    words = (text or "").strip() or None
    _check_answer(question_id, values, words, today=today)
    known = next((answer for answer in survey.answers if answer.question == question_id), None)
    if not values and words is None:
        if known is not None:
            survey.answers.remove(known)
        session.flush()
        return None
    if known is None:
        known = SurveyAnswer(question=question_id, values=[])
        survey.answers.append(known)
    known.values, known.text = list(values), words
    session.flush()
    return known


def _check_answer(
    question_id: str, values: tuple[str, ...], words: str | None, *, today: date
) -> None:
    question = find_question(question_id)
    if question is None or not question.allows(values):
        wrong = N_("Välj ett av svaren på sidan.")
        if question is not None and len(values) > question.most:
            wrong = N_("Välj högst tre svar.")
        raise RuleViolation("answer_not_possible", wrong, fields={"answer": wrong})
    if words is None:
        return
    message: str | None = None
    if question.kind is not QuestionKind.TEXT:
        message = N_("Välj ett av svaren på sidan.")
    elif len(words) > TEXT_LONGEST:
        message = N_("Texten är för lång. Korta den till 500 tecken.")
    elif contains_identity_number(words, today=today):
        message = N_("Texten innehåller ett personnummer. Ta bort det.")
    if message is not None:
        raise RuleViolation("answer_not_possible", message, fields={"text": message})


def complete_survey(
    session: Session, actor: Actor, link: SignedLink, survey: Survey, *, now: datetime
) -> Survey:
    """Hand the survey in: the link is used up, the last part of the support package is done.

    Who ticked "contact me" gets a call: the liaison gets a task.

    Raises:
        RuleViolation: it was handed in, revoked or expired already.
    """
    mark_answered(session, link, now)
    survey.completed_at = now
    today = local_date(now)
    part = session.scalar(
        select(PackagePart).where(
            PackagePart.placement_id == survey.placement_id, PackagePart.part == Part.END_SURVEY
        )
    )
    if part is not None:
        part.state, part.happened_on = PartState.DONE, today
    if _wants_contact(survey):
        _ask_for_contact(session, actor, survey, today=today)
    session.flush()
    audit.record(session, actor, "change", "survey", survey.id, fields=["completed_at"])
    return survey


def next_unanswered(survey: Survey) -> str:
    """The first question without an answer, where a holder who comes back goes on."""
    answered = {answer.question for answer in survey.answers}
    return next((q.id for q in QUESTIONS if q.id not in answered), QUESTIONS[-1].id)


def find_survey_of(session: Session, placement_id: UUID) -> Survey | None:
    """The survey of a placement: its state, not its answers, which only groups of five show."""
    return session.scalar(select(Survey).where(Survey.placement_id == placement_id))


def _wants_contact(survey: Survey) -> bool:
    return any(
        answer.question == QUESTIONS[-1].id and CONTACT_ME in answer.values
        for answer in survey.answers
    )


def _ask_for_contact(session: Session, actor: Actor, survey: Survey, *, today: date) -> None:
    placement = session.get_one(Placement, survey.placement_id)
    owner_id = placement.liaison_id or placement.case_worker_id
    site_name = session.scalar(select(Site.name).where(Site.id == placement.site_id))
    if owner_id is None:
        return
    add_task(
        session,
        actor,
        unit_id=survey.unit_id,
        owner_id=owner_id,
        kind="survey_contact_me",
        about_type="placement",
        about_id=placement.id,
        due_on=today + ANSWER_WITHIN,
        words={"site": site_name or ""},
        origin="complete_survey",
    )
