"""Two rows that turn out to be the same person become one, and nothing of either is lost.

Rows of packages above (placements, proposals) move by foreign key, see workday/merging.py; the
overlap of placements is read from the metadata for the same reason: imports go one way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import Role
from matchsvc.db import Base, check_version
from matchsvc.employers.models import Site
from matchsvc.errors import N_, Invalid, Refused, RuleViolation
from matchsvc.outcomes import rules as outcomes
from matchsvc.participants.access import Sight, get_visible, sight_of, visible_participants
from matchsvc.participants.cases import PRESENT_FIRST, correct_outcomes
from matchsvc.participants.models import (
    Capacity,
    Case,
    Competence,
    CompetenceTalk,
    Involvement,
    LanguageSkill,
    Need,
    Participant,
    ParticipantArea,
    Rung,
)
from matchsvc.participants.own import is_own, plain_text
from matchsvc.participants.protection import protect
from matchsvc.swedish import sort_key
from matchsvc.workday.merging import count_hanging, move_hanging

#: What can be chosen, and the columns that go together.
FIELDS: dict[str, tuple[str, ...]] = {
    "name": ("given_name", "family_name"),
    "sex": ("sex",),
    "birth_year": ("birth_year",),
    "birth_region": ("birth_region",),
    "birth_country": ("birth_country",),
    "phone": ("phone",),
    "email": ("email",),
    "contact_language": ("contact_language",),
    "interpreter": ("interpreter",),
    "hours_per_week": ("hours_per_week",),
    "weekdays": ("weekdays",),
    "available_from": ("available_from",),
    "reaches_all_areas": ("reaches_all_areas",),
    "informal_asked_on": ("informal_asked_on",),
    "ready_on": ("ready_on",),
}
_EMPTY = (None, "", 0, "unknown")  # 0 is also False
_DOUBLE = "Stod på två ställen, sammanslaget"
_RUNGS = list(Rung)
_LEVELS = ("speak", "understand", "read", "write")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two that may be the same person, side by side.

    Attributes:
        kept: whose address stays.
        gone: the one that will only lead there.
        differing: the fields that differ, to choose in.
        suggested: those of them where only the one that goes says anything.
        moving: how many rows move, by table.
        obstacles: what has to be done first.
    """

    kept: Participant
    gone: Participant
    differing: tuple[str, ...]
    suggested: frozenset[str]
    moving: dict[str, int]
    obstacles: tuple[RuleViolation, ...]


def read_pair(
    session: Session, actor: Actor, key: UUID | str, other: UUID | str, *, today: date
) -> Pair:
    """Two people beside each other, for whoever may merge them; both readings are logged.

    Raises:
        NotFound: either is unknown, hidden or protected: the same answer.
        Refused: the actor does not see all of both.
        RuleViolation: they are one and the same row.
    """
    kept, gone = _both(session, actor, key, other, today=today)
    audit.record(
        session, actor, "read", "participant", kept.id,
        subjects=[kept.id, gone.id], fields=["compare"],
    )  # fmt: skip
    differing = _differing(kept, gone)
    return Pair(
        kept,
        gone,
        differing,
        suggest(kept, gone),
        count_hanging(session, "participant", gone.id),
        tuple(_obstacles(session, kept, gone, today=today)),
    )


def suggest(kept: Participant, gone: Participant) -> frozenset[str]:
    """The fields that only the one that goes says something in."""
    return frozenset(
        name
        for name in _differing(kept, gone)
        if all(getattr(kept, column) in _EMPTY for column in FIELDS[name])
    )


def merge_people(
    session: Session,
    actor: Actor,
    key: UUID | str,
    other: UUID | str,
    *,
    reason: str,
    today: date,
    now: datetime,
    from_other: Collection[str] | None = None,
    versions: tuple[int, int] | None = None,
) -> Participant:
    """Make two rows of one person one. There is no way back.

    Args:
        session: a writing transaction.
        actor: works with both, or leads the unit and has said why she reads both.
        key: who stays.
        other: whose row will only lead there.
        reason: why they are the same; for the log.
        today: the day it happens.
        now: the instant, for what is archived.
        from_other: names of FIELDS in which the other's value is the right one; None takes what
            only the other says.
        versions: of both, as they were shown.

    Raises:
        NotFound: either is unknown, hidden or protected: the same answer.
        Refused: the actor does not see all of both.
        Invalid: no reason, or an identity number in it.
        RuleViolation: two identity numbers, two open cases, placements at the same time.
        Conflict: either was saved since it was shown.
    """
    kept, gone = _both(session, actor, key, other, today=today, lock=True)
    for person, version in zip((kept, gone), versions or (None, None), strict=True):
        check_version(person, version)
    said = plain_text("reason", reason, today=today)
    if said is None:
        raise Invalid({"reason": N_("Skriv hur ni vet att det är samma person.")})
    for obstacle in _obstacles(session, kept, gone, today=today):
        raise obstacle
    differing = _differing(kept, gone)
    taken = suggest(kept, gone) if from_other is None else set(from_other) & set(differing)
    if kept.protected != gone.protected:
        # A secret that one row keeps must not be told by the other.
        protect(session, actor, kept.id if gone.protected else gone.id, today=today)
    _take(session, kept, gone, taken)
    kept_id, gone_id, gone_key = kept.id, gone.id, gone.outcome_key
    for fold in dict.fromkeys(FOLDED.values()):
        fold(session, kept_id, gone_id)
    _archive_doubles(session, kept_id, gone_id, now)
    move_hanging(session, "participant", gone_id, kept_id)
    gone.merged_into_id = kept_id
    session.flush()
    groups = (kept.sex.value, kept.birth_region.value, kept.birth_year)
    outcomes.move_person(session, gone_key, kept.outcome_key, groups)
    correct_outcomes(session, kept)
    for one in (kept_id, gone_id):
        audit.record(
            session, actor, "merge", "participant", one,
            subjects=[kept_id, gone_id], fields=taken, reason=said,
        )  # fmt: skip
    session.flush()
    return kept


def may_compare(session: Session, actor: Actor, person: Participant, *, today: date) -> bool:
    """Whether the actor may merge this person's row with another such."""
    if is_own(session, actor, person.id, today=today):
        return True
    if person.protected or not actor.has_role(Role.UNIT_MANAGER):
        return False
    return sight_of(session, actor, [person.id], today=today)[person.id] >= Sight.FULL


def _both(
    session: Session,
    actor: Actor,
    key: UUID | str,
    other: UUID | str,
    *,
    today: date,
    lock: bool = False,
) -> tuple[Participant, Participant]:
    kept = get_visible(session, actor, key, today=today)
    gone = get_visible(session, actor, other, today=today)
    if kept.id == gone.id:
        raise RuleViolation("same_row", N_("Det är redan samma person."))
    if lock:  # both in one order: two who merge at once wait for each other
        session.scalars(
            visible_participants(session, actor, today=today)
            .where(Participant.id.in_((kept.id, gone.id)))
            .order_by(Participant.id)
            .with_for_update(of=Participant)
            .execution_options(populate_existing=True)
        ).all()
        if kept.merged_into_id or gone.merged_into_id:
            raise RuleViolation("same_row", N_("Det är redan samma person."))
    if not all(may_compare(session, actor, each, today=today) for each in (kept, gone)):
        raise Refused(
            "not_your_case",
            N_(
                "Den som slår samman behöver få läsa båda ärendena. Be enhetschefen, eller öppna "
                "båda och skriv varför du behöver läsa dem."
            ),
        )
    return kept, gone


def _differing(kept: Participant, gone: Participant) -> tuple[str, ...]:
    has_number = kept.personal_id_index is not None or gone.personal_id_index is not None
    return tuple(
        name
        for name, columns in FIELDS.items()
        if any(getattr(kept, column) != getattr(gone, column) for column in columns)
        and not (name == "birth_year" and has_number)  # follows the number
    )


def _obstacles(
    session: Session, kept: Participant, gone: Participant, *, today: date
) -> Iterable[RuleViolation]:
    if kept.unit_id != gone.unit_id:
        yield RuleViolation("other_unit", N_("De hör till olika enheter."))
    if kept.personal_id_index is not None and gone.personal_id_index is not None:
        yield RuleViolation(
            "two_identity_numbers",
            N_(
                "De har olika personnummer och är två personer. Är ett av numren fel skrivet, "
                "rätta det först."
            ),
        )
    both = (kept.id, gone.id)
    open_cases = session.execute(
        select(Case.participant_id, Case.enrolled_on)
        .where(Case.participant_id.in_(both), Case.ended_on.is_(None))
        .order_by(Case.enrolled_on)
    ).all()
    if {one for one, _ in open_cases} == set(both):
        aliases = {kept.id: kept.alias, gone.id: gone.alias}
        yield RuleViolation(
            "two_open_cases",
            N_("Båda har ett öppet ärende: %(cases)s. Avsluta ett av dem först."),
            values={"cases": ", ".join(f"{aliases[one]} ({day})" for one, day in open_cases)},
        )
    if clashing := _clashing_placements(session, kept, gone, today=today):
        yield RuleViolation(
            "placements_overlap",
            N_(
                "Båda har en placering under samma tid: %(placements)s. Avsluta eller ställ in en "
                "av dem först."
            ),
            values={"placements": "; ".join(clashing)},
        )


def _clashing_placements(
    session: Session, kept: Participant, gone: Participant, *, today: date
) -> list[str]:
    """Running or coming placements of the two that share a day, in words."""
    table = Base.metadata.tables["placement"].c
    running = session.execute(
        select(table.participant_id, Site.name, table.start_date, table.planned_end_date)
        .join(Site, Site.id == table.site_id)
        .where(
            table.participant_id.in_((kept.id, gone.id)),
            table.end_date.is_(None),
            table.called_off_on.is_(None),
        )
        .order_by(table.start_date)
    ).all()

    def last(row: Any) -> date:
        return max(row.planned_end_date, today) if row.planned_end_date else date.max

    hers = [row for row in running if row.participant_id == kept.id]
    others = [row for row in running if row.participant_id == gone.id]
    clashing = {
        row: None
        for one in hers
        for two in others
        if one.start_date <= last(two) and two.start_date <= last(one)
        for row in (one, two)
    }
    aliases = {kept.id: kept.alias, gone.id: gone.alias}
    return [
        f"{aliases[row.participant_id]} {row.name} {row.start_date}–{row.planned_end_date or ''}"
        for row in clashing
    ]


def _take(session: Session, kept: Participant, gone: Participant, taken: Collection[str]) -> None:
    number, index = gone.personal_id, gone.personal_id_index
    values = {column: getattr(gone, column) for name in taken for column in FIELDS[name]}
    if index is not None:
        values["birth_year"] = gone.birth_year
        gone.personal_id = gone.personal_id_index = None
        session.flush()  # the number may stand once only
        kept.personal_id, kept.personal_id_index = number, index
    for column, value in values.items():
        setattr(kept, column, value)
    kept.no_messages = kept.no_messages or gone.no_messages
    # A yes to text messages was a yes to one number: it holds only where that number stays.
    if kept.text_agreed_on is None and gone.phone and kept.phone == gone.phone:
        kept.text_agreed_on = gone.text_agreed_on
    if kept.no_messages or kept.phone is None:
        kept.text_agreed_on = None
    shown = f"{kept.family_name or ''} {kept.given_name or ''}".strip()
    kept.sort_key = sort_key(shown or kept.alias)
    if kept.protected:
        kept.phone = kept.email = None
    session.flush()


# What would collide in a unique key is folded before the rest moves.


def _fold_involvement(session: Session, kept: UUID, gone: UUID) -> None:
    """The present case's workers stay; those of a case that has ended see nothing new."""
    present = session.scalar(
        select(Case.participant_id)
        .where(Case.participant_id.in_((kept, gone)))
        .order_by(*PRESENT_FIRST)
        .limit(1)
    )
    held = session.scalars(
        select(Involvement).where(Involvement.participant_id.in_((kept, gone)))
    ).all()
    has_worker = any(
        row.participant_id == present and row.capacity is Capacity.CASE_WORKER for row in held
    )
    mine: dict[tuple[UUID, Capacity], Involvement] = {}
    for row in sorted(held, key=lambda row: row.participant_id != kept):
        is_former = row.capacity is Capacity.CASE_WORKER and row.participant_id != present
        if has_worker and is_former:
            session.delete(row)
        elif (same := mine.setdefault((row.user_id, row.capacity), row)) is not row:
            if same.until is not None:
                same.until = max(same.until, row.until) if row.until else None
            session.delete(row)
    session.flush()


def _fold_languages(session: Session, kept: UUID, gone: UUID) -> None:
    for mine, other in _meeting(session, LanguageSkill, "concept_id", kept, gone):
        for level in _LEVELS:
            if getattr(mine, level) is None:
                setattr(mine, level, getattr(other, level))
        session.delete(other)
    session.flush()


def _fold_needs(session: Session, kept: UUID, gone: UUID) -> None:
    for mine, other in _meeting(session, Need, "condition_id", kept, gone):
        notes = dict.fromkeys(filter(None, (mine.note, other.note)))
        mine.note = " / ".join(notes) or None
        session.delete(other)
    session.flush()


def _fold_areas(session: Session, kept: UUID, gone: UUID) -> None:
    held = select(ParticipantArea.area_id).where(ParticipantArea.participant_id == kept)
    session.execute(
        delete(ParticipantArea).where(
            ParticipantArea.participant_id == gone,
            ParticipantArea.area_id.in_(held.scalar_subquery()),
        )
    )


def _fold_talks(session: Session, kept: UUID, gone: UUID) -> None:
    """One talk: what was gone through in either has been gone through."""
    found = session.scalars(
        select(CompetenceTalk).where(CompetenceTalk.participant_id.in_((kept, gone)))
    ).all()
    talks = {talk.participant_id: talk for talk in found}
    if len(talks) == 2:  # noqa: PLR2004
        mine, other = talks[kept], talks[gone]
        mine.areas = other.areas | mine.areas
        mine.held_on = max(mine.held_on, other.held_on)
        session.delete(other)
        session.flush()


def _fold_groups(session: Session, kept: UUID, gone: UUID) -> None:
    """One place in each group: having one goes before waiting for one, and that before having left.

    What is written of either's coming stays; where both have it, that of the place that stays.
    """
    place = Base.metadata.tables["activity_member"]
    came = Base.metadata.tables["activity_attendance"]
    found = session.execute(select(place).where(place.c.participant_id.in_((kept, gone)))).all()
    mine = {row.group_id: row for row in found if row.participant_id == kept}
    for other in (row for row in found if row.participant_id == gone and row.group_id in mine):
        stays, goes = sorted(
            (mine[other.group_id], other),
            key=lambda row: (row.left_on is not None, row.joined_on is None, row is other),
        )
        written = select(came.c.session_id).where(came.c.member_id == stays.id).scalar_subquery()
        session.execute(
            update(came)
            .where(came.c.member_id == goes.id, came.c.session_id.not_in(written))
            .values(member_id=stays.id)
        )
        session.execute(delete(came).where(came.c.member_id == goes.id))
        session.execute(delete(place).where(place.c.id == goes.id))


def _fold_days(session: Session, kept: UUID, gone: UUID) -> None:
    """Of the days at the unit's own workplaces, what both have stays once."""
    for name, same in (("day_absence", "day"), ("day_allocation", "task_id")):
        table = Base.metadata.tables[name]
        held = select(table.c[same]).where(table.c.participant_id == kept).scalar_subquery()
        session.execute(
            delete(table).where(table.c.participant_id == gone, table.c[same].in_(held))
        )


def _archive_doubles(session: Session, kept: UUID, gone: UUID, now: datetime) -> None:
    """Of the same concept, the better known stays; the other is archived with its evidence."""
    held = (Competence.concept_id.is_not(None), Competence.archived_at.is_(None))
    for mine, other in _meeting(session, Competence, "concept_id", kept, gone, *held):
        less = other if _RUNGS.index(mine.rung) >= _RUNGS.index(other.rung) else mine
        less.archived_at, less.archived_reason = now, _DOUBLE
    session.flush()


def _meeting(
    session: Session,
    model: type[Any],
    same: str,
    kept: UUID,
    gone: UUID,
    *where: ColumnElement[bool],
) -> list[tuple[Any, Any]]:
    """Rows of both that say the same, as (the kept one's, the other's)."""
    rows = session.scalars(
        select(model).where(model.participant_id.in_((kept, gone)), *where)
    ).all()
    mine = {getattr(row, same): row for row in rows if row.participant_id == kept}
    others = [row for row in rows if row.participant_id == gone]
    return [(mine[getattr(row, same)], row) for row in others if getattr(row, same) in mine]


#: By table: what has to be done before its rows can move. A test finds what is missing here.
FOLDED: dict[str, Callable[[Session, UUID, UUID], None]] = {
    "involvement": _fold_involvement,
    "language_skill": _fold_languages,
    "need": _fold_needs,
    "participant_area": _fold_areas,
    "competence_talk": _fold_talks,
    "activity_member": _fold_groups,
    "day_absence": _fold_days,
    "day_allocation": _fold_days,
}
