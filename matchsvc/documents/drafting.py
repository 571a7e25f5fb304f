"""What is proposed for a document, sentence by sentence, each with where it comes from (PLA-09).

A source is one function from the material to sentences; one more source is one more function in
SOURCES. Nothing here knows the mapping, and no source proposes words for sections 1 and 2. A
sentence that seems to be about health is left out: whoever writes the document decides alone
whether it belongs there.

The documents are Swedish, whoever writes them, so their sentences are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.documents.content import OWN, Line, lines_of, merged
from matchsvc.documents.models import DocumentKind, EndDocument, SeenCompetence
from matchsvc.documents.scale import anchor
from matchsvc.employers.models import Offer, Site
from matchsvc.follow_ups.development import rows_of
from matchsvc.follow_ups.models import DevelopmentRow, DevelopmentState
from matchsvc.participants.overview import concepts_by_id
from matchsvc.placements.access import Seen
from matchsvc.placements.careful import mentions_health
from matchsvc.placements.follow_ups import list_held
from matchsvc.placements.forms import get_form
from matchsvc.placements.models import (
    Accommodation,
    ActionState,
    Employment,
    EmploymentKind,
    FollowUp,
    Mood,
    Outcome,
    PlacementForm,
)
from matchsvc.placements.workplace import Said, words_of
from matchsvc.placements.workplace_models import AttendanceSaid, Going
from matchsvc.swedish import contains_identity_number
from matchsvc.tripartite.content import from_text as agreed_content
from matchsvc.tripartite.models import AgreementState, TripartiteAgreement
from matchsvc.web.words import day_words

_MOOD = {
    Mood.GOOD: "Det går bra, säger personen.",
    Mood.SO_SO: "Det går sådär, säger personen.",
    Mood.HARD: "Det är svårt, säger personen.",
}
_GOING = {
    Going.GOOD: "Det går bra, säger arbetsplatsen.",
    Going.SO_SO: "Det går sådär, säger arbetsplatsen.",
    Going.HARD: "Det är svårt, säger arbetsplatsen.",
}
_ATTENDANCE = {
    AttendanceSaid.AS_AGREED: "Närvaron är som vi kom överens om, säger arbetsplatsen.",
    AttendanceSaid.LESS: "Närvaron är mindre än vi kom överens om, säger arbetsplatsen.",
    AttendanceSaid.MORE: "Närvaron är mer än vi kom överens om, säger arbetsplatsen.",
}
_ATTENDED = {
    AttendanceSaid.AS_AGREED: "Närvaron är som överenskommet.",
    AttendanceSaid.LESS: "Närvaron är mindre än överenskommet.",
    AttendanceSaid.MORE: "Närvaron är mer än överenskommet.",
}
_WORKS = {
    "yes": "fungerade",
    "partly": "fungerade delvis",
    "no": "fungerade inte",
    None: "är inte bedömd",
}
_ADAPTATIONS = {
    "yes": "Anpassningarna fungerar.",
    "partly": "Anpassningarna fungerar delvis.",
    "no": "Anpassningarna fungerar inte.",
    "none_needed": "Inga anpassningar behövs.",
}
_OUTCOME = {
    Outcome.COMPLETED: "Perioden fullföljdes.",
    Outcome.ENDED_BY_EMPLOYER: "Perioden avbröts av arbetsgivaren.",
    Outcome.ENDED_BY_PARTICIPANT: "Perioden avbröts av personen.",
    Outcome.BECAME_JOB: "Perioden övergick i en anställning.",
    Outcome.MOVED: "Arbetsträningen fortsatte på en annan arbetsplats.",
    Outcome.OTHER: "Perioden avslutades.",
}
_EMPLOYMENT = {
    EmploymentKind.EMPLOYMENT: "anställning",
    EmploymentKind.SUBSIDISED: "anställning med lönestöd",
    EmploymentKind.RESOURCE: "resursanställning i kommunen",
}
#: Where what the card says of a competence belongs in the final documentation.
_CARD_SECTION = {
    "samarbetar": "cooperation",
    "kommer-i-tid": "attendance",
    "tar-initiativ": "motivation",
    "forstar-instruktioner": "supervision",
}
STRONG = 3

Drafted = tuple[str, Line]


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that sentences are drafted from, read once.

    Attributes:
        seen: the placement, where, and whose.
        form: of the placement.
        held: its follow-ups that were held, in order, with what was promised.
        accommodations: at the workplace.
        said: what the workplace has said.
        tasks: what is done, as agreed or else as offered.
        development: what she wanted to develop, in her order.
        jobs: employments that grew out of it, with the site's name.
        card: what the newest card says, with what each competence is called.
    """

    seen: Seen
    form: PlacementForm
    held: Sequence[FollowUp]
    accommodations: Sequence[Accommodation]
    said: Sequence[Said]
    tasks: Sequence[str]
    development: Sequence[DevelopmentRow]
    jobs: Sequence[tuple[Employment, str]]
    card: Sequence[tuple[SeenCompetence, str, str]]


def gather(session: Session, seen: Seen) -> Material:
    """Read what a placement's documents are drafted from. Asks no right."""
    key = seen.placement.id
    return Material(
        seen=seen,
        form=get_form(session, seen.placement.form),
        held=list_held(session, key),
        accommodations=session.scalars(
            select(Accommodation)
            .where(Accommodation.placement_id == key)
            .order_by(Accommodation.created_at, Accommodation.id)
        ).all(),
        said=words_of(session, [key]),
        tasks=_agreed_tasks(session, seen),
        development=rows_of(session, key),
        jobs=[
            (job, site)
            for job, site in session.execute(
                select(Employment, Site.name)
                .join(Site, Site.id == Employment.site_id)
                .where(Employment.placement_id == key)
                .order_by(Employment.start_date)
            )
        ],
        card=_card(session, seen),
    )


def _agreed_tasks(session: Session, seen: Seen) -> list[str]:
    agreed = session.scalar(
        select(TripartiteAgreement.content)
        .where(
            TripartiteAgreement.placement_id == seen.placement.id,
            TripartiteAgreement.state == AgreementState.AGREED,
        )
        .limit(1)
    )
    if agreed is not None and (tasks := lines_of(agreed_content(agreed).tasks)):
        return tasks
    offer = session.get(Offer, seen.placement.offer_id) if seen.placement.offer_id else None
    return lines_of(offer.tasks) if offer else []


def _card(session: Session, seen: Seen) -> list[tuple[SeenCompetence, str, str]]:
    from_card = session.execute(
        select(SeenCompetence, EndDocument.number)
        .join(EndDocument, EndDocument.id == SeenCompetence.document_id)
        .where(
            EndDocument.placement_id == seen.placement.id,
            EndDocument.kind == DocumentKind.CARD,
            SeenCompetence.level.is_not(None),
        )
        .order_by(EndDocument.number.desc(), SeenCompetence.position)
    ).all()
    newest = [row for row, number in from_card if number == from_card[0][1]]
    concepts = concepts_by_id(session, {row.concept_id for row in newest})
    return [(row, concepts[row.concept_id].label_sv, shown_note(row)) for row in newest]


def shown_note(row: SeenCompetence) -> str:
    """What stands beside a level on the card: what was seen, else the level's own sentence."""
    if row.level is None:
        return "Inte observerat"
    return row.note or anchor(row.concept_id, row.level)


def from_placement(material: Material) -> Iterator[Drafted]:
    """Where, how long, how it ended."""
    placement = material.seen.placement
    end = placement.end_date or placement.planned_end_date
    place = _place(material.seen)
    period = f"från {_day(placement.start_date)}" + (f" till {_day(end)}" if end else "")
    yield "workplace", Line(f"{material.form.name_sv} på {place}, {period}.", "placement")
    if placement.hours_start:
        goal = f", målet var {placement.hours_goal}" if placement.hours_goal else ""
        hours = f"{placement.hours_start} timmar i veckan vid start{goal}."
        yield "workplace", Line(hours, "placement")
        yield "hours", Line(hours, "placement")
    if placement.purpose:
        yield "workplace", Line(f"Syfte: {placement.purpose}", "placement", is_for_employer=False)
    if placement.end_date and placement.outcome:
        yield "summary", Line(_OUTCOME[placement.outcome], "placement", (placement.end_date,))


def from_tasks(material: Material) -> Iterator[Drafted]:
    """What was done, as agreed."""
    for task in material.tasks:
        yield "tasks", Line(task, "placement")


def from_accommodations(material: Material) -> Iterator[Drafted]:
    """Each adaptation and whether it worked; the employer reads those it was let see."""
    for row in material.accommodations:
        text = f"{row.text.rstrip('.')}: {_WORKS.get(row.works, _WORKS[None])}."
        line = Line(text, "accommodation", is_for_employer=row.is_shared)
        yield "accommodations", line


def from_how_it_went(material: Material) -> Iterator[Drafted]:
    """What each follow-up says of how it goes."""
    for each in material.held:
        if each.mood:
            yield "motivation", _of(each, _MOOD[each.mood])
        if each.next_goal:
            yield "motivation", _of(each, f"Nästa steg mot ett arbete: {_end(each.next_goal)}")
        if each.is_well_functioning is not None:
            word = "väl" if each.is_well_functioning else "inte väl än"
            yield "observations", _of(each, f"Perioden fungerar {word}.")
        if each.adaptations_work in _ADAPTATIONS:
            line = _of(each, _ADAPTATIONS[each.adaptations_work], is_for_employer=False)
            yield "accommodations", line
        if each.support_wanted:
            text = f"Personen vill ändra i stödet: {_end(each.support_wanted)}"
            yield "supervision", _of(each, text, is_for_employer=False)


def from_hours(material: Material) -> Iterator[Drafted]:
    """How the hours have grown, from the follow-ups."""
    told = [each for each in material.held if each.hours_next is not None]
    before = material.seen.placement.hours_start
    for each in told:
        if each.hours_next != before:
            text = f"Därefter {each.hours_next} timmar i veckan."
            yield "attendance", _of(each, text)
            yield "hours", _of(each, text)
        before = each.hours_next


def from_attendance(material: Material) -> Iterator[Drafted]:
    """How much she was there, as it was said at the follow-ups."""
    for each in material.held:
        if each.attendance is not None:
            yield "attendance", _of(each, _ATTENDED[each.attendance])


def from_development(material: Material) -> Iterator[Drafted]:
    """What she wanted to develop, and whether she got there."""
    for row in material.development:
        if row.state is DevelopmentState.DROPPED:
            continue
        is_reached = row.state is DevelopmentState.REACHED
        words = "Har nått" if is_reached else "Vill utveckla"
        days = (row.state_on or row.proposed_on,)
        line = Line(f"{words}: {_end(row.goal)}", "development", days, is_for_employer=is_reached)
        yield ("strengths" if is_reached else "development"), line


def from_promises(material: Material) -> Iterator[Drafted]:
    """What was promised at the follow-ups and what became of it."""
    for each in material.held:
        for action in each.actions:
            if action.state is ActionState.DONE:
                yield "strengths", _of(each, f"Klart som ni kom överens om: {_end(action.text)}")
            elif action.state in {ActionState.PARTLY, ActionState.NOT_YET}:
                yield "development", _of(each, f"Inte klart än: {_end(action.text)}")


def from_own_words(material: Material) -> Iterator[Drafted]:
    """Her own words, as they were said."""
    for each in material.held:
        if each.own_words:
            yield "own_words", _of(each, each.own_words)


def from_workplace(material: Material) -> Iterator[Drafted]:
    """What the workplace's supervisor has said between the follow-ups."""
    for said in material.said:
        word = said.word
        yield "attendance", Line(_ATTENDANCE[word.attendance], "workplace", (word.said_on,))
        yield "workplace_words", Line(_GOING[word.going], "workplace", (word.said_on,))
        if word.text:
            yield "workplace_words", Line(word.text, "workplace", (word.said_on,))


def from_card(material: Material) -> Iterator[Drafted]:
    """What the competence card says, where it belongs."""
    for row, name, note in material.card:
        text = f"{name}: {note[:1].lower()}{_end(note)[1:]}"
        line = Line(text, "card", (row.seen_on,))
        if row.concept_id in _CARD_SECTION:
            yield _CARD_SECTION[row.concept_id], line
        elif row.level is not None:
            yield "strengths" if row.level >= STRONG else "development", line


def from_jobs(material: Material) -> Iterator[Drafted]:
    """Jobs that grew out of it."""
    for job, site in material.jobs:
        place = "arbetsplatsen" if material.seen.participant.protected else site
        until = f" till {_day(job.end_date)}" if job.end_date else ""
        text = f"Därefter {_EMPLOYMENT[job.kind]} på {place} från {_day(job.start_date)}{until}."
        yield "summary", Line(text, "employment", (job.start_date,))


#: Every source, in the order in which their sentences stand in a section.
SOURCES: tuple[Callable[[Material], Iterator[Drafted]], ...] = (
    from_placement,
    from_tasks,
    from_accommodations,
    from_hours,
    from_attendance,
    from_how_it_went,
    from_development,
    from_promises,
    from_own_words,
    from_workplace,
    from_card,
    from_jobs,
)


def draft(material: Material, codes: Sequence[str], *, today: date) -> dict[str, list[Line]]:
    """Sentences by section, for the sections of a document; never for sections 1 and 2.

    Args:
        material: from :func:`gather`.
        codes: of the sections.
        today: decides the century of an identity number.
    """
    found: dict[str, list[Line]] = {code: [] for code in codes}
    with force_locale("sv"):
        for source in SOURCES:
            for code, line in source(material):
                text = " ".join(line.text.split())
                if code not in found or code in OWN or mentions_health(text):
                    continue
                if not contains_identity_number(text, today=today):
                    found[code].append(replace(line, text=text))
    return {code: merged(lines) for code, lines in found.items()}


def _of(follow_up: FollowUp, text: str, *, is_for_employer: bool = True) -> Line:
    days = (follow_up.held_on,) if follow_up.held_on else ()
    return Line(text, "follow_up", days, (follow_up.number,), is_for_employer)


def _place(seen: Seen) -> str:
    if seen.participant.protected:
        return "arbetsplatsen"  # what is printed may be left lying
    return ", ".join(dict.fromkeys((seen.site.name, seen.employer.name)))


def _day(day: date) -> str:
    return day_words(day, weekday=False, year=True)


def _end(text: str) -> str:
    words = text.strip()
    return words if words[-1:] in ".!?”" else f"{words}."
