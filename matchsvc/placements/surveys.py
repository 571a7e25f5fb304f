"""Answering the employer's survey, and reading what was answered (domain.md 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session, selectinload

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role, Unit
from matchsvc.accounts.settings import number
from matchsvc.employers.models import Site
from matchsvc.errors import N_, NotFound, RuleViolation
from matchsvc.messages.links import mark_answered
from matchsvc.messages.models import SignedLink
from matchsvc.participants.models import Participant
from matchsvc.placements.access import READERS, Seen, get_placement
from matchsvc.placements.careful import Careful, look_at, people_of
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
    TEXT_LONGEST,
    Question,
    QuestionKind,
    Questionnaire,
)
from matchsvc.placements.questionnaire_versions import version_of
from matchsvc.placements.survey_sending import PURPOSE, use_up_links
from matchsvc.swedish import format_phone, local_date
from matchsvc.workday.archivable import stands
from matchsvc.workday.rules import add_task

#: An employer who ticked "contact me" hears from us within this time.
ANSWER_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OpenSurvey:
    """A survey as the employer's page shows it: a workplace and a period, nobody's name.

    Attributes:
        survey: the row, its answers loaded.
        questionnaire: the version that it was sent with.
        site_name: the workplace.
        end_date: last day of the placement.
        unit_phone: whom to call, E.164.
    """

    survey: Survey
    questionnaire: Questionnaire
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
        .where(Survey.id == link.subject_id, Participant.protected.is_(False), stands(Participant))
        .options(selectinload(Survey.answers))
    ).one_or_none()
    if row is None:
        raise NotFound("survey")
    asked = version_of(session, row[0].questionnaire)
    return OpenSurvey(row[0], asked, row[1], row[2], row[3])


def start_survey(survey: Survey, *, now: datetime) -> None:
    """Note when somebody began to answer; coming back changes nothing."""
    if survey.started_at is None:
        survey.started_at = now


def save_answer(
    session: Session,
    survey: Survey,
    question_id: str,
    *,
    values: tuple[str, ...] = (),
    text: str | None = None,
    today: date,
    keeps_warned: bool = False,
) -> SurveyAnswer | None:
    """Keep one answer at once; a new one replaces the old, an empty one takes it back.

    Args:
        session: the request's transaction.
        survey: with its answers loaded.
        question_id: ``E1`` to ``E12``.
        values: what was chosen.
        text: what was written, at most 500 signs.
        today: decides the century of an identity number.
        keeps_warned: who wrote it has seen what it seems to hold, and saves it all the same.

    Raises:
        NotFound: there is no such question.
        RuleViolation: the survey is done, the answer is not one of the choices, or the text seems
            to hold a name, a number or something about health (``text_careful``).
    """
    question = version_of(session, survey.questionnaire).find(question_id)
    if question is None:
        raise NotFound("question")
    if survey.completed_at is not None:
        raise RuleViolation("survey_done", N_("Enkäten är redan inskickad. Tack för svaren."))
    words = (text or "").strip() or None
    check_answer(question, values, words)
    warnings = look_at(words, people_of(session, survey.placement_id), today=today) if words else []
    warn_once(warnings, keeps_warned=keeps_warned)
    known = next((answer for answer in survey.answers if answer.question == question_id), None)
    if not values and words is None:
        if known is not None:
            survey.answers.remove(known)
        session.flush()
        return None
    if known is None:
        known = SurveyAnswer(question=question_id, values=[])
        survey.answers.append(known)
    known.values, known.text, known.warnings = list(values), words, [str(w) for w in warnings]
    session.flush()
    return known


def check_answer(question: Question, values: tuple[str, ...], words: str | None) -> None:
    """Refuse what was not offered.

    Raises:
        RuleViolation: a value that is no choice, too many, or a text that is too long.
    """
    wrong = N_("Välj ett av svaren på sidan.")
    if not question.allows(values):
        if len(values) > question.most:
            wrong = N_("Välj högst tre svar.")
        raise RuleViolation("answer_not_possible", wrong, fields={"answer": wrong})
    if words is None:
        return
    if question.kind is not QuestionKind.TEXT:
        raise RuleViolation("answer_not_possible", wrong, fields={"text": wrong})
    if len(words) > TEXT_LONGEST:
        message = N_("Texten är för lång. Korta den till 500 tecken.")
        raise RuleViolation("answer_not_possible", message, fields={"text": message})


def warn_once(warnings: list[Careful], *, keeps_warned: bool) -> None:
    """Ask the writer to look again, unless that was done.

    Raises:
        RuleViolation: ``text_careful``, with what it seems to hold in ``values``.
    """
    if warnings and not keeps_warned:
        message = N_("Läs texten en gång till. Ändra den, eller spara ändå.")
        raise RuleViolation(
            "text_careful",
            message,
            fields={"text": message},
            values={"warnings": ",".join(warnings)},
        )


def complete_survey(
    session: Session, actor: Actor, link: SignedLink, survey: Survey, *, now: datetime
) -> Survey:
    """Hand the survey in: the link is used up, the last part of the support package is done.

    Who ticked "contact me" gets a call: the liaison gets a task.

    Raises:
        RuleViolation: it was handed in, revoked or expired already.
    """
    mark_answered(session, link, now)
    done = session.execute(
        update(Survey)
        .where(Survey.id == survey.id, Survey.completed_at.is_(None))
        .values(completed_at=now)
        .execution_options(synchronize_session=False)
    )
    if not cast("CursorResult[Any]", done).rowcount:  # by another link at the same time
        raise RuleViolation("survey_done", N_("Enkäten är redan inskickad. Tack för svaren."))
    survey.completed_at = now
    use_up_links(session, survey.id, now=now)
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


def next_unanswered(opened: OpenSurvey) -> str:
    """The first question without an answer, where a holder who comes back goes on."""
    questions = opened.questionnaire.questions
    return next((q.id for q in questions if q.id not in opened.answers), questions[-1].id)


@dataclass(frozen=True, slots=True)
class FreeText:
    """What somebody wrote, and what it seems to hold."""

    text: str
    warnings: tuple[Careful, ...]


def read_free_text(
    session: Session, actor: Actor, key: UUID | str, *, today: date
) -> tuple[Seen, FreeText | None]:
    """What the employer wrote, for who may read it; None when there is none or not for the reader.

    The placement's liaison reads it when the employer asked to be contacted. Otherwise the liaison
    and the unit's manager read it once the unit has as many answers as its smallest count: before
    that it would be plain who wrote. Reading it is logged.

    Raises:
        NotFound: unknown, hidden or protected.
        Refused: the role does not work with placements.
    """
    actor.require_role(*READERS)
    found = get_placement(session, actor, key, today=today)
    placement = found.placement
    survey = session.scalar(
        select(Survey)
        .where(Survey.placement_id == placement.id, Survey.completed_at.is_not(None))
        .options(selectinload(Survey.answers))
    )
    text = next((each for each in survey.answers if each.text), None) if survey else None
    if survey is None or text is None or text.text is None:
        return found, None
    is_liaison = actor.user_id is not None and actor.user_id == placement.liaison_id
    if not (is_liaison or actor.has_role(Role.UNIT_MANAGER)):
        return found, None
    if not (is_liaison and _wants_contact(survey)) and not _are_enough(session, survey.unit_id):
        return found, None
    audit.record(session, actor, "read", "survey", survey.id, subjects=[found.participant.id])
    return found, FreeText(text.text, tuple(Careful(each) for each in text.warnings))


def _are_enough(session: Session, unit_id: UUID) -> bool:
    answered = select(func.count()).where(
        Survey.unit_id == unit_id, Survey.completed_at.is_not(None)
    )
    return (session.scalar(answered) or 0) >= number(session, unit_id, "smallest_count")


def find_survey_of(session: Session, placement_id: UUID) -> Survey | None:
    """The survey of a placement: its state, not its answers, which only groups of five show."""
    return session.scalar(select(Survey).where(Survey.placement_id == placement_id))


def _wants_contact(survey: Survey) -> bool:
    return any(CONTACT_ME in answer.values for answer in survey.answers)


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
