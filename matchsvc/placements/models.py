"""Tables of placements: form, placement, support package, follow-ups, survey, employment."""

from __future__ import annotations

import enum
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint, event, inspect
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchsvc.db import Base, EncryptedText, Identified, Recorded, Versioned, retention, utcnow
from matchsvc.placements.workplace_models import AttendanceSaid


class DecisionAuthority(enum.StrEnum):
    """Who decides on a placement (PLA-01)."""

    AF = "af"
    SOCIAL_BOARD = "social_board"
    NONE = "none"


class Outcome(enum.StrEnum):
    """How a placement or employment ended."""

    COMPLETED = "completed"
    ENDED_BY_EMPLOYER = "ended_by_employer"
    ENDED_BY_PARTICIPANT = "ended_by_participant"
    BECAME_JOB = "became_job"
    MOVED = "moved"  # it goes on at another workplace: never chosen, only made by a move
    OTHER = "other"


class EmploymentKind(enum.StrEnum):
    """Resource employment is municipal and is never counted among hires (REP-07)."""

    EMPLOYMENT = "employment"
    SUBSIDISED = "subsidised_employment"
    RESOURCE = "resource_employment"


class Part(enum.StrEnum):
    """The six parts of the employer support package (EMP-05)."""

    PRE_MEETING = "pre_meeting"
    INFORMATION = "information"
    QUESTIONS = "questions"
    KEY_CONTACTS = "key_contacts"
    FOLLOW_UP_SCHEDULE = "follow_up_schedule"
    END_SURVEY = "end_survey"


class PartState(enum.StrEnum):
    """State of a part of the package."""

    PLANNED = "planned"
    DONE = "done"
    DECLINED = "declined"


class Mood(enum.StrEnum):
    """How the participant says it goes."""

    GOOD = "good"
    SO_SO = "so_so"
    HARD = "hard"


class ActionState(enum.StrEnum):
    """State of something agreed at a follow-up."""

    OPEN = "open"
    DONE = "done"
    PARTLY = "partly"
    NOT_YET = "not_yet"


class AccommodationKind(enum.StrEnum):
    """What is adapted (PLA-04)."""

    TASK = "task"
    TIME = "time"
    EQUIPMENT = "equipment"
    ENVIRONMENT = "environment"
    SUPPORT = "support"


class AccommodationOwner(enum.StrEnum):
    """Who sees to an adaptation."""

    WORKPLACE = "workplace"
    UNIT = "unit"
    PARTICIPANT = "participant"
    EMPLOYMENT_SERVICE = "employment_service"  # its occupational therapist, for example


class PlacementForm(Base):
    """A form of placement and what it demands (domain.md 2.3). Data, with its source."""

    __tablename__ = "placement_form"
    __table_args__ = retention("reference")

    code: Mapped[str] = mapped_column(primary_key=True)
    name_sv: Mapped[str]
    name_en: Mapped[str]
    max_months: Mapped[int | None]
    max_months_extended: Mapped[int | None]  # after 450 compensated days
    decision_authority: Mapped[DecisionAuthority]
    union_consultation: Mapped[bool]
    insurance: Mapped[str]
    supervisor_required: Mapped[bool]
    certificate_required: Mapped[bool]
    employer_may_choose: Mapped[bool]
    season_must_be_exceeded: Mapped[bool]
    bar_check: Mapped[bool]  # somebody must have looked for bars on the organiser lately
    extract_for_children: Mapped[bool]  # a register extract is shown where there are children
    legal_source: Mapped[str]
    verified_on: Mapped[date]


class Placement(Identified, Recorded, Versioned, Base):
    """One participant at one site over one period."""

    __tablename__ = "placement"
    __table_args__ = retention(
        "case",
        UniqueConstraint("unit_id", "external_id"),
        CheckConstraint("planned_end_date >= start_date", name="plan_in_order"),
        CheckConstraint("end_date >= start_date", name="dates_in_order"),
        CheckConstraint("end_date IS NULL OR begun_on IS NOT NULL", name="begun_before_ended"),
        CheckConstraint("called_off_on IS NULL OR begun_on IS NULL", name="never_begun_if_off"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    external_id: Mapped[str]
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("offer.id"), index=True)
    proposal_id: Mapped[UUID | None] = mapped_column(ForeignKey("proposal.id"), unique=True)
    form: Mapped[str] = mapped_column(ForeignKey("placement_form.code"))
    start_date: Mapped[date] = mapped_column(index=True)
    planned_end_date: Mapped[date | None]
    end_date: Mapped[date | None] = mapped_column(index=True)
    outcome: Mapped[Outcome | None]
    decision_authority: Mapped[DecisionAuthority]
    decision_ref: Mapped[str | None]
    decision_from: Mapped[date | None]
    decision_to: Mapped[date | None]
    purpose: Mapped[str | None] = mapped_column(Text)
    hours_start: Mapped[int | None]
    hours_goal: Mapped[int | None]
    supervisor_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    case_worker_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    liaison_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    agreement_id: Mapped[UUID | None] = mapped_column(ForeignKey("agreement.id"))
    programme_id: Mapped[UUID | None] = mapped_column(ForeignKey("programme.id"))
    comment: Mapped[str | None] = mapped_column(Text)
    is_history: Mapped[bool] = mapped_column(default=False)  # imported after it had begun
    risk_decision: Mapped[str | None] = mapped_column(Text)  # protected identity: written decision
    called_off_on: Mapped[date | None]  # it never began; kept so that nothing is lost
    begun_on: Mapped[date | None]  # None: planned, or stopped on its day by something missing
    planned_start_date: Mapped[date | None]  # what was planned, when a stop made it begin later
    extended: Mapped[bool] = mapped_column(default=False)  # 450 compensated days: a longer form
    moved_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("placement.id"), unique=True)
    counts_from: Mapped[date | None]  # the form's maximum counts from here, after a move

    checklist: Mapped[list[ChecklistItem]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="ChecklistItem.position"
    )
    package: Mapped[list[PackagePart]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="PackagePart.position"
    )
    follow_ups: Mapped[list[FollowUp]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="FollowUp.number"
    )
    accommodations: Mapped[list[Accommodation]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="Accommodation.created_at"
    )


class ChecklistItem(Identified, Versioned, Base):
    """One thing to do before the start (PLA-14)."""

    __tablename__ = "checklist_item"
    __table_args__ = retention("case", UniqueConstraint("placement_id", "code"))

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    code: Mapped[str]
    position: Mapped[int]
    done_on: Mapped[date | None]
    done_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    participant_done_on: Mapped[date | None]  # the participant's own tick


class PackagePart(Identified, Versioned, Base):
    """One of the six parts of the support package, with its evidence (EMP-05)."""

    __tablename__ = "package_part"
    __table_args__ = retention("case", UniqueConstraint("placement_id", "part"))

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    part: Mapped[Part]
    position: Mapped[int]
    state: Mapped[PartState] = mapped_column(default=PartState.PLANNED)
    due_on: Mapped[date | None] = mapped_column(index=True)
    happened_on: Mapped[date | None]
    evidence: Mapped[str | None] = mapped_column(Text)  # minutes, what was sent, why declined
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    #: Every state with the instant it was recorded, the oldest first; see package_history.py.
    said: Mapped[list[str]] = mapped_column(default=list, server_default="[]")


def morning(day: date) -> datetime:
    """The first instant of a day (UTC)."""
    return datetime.combine(day, time.min, tzinfo=UTC)


@event.listens_for(PackagePart, "before_insert")
@event.listens_for(PackagePart, "before_update")
def keep_what_is_said(_mapper: Any, _connection: Any, part: PackagePart) -> None:
    """Add the state to those that were recorded, when it is another."""
    changed = inspect(part).attrs.state.history
    if not changed.has_changes() or part.state is None:
        return
    kept = list(part.said or ())
    (before,) = changed.deleted or (None,)
    if not kept and before not in {None, PartState.PLANNED}:  # from before states were kept
        day = inspect(part).attrs.happened_on.history.deleted or [part.happened_on]
        kept = [_told(before, morning(day[0]))] if day[0] is not None else []
    if kept or part.state is not PartState.PLANNED:
        part.said = [*kept, _told(part.state, utcnow())]


def _told(state: PartState, recorded: datetime) -> str:
    return f"{state.value} {recorded.isoformat()}"


class FollowUp(Identified, Versioned, Base):
    """A monthly follow-up with the participant and the workplace (PLA-05)."""

    __tablename__ = "follow_up"
    __table_args__ = retention("case", UniqueConstraint("placement_id", "number"))

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    number: Mapped[int]
    due_on: Mapped[date] = mapped_column(index=True)
    held_on: Mapped[date | None]
    logged_at: Mapped[datetime | None]
    logged_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    submission_id: Mapped[UUID | None] = mapped_column(unique=True)  # one form, saved once
    present: Mapped[list[str]] = mapped_column(default=list)
    mood: Mapped[Mood | None]
    own_words: Mapped[str | None] = mapped_column(Text)
    hours_next: Mapped[int | None]
    adaptations_work: Mapped[str | None]  # yes, partly, no, none_needed
    support_wanted: Mapped[str | None] = mapped_column(Text)
    is_well_functioning: Mapped[bool | None]
    next_goal: Mapped[str | None] = mapped_column(Text)
    attendance: Mapped[AttendanceSaid | None]  # since the last one; there is no room for why
    next_on: Mapped[date | None]  # when they meet next; the due day stays
    #: The summary was read together, and she says that it is right; None when it was not asked.
    participant_agrees: Mapped[bool | None]
    completed_at: Mapped[datetime | None]  # the case worker has gone through it
    completed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    completion_words: Mapped[str | None] = mapped_column(
        EncryptedText("follow_up.completion_words")
    )
    cancelled_on: Mapped[date | None]  # the placement ended before it was due

    actions: Mapped[list[AgreedAction]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="AgreedAction.position"
    )


class AgreedAction(Identified, Base):
    """Something promised at a follow-up; the next one starts by asking how it went."""

    __tablename__ = "agreed_action"
    __table_args__ = retention("case")

    follow_up_id: Mapped[UUID] = mapped_column(ForeignKey("follow_up.id"), index=True)
    position: Mapped[int]
    text: Mapped[str]
    state: Mapped[ActionState] = mapped_column(default=ActionState.OPEN)


class Accommodation(Identified, Recorded, Versioned, Base):
    """An adaptation at the workplace and whether it works (PLA-04). Functional words only."""

    __tablename__ = "accommodation"
    __table_args__ = retention("case")

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), index=True)
    condition_id: Mapped[str | None] = mapped_column(ForeignKey("condition.id"))
    kind: Mapped[AccommodationKind | None]  # None: written down before there were kinds
    responsible: Mapped[AccommodationOwner | None]
    text: Mapped[str]
    due_on: Mapped[date | None]
    works: Mapped[str | None]  # yes, partly, no: as it was last said
    is_shared: Mapped[bool] = mapped_column(default=False)  # the participant lets the employer see

    reviews: Mapped[list[AccommodationReview]] = relationship(
        lazy="raise_on_sql",
        cascade="all, delete-orphan",
        order_by="[AccommodationReview.reviewed_on, AccommodationReview.created_at]",
    )


class AccommodationReview(Identified, Recorded, Base):
    """What was said of an adaptation on one day, at a follow-up or between two (PLA-04)."""

    __tablename__ = "accommodation_review"
    __table_args__ = retention("case", UniqueConstraint("accommodation_id", "follow_up_id"))

    accommodation_id: Mapped[UUID] = mapped_column(ForeignKey("accommodation.id"), index=True)
    follow_up_id: Mapped[UUID | None] = mapped_column(ForeignKey("follow_up.id"), index=True)
    works: Mapped[str]  # yes, partly, no
    reviewed_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))


class QuestionnaireVersion(Base):
    """A questionnaire exactly as it is shown, in every language; a version never changes."""

    __tablename__ = "questionnaire_version"
    __table_args__ = retention("reference")

    code: Mapped[str] = mapped_column(primary_key=True)  # "employer-1"
    content: Mapped[dict[str, Any]]  # {"questions": [...]} in their order
    content_hash: Mapped[str]


class Survey(Identified, Recorded, Versioned, Base):
    """The survey that an employer gets when a placement ends (domain.md 6.2)."""

    __tablename__ = "survey"
    __table_args__ = retention("employer")

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), unique=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    link_id: Mapped[UUID | None] = mapped_column(ForeignKey("signed_link.id"))  # the newest
    questionnaire: Mapped[str] = mapped_column(default="employer-1")
    sent_on: Mapped[date | None]
    first_reminder_on: Mapped[date | None]
    last_reminder_on: Mapped[date | None]
    started_at: Mapped[datetime | None]  # the first time that the button was pressed
    completed_at: Mapped[datetime | None]
    declined_on: Mapped[date | None]  # "no more questions from you"
    undeliverable_on: Mapped[date | None]  # no letter reached anybody

    answers: Mapped[list[SurveyAnswer]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="SurveyAnswer.question"
    )


class SurveyAnswer(Base):
    """One answer, saved as soon as it is given."""

    __tablename__ = "survey_answer"
    __table_args__ = retention("employer")

    survey_id: Mapped[UUID] = mapped_column(ForeignKey("survey.id"), primary_key=True)
    question: Mapped[str] = mapped_column(primary_key=True)  # "E1" ... "E12"; ids stay stable
    values: Mapped[list[str]]
    text: Mapped[str | None] = mapped_column(EncryptedText("survey_answer.text"))
    #: What the text seemed to hold when it was saved all the same: of careful.Careful.
    warnings: Mapped[list[str]] = mapped_column(default=list)


class ParticipantSurvey(Identified, Recorded, Versioned, Base):
    """What a participant is asked when her placement has ended (domain.md 6.3).

    A table of its own: nothing that reads the employer's answers can come upon hers.
    """

    __tablename__ = "participant_survey"
    __table_args__ = retention("case")

    placement_id: Mapped[UUID] = mapped_column(ForeignKey("placement.id"), unique=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    questionnaire: Mapped[str]
    offered_on: Mapped[date]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    declined_on: Mapped[date | None]
    channel: Mapped[str | None]  # "link", "assisted"
    language: Mapped[str | None]
    helper_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))

    answers: Mapped[list[ParticipantSurveyAnswer]] = relationship(
        lazy="raise_on_sql",
        cascade="all, delete-orphan",
        order_by="ParticipantSurveyAnswer.question",
    )


class ParticipantSurveyAnswer(Base):
    """One answer of hers."""

    __tablename__ = "participant_survey_answer"
    __table_args__ = retention("case")

    survey_id: Mapped[UUID] = mapped_column(ForeignKey("participant_survey.id"), primary_key=True)
    question: Mapped[str] = mapped_column(primary_key=True)  # "P1" ... "P10"
    values: Mapped[list[str]]
    text: Mapped[str | None] = mapped_column(EncryptedText("participant_survey_answer.text"))
    warnings: Mapped[list[str]] = mapped_column(default=list)
    saved_at: Mapped[datetime]


class Employment(Identified, Recorded, Versioned, Base):
    """A job: the point of it all. Municipal labour-market jobs are their own kind."""

    __tablename__ = "employment"
    __table_args__ = retention(
        "case",
        UniqueConstraint("unit_id", "external_id"),
        CheckConstraint("end_date >= start_date", name="dates_in_order"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    external_id: Mapped[str]
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), index=True)
    offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("offer.id"))
    placement_id: Mapped[UUID | None] = mapped_column(ForeignKey("placement.id"), index=True)
    kind: Mapped[EmploymentKind]
    start_date: Mapped[date] = mapped_column(index=True)
    planned_end_date: Mapped[date | None]
    end_date: Mapped[date | None]
    outcome: Mapped[Outcome | None]
    hours: Mapped[int | None]
    subsidy: Mapped[str | None]
    subsidy_ref: Mapped[str | None]
    case_worker_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    agreement_id: Mapped[UUID | None] = mapped_column(ForeignKey("agreement.id"))
    programme_id: Mapped[UUID | None] = mapped_column(ForeignKey("programme.id"))
    decision_ref: Mapped[str | None]
    comment: Mapped[str | None] = mapped_column(Text)
    is_history: Mapped[bool] = mapped_column(default=False)
