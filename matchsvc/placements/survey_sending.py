"""The employer's survey on its way: to whom, the letters, reminders, new links, and "no more".

The token of a link is never stored, so a reminder carries a link of its own. Earlier ones stay
alive beside it: all lead to the same answers, end on the same day, and are used up together.
docs/decisions/0011-links-of-a-survey.md has the reasons. A link that staff send anew replaces
those before it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor, job_actor, link_actor
from matchsvc.accounts.models import Unit
from matchsvc.accounts.settings import several
from matchsvc.db import check_version
from matchsvc.employers.models import Contact
from matchsvc.errors import N_, RuleViolation
from matchsvc.messages.links import (
    LinkState,
    create_link,
    link_state,
    links_about,
    revoke_link,
)
from matchsvc.messages.models import (
    LinkKind,
    MessageState,
    OutboxMessage,
    Reach,
    RecipientKind,
    SignedLink,
)
from matchsvc.messages.outbox import queue_message
from matchsvc.messages.short import Receiver, notice_words, queue_notice
from matchsvc.participants.access import everybody_among
from matchsvc.participants.models import Participant
from matchsvc.placements.access import PREPARERS, Seen, get_placement
from matchsvc.placements.models import Placement, Survey
from matchsvc.placements.questionnaire import EMPLOYER_SURVEY
from matchsvc.placements.survey_letters import Letter, survey_letter
from matchsvc.swedish import local_date
from matchsvc.workday.archivable import stands

PURPOSE = "employer_survey"
#: Days after the letter; after the last one, nothing more.
FIRST_REMINDER, LAST_REMINDER = timedelta(days=5), timedelta(days=12)
#: A first reminder that came late is not followed at once by the last.
BETWEEN = timedelta(days=4)
_SAID = ("display_name", "letter_greeting", "letter_signature", "smallest_count")
_ON_ITS_WAY = (MessageState.QUEUED, MessageState.SENDING)


class SurveyState(enum.StrEnum):
    """Where a survey stands, the last word first."""

    ANSWERED = "answered"
    DECLINED = "declined"
    UNDELIVERABLE = "undeliverable"
    REVOKED = "revoked"
    EXPIRED = "expired"
    STARTED = "started"
    LAST_REMINDER = "last_reminder"
    FIRST_REMINDER = "first_reminder"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class Sent:
    """A survey with how far it has come; never its answers.

    Attributes:
        survey: the row.
        state: where it stands.
        until: the last day of its newest link.
        contact: who got it.
    """

    survey: Survey
    state: SurveyState
    until: date | None
    contact: Contact | None

    @property
    def may_be_sent_again(self) -> bool:
        """Whether a new link would be of use."""
        return self.state not in {SurveyState.ANSWERED, SurveyState.DECLINED}


def find_survey_contact(session: Session, found: Seen) -> Contact | None:
    """Who gets the survey: the placement's contact, else one of the site's, else the employer's.

    None when nobody there can be written to, or wants it. The answer may have said no to
    questions: then nobody else is asked in that place.
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
            _is_reachable(),
        )
        .order_by(rank, Contact.sort_key, Contact.id)
        .limit(1)
    )


def _is_reachable() -> ColumnElement[bool]:
    """A contact that can be written to in the way that she wants."""
    return or_(
        and_(Contact.reach == Reach.EMAIL, func.coalesce(Contact.email, "") != ""),
        and_(Contact.reach == Reach.TEXT, func.coalesce(Contact.phone, "") != ""),
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

    Raises:
        RuleViolation: the contact wants no more questions.
    """
    _refuse_unwanted(contact)
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
    _write(session, survey, contact, Letter.FIRST, base_url=base_url, now=now)
    audit.record(session, actor, "create", "survey", survey.id)
    return survey


def _refuse_unwanted(contact: Contact) -> None:
    if contact.no_questions_since is not None:
        raise RuleViolation(
            "wants_no_questions", N_("Kontaktpersonen har tackat nej till fler frågor från oss.")
        )


def _write(
    session: Session,
    survey: Survey,
    contact: Contact,
    letter: Letter,
    *,
    base_url: str,
    now: datetime,
    expires_at: datetime | None = None,
) -> None:
    """A link and the e-mail that carries it; without ``expires_at`` the link gets its full time."""
    said: Mapping[str, str] = several(session, survey.unit_id, *_SAID, "survey_answer_days")
    expires_at = expires_at or now + timedelta(days=int(said["survey_answer_days"]))
    token, link = create_link(
        session,
        kind=LinkKind.ANSWER,
        purpose=PURPOSE,
        subject_id=survey.id,
        unit_id=survey.unit_id,
        expires_at=expires_at,
    )
    survey.link_id = link.id
    address, is_reminder = f"{base_url}/l/{token}", letter is not Letter.FIRST
    if contact.reach is Reach.TEXT:
        queue_notice(
            session,
            Receiver(RecipientKind.CONTACT, contact.id, contact.phone or ""),
            unit_id=survey.unit_id,
            kind=PURPOSE,
            address=address,
            cause_id=survey.id,
            link_id=link.id,
            is_reminder=is_reminder,
        )
        return
    words = survey_letter(
        letter,
        session.get_one(Unit, survey.unit_id),
        said,
        address,
        last_day=local_date(expires_at - timedelta(seconds=1)),
    )
    queue_message(
        session,
        unit_id=survey.unit_id,
        kind=PURPOSE,
        recipient=contact.email or "",
        subject=words.subject,
        body=words.body,
        cause_id=survey.id,
        link_id=link.id,
        to=(RecipientKind.CONTACT, contact.id),
        is_reminder=is_reminder,
    )


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

    None when nothing is sent: nobody there can be written to or wants it, or the person is
    protected.
    """
    contact = None if found.participant.protected else find_survey_contact(session, found)
    if contact is None or contact.no_questions_since is not None:
        return None
    address = f"{base_url}/l/…"
    if contact.reach is Reach.TEXT:
        return Preview(contact, "", notice_words(address), is_text=True)
    unit = session.get_one(Unit, found.placement.unit_id)
    said = several(session, unit.id, *_SAID, "survey_answer_days")
    last_day = today + timedelta(days=int(said["survey_answer_days"]))
    words = survey_letter(Letter.FIRST, unit, said, address, last_day=last_day)
    return Preview(contact, words.subject, words.body, is_text=False)


def may_send_survey(session: Session, message: OutboxMessage) -> str | None:
    """Whether a survey may still go: nothing about a protected participant travels."""
    ids = session.scalars(
        select(Placement.participant_id)
        .join(Survey, Survey.placement_id == Placement.id)
        .where(Survey.id == message.cause_id)
    ).all()
    people = everybody_among(session, ids)
    return "protected" if any(each.stays_inside for each in people) else None


def send_again(
    session: Session,
    actor: Actor,
    placement_id: UUID,
    *,
    base_url: str,
    today: date,
    now: datetime,
    version: int | None = None,
) -> Survey:
    """Send the survey with a new link; the ones before stop working. The answers given stay.

    Somebody else than before, when the contact has changed, is reminded as anybody is; one who has
    been reminded is not reminded anew. A placement whose end nobody could be asked about by mail
    gets its survey now.

    Raises:
        NotFound: unknown, hidden, or protected: then nothing goes by mail.
        Refused: the actor does not look after employers.
        RuleViolation: not ended, imported, answered, declined, or nobody has an address.
        Conflict: somebody saved it since the page was shown.
    """
    actor.require_role(*PREPARERS)
    found = get_placement(session, actor, placement_id, today=today, for_update=True)
    placement = found.placement
    contact = None if found.participant.protected else find_survey_contact(session, found)
    if placement.end_date is None or placement.is_history:
        raise RuleViolation("not_ended", N_("Enkäten skickas när placeringen är avslutad."))
    if contact is None:
        raise RuleViolation(
            "nobody_to_ask", N_("Ingen på arbetsplatsen har en e-postadress. Lägg till den först.")
        )
    survey = session.scalar(
        select(Survey).where(Survey.placement_id == placement.id).with_for_update()
    )
    if survey is None:
        return send_survey(session, actor, found, contact, base_url=base_url, today=today, now=now)
    check_version(survey, version)
    _refuse_unwanted(contact)
    if survey.completed_at is not None:
        raise RuleViolation("survey_done", N_("Enkäten är redan inskickad. Tack för svaren."))
    close_links(session, survey.id, now=now)
    if survey.contact_id != contact.id:
        survey.first_reminder_on = survey.last_reminder_on = None
    survey.contact_id, survey.sent_on = contact.id, today
    survey.undeliverable_on = survey.declined_on = None
    _write(session, survey, contact, Letter.FIRST, base_url=base_url, now=now)
    audit.record(session, actor, "change", "survey", survey.id, fields=["link"])
    return survey


def close_links(session: Session, survey_id: UUID, *, now: datetime) -> None:
    """Revoke what leads to a survey, with letters that have not left."""
    for link in links_about(session, purpose=PURPOSE, subject_id=survey_id):
        if link_state(link, now) is LinkState.LIVE:
            revoke_link(session, link, now)


def use_up_links(session: Session, survey_id: UUID, *, now: datetime) -> None:
    """Say to the holders of every link that the answer is in; waiting letters do not leave."""
    for link in links_about(session, purpose=PURPOSE, subject_id=survey_id):
        if link_state(link, now) is LinkState.LIVE:
            revoke_link(session, link, now)
            link.revoked_at, link.answered_at = None, now
    session.flush()


def decline_questions(
    session: Session, link: SignedLink, survey: Survey, *, today: date, now: datetime
) -> None:
    """The holder of a link wants no more questions: of this contact nothing is asked again.

    The contact is the one whom the letter was sent to. Pressed twice it changes nothing.
    """
    contact = session.get(Contact, survey.contact_id) if survey.contact_id else None
    if contact is not None and contact.no_questions_since is None:
        contact.no_questions_since = today
    if survey.completed_at is None and survey.declined_on is None:
        survey.declined_on = today
    close_links(session, survey.id, now=now)
    session.flush()
    actor = link_actor(link.id, link.unit_id)
    audit.record(session, actor, "change", "survey", survey.id, fields=["declined_on"])


def remind(session: Session, *, base_url: str, today: date, now: datetime) -> int:
    """Remind of surveys on day 5 and day 12, then never again; give back how many letters.

    Days that were missed are caught up with one letter, not two: after day 12 only the last one is
    sent, and it never follows a first within four days. Nothing is sent after an answer, a no, a
    revoked or ended link, to a contact who has left, about a participant who has become protected,
    or while an earlier letter has not left. Run again it changes nothing.
    """
    actor, sent = job_actor("remind_surveys"), 0
    for survey, contact, link in session.execute(_waiting(now)):
        letters = session.scalars(
            select(OutboxMessage.state).where(OutboxMessage.cause_id == survey.id)
        ).all()
        if _reached_nobody(letters):
            survey.undeliverable_on = survey.undeliverable_on or today
            continue
        letter = _due(survey, today)
        if letter is None or set(letters) & {*_ON_ITS_WAY}:
            continue
        if letter is Letter.LAST:
            survey.last_reminder_on = today
        else:
            survey.first_reminder_on = today
        _write(
            session, survey, contact, letter,
            base_url=base_url, now=now, expires_at=link.expires_at,
        )  # fmt: skip
        audit.record(session, actor, "change", "survey", survey.id, fields=["reminder"])
        sent += 1
    session.flush()
    return sent


def _waiting(now: datetime) -> Select[Survey, Contact, SignedLink]:
    return (
        select(Survey, Contact, SignedLink)
        .join(Contact, Contact.id == Survey.contact_id)
        .join(SignedLink, SignedLink.id == Survey.link_id)
        .join(Placement, Placement.id == Survey.placement_id)
        .join(Participant, Participant.id == Placement.participant_id)
        .where(
            _is_open(),
            SignedLink.revoked_at.is_(None),
            SignedLink.answered_at.is_(None),
            SignedLink.expires_at > now,
            Contact.is_active,
            Contact.no_questions_since.is_(None),
            _is_reachable(),
            Participant.protected.is_(False),
            stands(Participant),
        )
        .order_by(Survey.id)
        .with_for_update(of=Survey)
    )


def _is_open() -> ColumnElement[bool]:
    return (
        Survey.completed_at.is_(None)
        & Survey.declined_on.is_(None)
        & Survey.last_reminder_on.is_(None)
        & Survey.sent_on.is_not(None)
    )


def _due(survey: Survey, today: date) -> Letter | None:
    if survey.sent_on is None:
        return None
    waited = today - survey.sent_on
    first = survey.first_reminder_on
    if waited >= LAST_REMINDER and (first is None or today - first >= BETWEEN):
        return Letter.LAST
    return Letter.REMINDER if waited >= FIRST_REMINDER and first is None else None


def _reached_nobody(letters: Iterable[MessageState]) -> bool:
    states = set(letters)
    return MessageState.FAILED in states and not states & {
        *_ON_ITS_WAY,
        *(MessageState.SENT, MessageState.UNCERTAIN),
    }


def undelivered() -> ColumnElement[bool]:
    """The condition that no letter of a survey reached anybody, for counting."""
    letters = select(OutboxMessage.id).where(OutboxMessage.cause_id == Survey.id)
    arrived = (*_ON_ITS_WAY, MessageState.SENT, MessageState.UNCERTAIN)
    return or_(
        Survey.undeliverable_on.is_not(None),
        letters.where(OutboxMessage.state == MessageState.FAILED).exists()
        & ~letters.where(OutboxMessage.state.in_(arrived)).exists(),
    )


def state_of_survey(session: Session, placement_id: UUID, *, now: datetime) -> Sent | None:
    """How far a placement's survey has come; None when there is none. Asks no right."""
    survey = session.scalar(select(Survey).where(Survey.placement_id == placement_id))
    if survey is None:
        return None
    link = session.get(SignedLink, survey.link_id) if survey.link_id else None
    letters = session.scalars(
        select(OutboxMessage.state).where(OutboxMessage.cause_id == survey.id)
    ).all()
    until = local_date(link.expires_at - timedelta(seconds=1)) if link else None
    contact = session.get(Contact, survey.contact_id) if survey.contact_id else None
    reached_nobody = survey.undeliverable_on is not None or _reached_nobody(letters)
    return Sent(survey, _state(survey, link, now, reached_nobody=reached_nobody), until, contact)


def _state(
    survey: Survey, link: SignedLink | None, now: datetime, *, reached_nobody: bool
) -> SurveyState:
    state = link_state(link, now) if link is not None else LinkState.EXPIRED
    holds = {
        SurveyState.ANSWERED: survey.completed_at is not None,
        SurveyState.DECLINED: survey.declined_on is not None,
        SurveyState.UNDELIVERABLE: reached_nobody,
        SurveyState.REVOKED: state is LinkState.REVOKED,
        SurveyState.EXPIRED: state is LinkState.EXPIRED,
        SurveyState.STARTED: survey.started_at is not None,
        SurveyState.LAST_REMINDER: survey.last_reminder_on is not None,
        SurveyState.FIRST_REMINDER: survey.first_reminder_on is not None,
    }
    return next((each for each, is_so in holds.items() if is_so), SurveyState.SENT)
