"""Asked before a meeting stands: who may meet, who may be told, what is taken, who hears."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchsvc.accounts import rules as accounts
from matchsvc.accounts.actors import Actor
from matchsvc.accounts.models import User
from matchsvc.accounts.settings import several
from matchsvc.diary import reminders
from matchsvc.diary.access import visible_by
from matchsvc.employers.access import in_own_unit
from matchsvc.employers.models import Contact, Employer
from matchsvc.errors import N_, Invalid, Refused, RuleViolation
from matchsvc.messages.models import Reach, RecipientKind
from matchsvc.messages.preferences import unwilling_among
from matchsvc.participants.access import everybody_among
from matchsvc.participants.consent_models import Category
from matchsvc.participants.models import Case, Participant
from matchsvc.participants.telling import may_all_be_told
from matchsvc.swedish import STOCKHOLM, is_working_day
from matchsvc.workday import invitations
from matchsvc.workday import meeting_plans as plans_of
from matchsvc.workday.archivable import stands
from matchsvc.workday.meeting_models import Meeting, Room
from matchsvc.workday.meeting_plans import Plan, instant, participants_on, staff_on
from matchsvc.workday.meeting_reads import (
    Busy,
    Clash,
    find_clashes,
)
from matchsvc.workday.meeting_types import OWN_TIME, Breach, Party

#: The talk at which consent is asked for, with the referrer (PRO-08).
ENROLMENT = "enrolment_multi_party"
MAPPING_TALK = "mapping_talk"
#: Code of the refusal that the booker may pass knowingly.
CLASH = "clash"


def _clash(clashes: list[tuple[Clash, str]]) -> RuleViolation:
    """The refusal that says what is taken, each with the name that the booker may see."""
    return RuleViolation(
        CLASH,
        N_("Något är redan upptaget: %(what)s. Välj en annan tid, eller boka ändå."),
        values={"what": ", ".join(f"{name} {_span(clash)}" for clash, name in clashes)},
    )


def _span(clash: Clash) -> str:
    start, end = clash.starts_at.astimezone(STOCKHOLM), clash.ends_at.astimezone(STOCKHOLM)
    return f"{start:%Y-%m-%d %H.%M}-{end:%H.%M}"


@dataclass(frozen=True, slots=True)
class Checked:
    """The participants of a meeting, all of them known to be allowed there."""

    participants: dict[UUID, Participant]

    @property
    def is_quiet(self) -> bool:
        """Whether nothing of the meeting may travel: somebody protected is on it."""
        return any(each.stays_inside for each in self.participants.values())


def unit_of(actor: Actor) -> UUID:
    """The unit whose diary the actor has.

    Raises:
        Refused: a command or a job has none.
    """
    if actor.unit_id is None:
        raise Refused
    return actor.unit_id


def check_plan(
    session: Session, actor: Actor, plan: Plan, owner_id: UUID, *, today: date
) -> Checked:
    """Everybody and everything chosen exists for the actor, and may meet each other."""
    unit_id = unit_of(actor)
    wanted = {
        party: [g.ref_id for g in plan.guests if g.party is party and g.ref_id]
        for party in (Party.PARTICIPANT, Party.STAFF, Party.EMPLOYER)
    }
    for guest in plan.guests:
        is_ours = guest.party in {Party.PARTICIPANT, Party.STAFF}
        if is_ours != bool(guest.ref_id) and guest.party is not Party.EMPLOYER:
            raise Invalid({"party": N_("Välj vem det är utanför enheten.")})
    seen = visible_by(session, actor, wanted[Party.PARTICIPANT], today=today)
    if len(seen) < len(set(wanted[Party.PARTICIPANT])):
        raise Invalid({"participants": N_("Personen finns inte, eller så får du inte se den.")})
    staff = {owner_id, *wanted[Party.STAFF]}
    users = set(
        session.scalars(
            select(User.id).where(User.id.in_(staff), User.unit_id == unit_id, User.is_active)
        )
    )
    if users != staff:
        raise Invalid({"staff": N_("Kollegan finns inte längre. Välj igen.")})
    if plan.room_id and session.get(Room, plan.room_id) not in set(
        session.scalars(select(Room).where(Room.unit_id == unit_id, Room.is_active))
    ):
        raise Invalid({"room_id": N_("Rummet finns inte längre. Välj igen.")})
    contacts = set(wanted[Party.EMPLOYER])
    if contacts:
        found = set(
            session.scalars(
                select(Contact.id)
                .join(Employer, Employer.id == Contact.employer_id)
                .where(
                    Contact.id.in_(contacts),
                    Contact.is_active,
                    in_own_unit(actor, Employer.unit_id.expression),
                    stands(Employer),
                )
            )
        )
        if found != contacts:
            raise Invalid({"contact_id": N_("Kontaktpersonen finns inte längre. Välj igen.")})
    refuse_strangers(session, seen, staff, today=today)
    parties = {guest.party for guest in plan.guests}
    telling = may_all_be_told(
        session,
        list(seen.values()),
        parties,
        Category.PLANNING,
        today=today,
        on=plan.day,
        is_enrolment=plan.kind == ENROLMENT,
    )
    if not telling:
        raise RuleViolation(
            "consent_missing", telling.why, fields={"party": telling.why}, values=telling.values
        )
    return Checked(seen)


def refuse_strangers(
    session: Session,
    seen: dict[UUID, Participant],
    staff: Collection[UUID],
    *,
    today: date,
) -> None:
    """Nobody is put on a meeting with a protected person without being her handler."""
    protected = [key for key, each in seen.items() if each.protected]
    if not protected:
        return
    for user_id in staff:
        other = accounts.actor_of(session, user_id)
        if len(visible_by(session, other, protected, today=today)) < len(protected):
            raise RuleViolation(
                "not_handler",
                N_(
                    "Personen har skyddade uppgifter. Bara de utsedda handläggarna kan vara med. "
                    "Välj en av dem."
                ),
                fields={"staff": N_("Välj en utsedd handläggare.")},
            )


def refuse_untold(
    session: Session, actor: Actor, plan: Plan, checked: Checked, *, today: date
) -> None:
    """Refuse when somebody outside may not be told; who is unseen by the actor stays unnamed."""
    seen = visible_by(session, actor, list(checked.participants), today=today)
    for people in (seen, checked.participants):
        telling = may_all_be_told(
            session,
            list(people.values()),
            {guest.party for guest in plan.guests},
            Category.PLANNING,
            today=today,
            on=plan.day,
            is_enrolment=plan.kind == ENROLMENT,
        )
        if telling:
            continue
        if people is seen:
            raise RuleViolation("consent_missing", telling.why, values=telling.values)
        raise RuleViolation(
            "cannot_move", N_("Mötet kan inte flyttas av dig. Be den som ansvarar för det.")
        )


def check_limits(
    session: Session, plan: Plan, checked: Checked, *, unit_id: UUID, today: date
) -> None:
    """Refuse what a limit of the type, the unit, the calendar or the participant's case forbids.

    Raises:
        Invalid, RuleViolation: as :func:`matchsvc.workday.meeting_plans.check_plan`.
    """
    limits = several(session, unit_id, "day_starts", "day_ends", "mapping_talk_minutes")
    _refuse_too_long_a_talk(plan, int(limits["mapping_talk_minutes"]))
    more = []
    if plan.kind != OWN_TIME:
        more += _outside_hours(plan, int(limits["day_starts"]), int(limits["day_ends"]))
    if not is_working_day(plan.day):
        more.append(
            Breach("day_off", False, N_("Dagen är ingen arbetsdag."), {})  # noqa: FBT003
        )
    within = plan.type.within_days
    if within is not None and checked.participants:
        for latest in _latest_days(session, list(checked.participants), within):
            if plan.day > latest:
                said = N_("Samtalet ska hållas senast %(day)s, 90 dagar efter starten.")
                more.append(
                    Breach("too_late", False, said, {"day": latest.isoformat()})  # noqa: FBT003
                )
    plans_of.check_plan(plan, today=today, more=more)


def _refuse_too_long_a_talk(plan: Plan, most: int) -> None:
    """The unit may have said less than the method's hour (MAP-01); what is longer is refused."""
    if plan.kind == MAPPING_TALK and plan.length > most:
        message = N_("Enheten har sagt att samtalet får ta högst %(most)s minuter. Korta det.")
        raise RuleViolation("too_long", message, fields={"minutes": message}, values={"most": most})


def _outside_hours(plan: Plan, first: int, last: int) -> list[Breach]:
    start, end = plan.starts_at.astimezone(STOCKHOLM), plan.ends_at.astimezone(STOCKHOLM)
    if start.hour >= first and end <= instant(plan.day, time(last)):
        return []
    said = N_("Mötet ligger utanför arbetsdagen, %(first)s-%(last)s.")
    values = {"first": f"{first}.00", "last": f"{last}.00"}
    return [Breach("outside_hours", False, said, values)]  # noqa: FBT003


def _latest_days(session: Session, ids: list[UUID], within: int) -> list[date]:
    found = select(func.max(Case.enrolled_on)).where(Case.participant_id.in_(ids))
    enrolled = session.scalars(found.group_by(Case.participant_id))
    return [day + timedelta(days=within) for day in enrolled if day is not None]


def refuse_clashes(
    session: Session,
    actor: Actor,
    plans: Sequence[Plan],
    *,
    unit_id: UUID,
    owner_id: UUID,
    today: date,
    apart_from: Collection[UUID] = (),
) -> None:
    """Refuse what is taken already; the booker may pass it knowingly.

    Raises:
        RuleViolation: with the code CLASH, naming what is taken and when.
    """
    clashes = find_clashes(
        session, plans, unit_id=unit_id, owner_id=owner_id, apart_from=apart_from
    )
    if clashes:
        raise _clash(_named(session, actor, clashes, today=today))


def _named(
    session: Session, actor: Actor, clashes: list[Clash], *, today: date
) -> list[tuple[Clash, str]]:
    of = {what: [c.ref_id for c in clashes if c.what is what] for what in Busy}
    names = {
        key: each.alias
        for key, each in visible_by(session, actor, of[Busy.PARTICIPANT], today=today).items()
    }
    for model, what in ((User, Busy.STAFF), (Room, Busy.ROOM)):
        rows = session.execute(select(model.id, model.name).where(model.id.in_(of[what])))
        names |= {row.id: row.name for row in rows}
    return [(clash, names.get(clash.ref_id, "")) for clash in clashes]


def tell(
    session: Session, actor: Actor, meeting: Meeting, checked: Checked, *, now: datetime
) -> None:
    """Send what holds now to everybody who may have it; nothing about what is over."""
    if meeting.ends_at <= now or meeting.kind == OWN_TIME:
        return
    guests = guests_of(session, actor, meeting, checked)
    invitations.send_invitations(session, meeting, guests, quiet=checked.is_quiet, now=now)
    reminders.correct(session, meeting)


def guests_of(
    session: Session, actor: Actor, meeting: Meeting, checked: Checked
) -> list[invitations.Guest]:
    """Everybody who may have an invitation to it, with the address it goes to."""
    users = session.scalars(select(User).where(User.id.in_(staff_on(meeting)), User.is_active))
    others = [user for user in users if user.id != actor.user_id]
    unwilling = unwilling_among(session, {user.id for user in others})
    guests = [
        invitations.Guest(user.id, user.email, is_staff=True, to=(RecipientKind.USER, user.id))
        for user in sorted(others, key=lambda user: str(user.id))
        if user.id not in unwilling
    ]
    if checked.is_quiet and meeting.cancelled_at is None:
        return guests  # nothing about somebody protected leaves the unit
    contact_ids = [p.ref_id for p in meeting.people if p.party is Party.EMPLOYER and p.ref_id]
    contacts = {
        each.id: each.email
        for each in session.scalars(select(Contact).where(Contact.id.in_(contact_ids)))
        if each.reach is not Reach.NONE
    }
    for person in meeting.people:
        email, to = person.email, None
        if person.party is Party.EMPLOYER and person.ref_id:
            email, to = contacts.get(person.ref_id), (RecipientKind.CONTACT, person.ref_id)
        elif person.party is Party.PARTICIPANT and person.ref_id:
            participant = checked.participants.get(person.ref_id)
            wants = participant is not None and not (
                participant.no_messages or participant.stays_inside or person.slot
            )
            email = participant.email if participant is not None and wants else None
            to = (RecipientKind.PARTICIPANT, person.ref_id)
        elif person.party is Party.STAFF:
            continue
        if email:
            guests.append(invitations.Guest(person.id, email, is_staff=False, to=to))
    return guests


def known_on(session: Session, meeting: Meeting) -> Checked:
    """Everybody on a meeting, whoever changes it: what may travel depends on all of them."""
    found = everybody_among(session, participants_on(meeting))
    return Checked({each.id: each for each in found})
