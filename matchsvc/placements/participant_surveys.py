"""The participant's survey when her placement has ended (domain.md 6.3): hers, and voluntary.

She answers by the link of her own page, or an independent person takes her answers orally. What
she answers is never the employer's to see, nor anybody's one by one: it is counted with others.
Only when she ticks "contact me" is her case worker told, and reads her own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.errors import N_, Invalid, NotFound, Refused, RuleViolation
from matchsvc.messages.links import create_link, mark_answered, start_link_session
from matchsvc.messages.models import LinkKind, SignedLink
from matchsvc.participants.access import Sight
from matchsvc.participants.cases import latest_case
from matchsvc.participants.models import Capacity, Involvement, Participant
from matchsvc.placements.access import READERS, Seen, get_placement
from matchsvc.placements.careful import Careful, look_at, people_of
from matchsvc.placements.models import (
    ParticipantSurvey,
    ParticipantSurveyAnswer,
    Placement,
)
from matchsvc.placements.participant_questions import LANGUAGES, PARTICIPANT_SURVEY
from matchsvc.placements.questionnaire import CONTACT_ME, Questionnaire
from matchsvc.placements.questionnaire_versions import version_of
from matchsvc.placements.surveys import FreeText, check_answer, warn_once
from matchsvc.swedish import local_date, working_day_on_or_after, working_day_on_or_before
from matchsvc.workday.archivable import stands
from matchsvc.workday.rules import add_task, managers_of

PURPOSE = "participant_survey"
#: So long after the end it may be answered; afterwards memory is another.
OPEN_FOR = timedelta(days=42)
OFFER_WITHIN = timedelta(days=7)
CONTACT_WITHIN = timedelta(days=7)
_LASTS = timedelta(hours=1)  # the link behind a session; the session itself is half an hour
#: The question about feeling safe, and the answers that say no (domain.md 6.3).
SAFE, UNSAFE = "P7", frozenset({"1", "2"})

#: question id -> what was chosen, and what was written
Given = Mapping[str, tuple[tuple[str, ...], str | None]]


def offer_survey(session: Session, actor: Actor, found: Seen, *, today: date) -> None:
    """Offer the survey when a placement has ended, also one that broke off. No letter is sent.

    Her case worker gets a task to ask whether she wants to answer, and who could help.
    """
    placement = found.placement
    if placement.is_history:
        return
    survey = ParticipantSurvey(
        placement_id=placement.id,
        unit_id=placement.unit_id,
        questionnaire=PARTICIPANT_SURVEY,
        offered_on=today,
    )
    session.add(survey)
    session.flush()
    owner_id = _worker_of(session, placement, found.participant, actor)
    if owner_id is None:
        return
    add_task(
        session,
        actor,
        unit_id=placement.unit_id,
        owner_id=owner_id,
        kind="offer_participant_survey",
        about_type="placement",
        about_id=placement.id,
        due_on=max(working_day_on_or_before(today + OFFER_WITHIN), today),
        words={"alias": found.participant.alias},
        origin="end_placement",
    )


def _worker_of(
    session: Session, placement: Placement, participant: Participant, actor: Actor | None
) -> UUID | None:
    """Her case worker; of whoever is protected, who acts; without a case worker, a manager."""
    if participant.protected and actor is not None and actor.user_id is not None:
        return actor.user_id
    owner = latest_case(session, participant).case_worker_id or placement.case_worker_id
    return owner or next(iter(managers_of(session, placement.unit_id)), None)


def find_offered(session: Session, placement_id: UUID) -> ParticipantSurvey | None:
    """The survey that was offered after a placement: its state, not its answers."""
    return session.scalar(
        select(ParticipantSurvey).where(ParticipantSurvey.placement_id == placement_id)
    )


def is_open(survey: ParticipantSurvey, *, today: date) -> bool:
    """Whether it may still be answered."""
    is_done = survey.completed_at is not None or survey.declined_on is not None
    return not is_done and today <= survey.offered_on + OPEN_FOR


def state_words(survey: ParticipantSurvey, *, today: date) -> str:
    """``offered``, ``answered``, ``declined`` or ``closed``, for programs."""
    if survey.completed_at is not None:
        return "answered"
    if survey.declined_on is not None:
        return "declined"
    return "offered" if is_open(survey, today=today) else "closed"


# With an independent person.


@dataclass(frozen=True, slots=True)
class Assisted:
    """What the page of an independent person shows.

    Attributes:
        seen: the placement.
        survey: with its answers loaded; they are not for the page.
        questionnaire: as it is asked.
        is_open: it may be answered.
        is_case_worker: the reader works with her: better somebody else.
        own_words: what she wrote, when she asked her case worker to hear of her.
    """

    seen: Seen
    survey: ParticipantSurvey
    questionnaire: Questionnaire
    is_open: bool
    is_case_worker: bool
    own_words: FreeText | None


def open_assisted(
    session: Session, actor: Actor, key: UUID | str, *, today: date, for_update: bool = False
) -> Assisted:
    """The survey for somebody who helps her to answer. Logged.

    Raises:
        NotFound: unknown, hidden, or no survey was offered.
        Refused: the reader is or was her supervisor: the questions are about that too.
    """
    actor.require_role(*READERS)
    found = get_placement(session, actor, key, today=today, for_update=for_update)
    _require_independent(session, actor, found)
    survey = session.scalar(
        select(ParticipantSurvey)
        .where(ParticipantSurvey.placement_id == found.placement.id)
        .options(selectinload(ParticipantSurvey.answers))
    )
    if survey is None:
        raise NotFound("participant_survey")
    audit.record(
        session, actor, "read", "participant_survey", survey.id, subjects=[found.participant.id]
    )
    is_hers = actor.user_id == _case_worker(session, found)
    words = None
    if is_hers and found.sight >= Sight.FULL and _wants_contact(survey):
        text = next((each for each in survey.answers if each.text), None)
        if text is not None and text.text is not None:
            words = FreeText(text.text, tuple(Careful(each) for each in text.warnings))
    return Assisted(
        found,
        survey,
        version_of(session, survey.questionnaire),
        is_open(survey, today=today),
        is_hers,
        words if survey.completed_at is not None else None,
    )


def _case_worker(session: Session, found: Seen) -> UUID | None:
    case = latest_case(session, found.participant)
    return case.case_worker_id or found.placement.case_worker_id


def is_independent(session: Session, actor: Actor, found: Seen) -> bool:
    """Whether the actor never supervised her: the questions are about that too. One query."""
    was_supervisor = select(Involvement.id).where(
        Involvement.participant_id == found.participant.id,
        Involvement.user_id == actor.user_id,
        Involvement.capacity == Capacity.SUPERVISOR,
    )
    is_on_it = actor.user_id is not None and actor.user_id == found.placement.supervisor_id
    return not is_on_it and session.scalar(was_supervisor.limit(1)) is None


def _require_independent(session: Session, actor: Actor, found: Seen) -> None:
    if not is_independent(session, actor, found):
        raise Refused(
            "not_independent",
            N_("Du är eller har varit personens handledare. Be någon annan ta emot svaren."),
        )


def answer_assisted(
    session: Session,
    actor: Actor,
    key: UUID | str,
    given: Given,
    *,
    language: str,
    keeps_warned: bool = False,
    today: date,
    now: datetime,
) -> ParticipantSurvey:
    """Write down what she answers aloud, all at once; what is left out was skipped.

    Raises:
        NotFound, Refused: as :func:`open_assisted`.
        Invalid: there is no such language.
        RuleViolation: it is done or too late, an answer was not offered, or the text seems to hold
            a name, a number or something about health and nobody has looked twice.
    """
    opened = open_assisted(session, actor, key, today=today, for_update=True)
    survey = opened.survey
    if language not in LANGUAGES:
        raise Invalid({"language": N_("Välj ett språk i listan.")})
    _require_open(survey, today)
    for question_id, (values, text) in given.items():
        save_own_answer(
            session, survey, question_id, values=values, text=text,
            keeps_warned=keeps_warned, today=today, now=now,
        )  # fmt: skip
    survey.started_at = survey.started_at or now
    survey.channel, survey.language, survey.helper_id = "assisted", language, actor.user_id
    _complete(session, actor, survey, now=now)
    audit.record(
        session, actor, "assist", "participant_survey", survey.id,
        subjects=[opened.seen.participant.id], fields=[language],
    )  # fmt: skip
    return survey


def decline_assisted(
    session: Session, actor: Actor, key: UUID | str, *, today: date
) -> ParticipantSurvey:
    """Write down that she does not want to answer; she is not asked again.

    Raises:
        NotFound, Refused: as :func:`open_assisted`.
        RuleViolation: it is done or too late.
    """
    opened = open_assisted(session, actor, key, today=today, for_update=True)
    _require_open(opened.survey, today)
    opened.survey.declined_on = today
    session.flush()
    audit.record(
        session, actor, "change", "participant_survey", opened.survey.id,
        subjects=[opened.seen.participant.id], fields=["declined_on"],
    )  # fmt: skip
    return opened.survey


def _require_open(survey: ParticipantSurvey, today: date) -> None:
    if not is_open(survey, today=today):
        raise RuleViolation("survey_done", N_("Enkäten går inte längre att svara på."))


# By the link of her own page.


def find_open_of(
    session: Session, participant_id: UUID, *, today: date
) -> ParticipantSurvey | None:
    """The latest survey that somebody may answer, its answers loaded. Asks no right.

    None for whoever is protected: a link opens nothing of hers.
    """
    return session.scalar(
        select(ParticipantSurvey)
        .join(Placement, Placement.id == ParticipantSurvey.placement_id)
        .join(Participant, Participant.id == Placement.participant_id)
        .where(
            Placement.participant_id == participant_id,
            Participant.protected.is_(False),
            stands(Participant),
            ParticipantSurvey.completed_at.is_(None),
            ParticipantSurvey.declined_on.is_(None),
            ParticipantSurvey.offered_on >= today - OPEN_FOR,
        )
        .options(selectinload(ParticipantSurvey.answers))
        .order_by(ParticipantSurvey.offered_on.desc(), ParticipantSurvey.id)
        .limit(1)
    )


def start_by_link(
    session: Session, participant_id: UUID, *, language: str, now: datetime
) -> tuple[str, ParticipantSurvey] | None:
    """Begin to answer from the own page's link; the token of a session, or None without a survey.

    The link behind the session is nobody's to keep: its token is forgotten here.
    """
    survey = find_open_of(session, participant_id, today=local_date(now))
    if survey is None:
        return None
    _token, link = create_link(
        session,
        kind=LinkKind.ANSWER,
        purpose=PURPOSE,
        subject_id=survey.id,
        unit_id=survey.unit_id,
        expires_at=now + _LASTS,
    )
    survey.started_at = survey.started_at or now
    survey.language = language if language in LANGUAGES else LANGUAGES[0]
    return start_link_session(session, link, now), survey


def get_by_link(
    session: Session, link: SignedLink, *, today: date
) -> tuple[ParticipantSurvey, Questionnaire]:
    """The survey behind a session's link, its answers loaded.

    Raises:
        NotFound: the link is for something else, the survey is closed, or she has become protected.
    """
    survey = None
    if link.purpose == PURPOSE:
        survey = session.scalar(
            select(ParticipantSurvey)
            .join(Placement, Placement.id == ParticipantSurvey.placement_id)
            .join(Participant, Participant.id == Placement.participant_id)
            .where(
                ParticipantSurvey.id == link.subject_id,
                Participant.protected.is_(False),
                stands(Participant),
            )
            .options(selectinload(ParticipantSurvey.answers))
        )
    if survey is None or not is_open(survey, today=today):
        raise NotFound("participant_survey")
    return survey, version_of(session, survey.questionnaire)


def save_own_answer(
    session: Session,
    survey: ParticipantSurvey,
    question_id: str,
    *,
    values: tuple[str, ...],
    text: str | None,
    keeps_warned: bool,
    today: date,
    now: datetime,
) -> None:
    """Keep one answer at once; an empty one takes it back.

    Raises:
        NotFound: there is no such question.
        RuleViolation: as :func:`matchsvc.placements.surveys.save_answer`.
    """
    question = version_of(session, survey.questionnaire).find(question_id)
    if question is None:
        raise NotFound("question")
    words = (text or "").strip() or None
    check_answer(question, values, words)
    warnings = look_at(words, people_of(session, survey.placement_id), today=today) if words else []
    warn_once(warnings, keeps_warned=keeps_warned)
    known = next((each for each in survey.answers if each.question == question_id), None)
    if not values and words is None:
        if known is not None:
            survey.answers.remove(known)
        session.flush()
        return
    if known is None:
        known = ParticipantSurveyAnswer(question=question_id)
        survey.answers.append(known)
    known.values, known.text, known.saved_at = list(values), words, now
    known.warnings = [str(each) for each in warnings]
    session.flush()


def complete_by_link(
    session: Session, actor: Actor, link: SignedLink, survey: ParticipantSurvey, *, now: datetime
) -> None:
    """Hand it in.

    Raises:
        RuleViolation: it was handed in already.
    """
    mark_answered(session, link, now)
    survey.channel = "link"
    _complete(session, actor, survey, now=now)
    audit.record(session, actor, "change", "participant_survey", survey.id, fields=["completed_at"])


def decline_by_link(
    session: Session, actor: Actor, survey: ParticipantSurvey, *, today: date
) -> None:
    """She does not want to answer, and is not asked again."""
    survey.declined_on = today
    session.flush()
    audit.record(session, actor, "change", "participant_survey", survey.id, fields=["declined_on"])


def _complete(session: Session, actor: Actor, survey: ParticipantSurvey, *, now: datetime) -> None:
    session.flush()
    done = session.execute(
        update(ParticipantSurvey)
        .where(ParticipantSurvey.id == survey.id, ParticipantSurvey.completed_at.is_(None))
        .values(completed_at=now)
        .execution_options(synchronize_session=False)
    )
    if not cast("CursorResult[Any]", done).rowcount:
        raise RuleViolation("survey_done", N_("Enkäten går inte längre att svara på."))
    survey.completed_at = now
    if _wants_contact(survey):
        _tell_worker(session, actor, survey, today=local_date(now))
    session.flush()


def _wants_contact(survey: ParticipantSurvey) -> bool:
    return any(CONTACT_ME in answer.values for answer in survey.answers)


def _tell_worker(session: Session, actor: Actor, survey: ParticipantSurvey, *, today: date) -> None:
    """A task for her case worker: the next working day when she did not feel safe."""
    placement, participant = session.execute(
        select(Placement, Participant)
        .join(Participant, Participant.id == Placement.participant_id)
        .where(Placement.id == survey.placement_id)
    ).one()
    is_unsafe = any(
        answer.question == SAFE and UNSAFE & set(answer.values) for answer in survey.answers
    )
    soon = working_day_on_or_after(today + timedelta(days=1))
    owner_id = _worker_of(session, placement, participant, None)
    if owner_id is None:
        return
    add_task(
        session,
        actor,
        unit_id=survey.unit_id,
        owner_id=owner_id,
        kind="participant_unsafe" if is_unsafe else "participant_contact",
        about_type="placement",
        about_id=placement.id,
        due_on=soon if is_unsafe else max(working_day_on_or_before(today + CONTACT_WITHIN), today),
        words={"alias": participant.alias},
        origin="participant_survey",
    )
