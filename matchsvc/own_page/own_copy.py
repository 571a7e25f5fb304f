"""A copy of what is kept about somebody, in words that can be read and printed (GDPR 15, LAW-04).

One list of sections is both the paper and the file. What others wrote freely (notes, the mapping,
follow-ups) is handed out by her case worker after it was read through, so that nothing about
anybody else goes with it; the copy says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts import audit
from matchsvc.accounts.actors import Actor
from matchsvc.activities.attendance import shares_of
from matchsvc.activities.models import Activity, ActivityGroup, GroupMember
from matchsvc.activities.wording import share_words
from matchsvc.diary.wording import kind_words
from matchsvc.documents.delivering import copy_of
from matchsvc.documents.desk import facts_as_kept
from matchsvc.documents.drafting import shown_note
from matchsvc.documents.models import GivenTo
from matchsvc.documents.of_person import get_paper
from matchsvc.documents.wording import KIND as DOCUMENT
from matchsvc.documents.wording import section_title
from matchsvc.employments.follow_ups import held_of
from matchsvc.employments.wording import LASTS
from matchsvc.follow_ups.development import rows_of
from matchsvc.follow_ups.wording import DEVELOPMENT
from matchsvc.operations.board import absences_of
from matchsvc.own_page.page import OwnPage
from matchsvc.own_page.wording import CORRECTION, OUTCOME, SAID
from matchsvc.participants import consent_words, plan_words, wording
from matchsvc.participants.disclosures import list_disclosures
from matchsvc.participants.pauses import pauses_of
from matchsvc.participants.plan_models import PlanMeasure, PlanSubGoal, Responsible
from matchsvc.participants.process import process_of
from matchsvc.placements.accommodations import accommodations_of
from matchsvc.placements.overview import get_person_overview
from matchsvc.placements.wording import ATTENDANCE_SAID, EMPLOYMENT, GOING, WORKS
from matchsvc.placements.workplace import words_of
from matchsvc.progression import wording as way_words
from matchsvc.progression.climbing import lines_of
from matchsvc.progression.contacts import contacts_of
from matchsvc.progression.study_visits import visit_of
from matchsvc.swedish import format_phone
from matchsvc.web.words import day_words, yes_no_words
from matchsvc.workday.invitations import place_of
from matchsvc.workday.meeting_models import Meeting, MeetingPerson
from matchsvc.workday.meeting_types import MEETING_TYPES, Party


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the copy: what and what stands there, in order."""

    title: str
    rows: tuple[tuple[str, str], ...]


def make_copy(
    session: Session, actor: Actor, page: OwnPage, *, form: str, today: date
) -> list[Section]:
    """Everything that is kept about her in fields of its own; that it was made is logged.

    Args:
        session: to read with.
        actor: her own worker.
        page: her page, from :func:`matchsvc.own_page.page.read_page`.
        form: ``print`` or ``json``, for the log.
        today: the day of it.
    """
    person = page.participant
    audit.record(
        session, actor, "export", "own_copy", person.id, subjects=[person.id], fields=[form]
    )
    sections = [
        (_("Om dig"), _person(page)),
        (_("Ditt ärende"), _case(session, page)),
        (_("Din väg"), _way(session, page, today)),
        (_("Aktiviteter och grupper"), _groups(session, page)),
        (_("Det du kan"), _abilities(page)),
        (_("Det du vill och behöver"), _wishes(page)),
        (_("Din plan"), _plan(page)),
        (_("Dina samtycken"), _consents(page)),
        (_("Det som har lämnats ut"), _told(session, actor, page, today)),
        (_("Dina möten"), _meetings(session, page)),
        (_("Arbetsträning och arbete"), _work(session, actor, page, today)),
        (_("Dina papper"), _papers(session, actor, page, today)),
        (_("Det du har svarat och sagt"), _said(page)),
    ]
    return [Section(title, tuple(rows)) for title, made in sections if (rows := list(made))]


def as_json(sections: Iterable[Section], *, made_on: date) -> dict[str, Any]:
    """The same as a file."""
    return {
        "made_on": made_on.isoformat(),
        "sections": [
            {
                "title": each.title,
                "rows": [{"what": what, "value": value} for what, value in each.rows],
            }
            for each in sections
        ],
    }


def _day(value: date | datetime | None) -> str:
    return day_words(value, weekday=False, year=True)


def _filled(rows: Iterable[tuple[object, object]]) -> list[tuple[str, str]]:
    return [(str(what), str(value)) for what, value in rows if value not in (None, "")]


def _person(page: OwnPage) -> list[tuple[str, str]]:
    person = page.participant
    return _filled(
        [
            (_("Namn"), person.full_name),
            (_("Personnummer"), person.personal_id),
            (_("Deltagar-id"), person.external_id),
            (_("Kallas i systemet"), person.alias),
            (_("Kön"), wording.SEX[person.sex]),
            (_("Födelseår"), person.birth_year),
            (_("Födelseregion"), wording.BIRTH_REGION[person.birth_region]),
            (_("Födelseland"), person.birth_country),
            (_("Telefon"), format_phone(person.phone) if person.phone else None),
            (_("E-post"), person.email),
            (
                _("Språk vid kontakt"),
                wording.CONTACT_LANGUAGES.get(person.contact_language, person.contact_language),
            ),
            (_("Tolk"), yes_no_words(person.interpreter)),
            (_("Skyddade personuppgifter"), yes_no_words(person.protected)),
            (_("Inga meddelanden"), yes_no_words(person.no_messages)),
            (_("Sms om tider"), yes_no_words(person.text_agreed_on is not None)),
        ]
    )


def _case(session: Session, page: OwnPage) -> list[tuple[str, str]]:
    case = page.overview.case
    if case is None:
        return []
    names = wording.step_words(process_of(session, page.participant.unit_id))
    rows: list[tuple[object, object]] = [
        (_("Inskriven"), _day(case.enrolled_on)),
        (_("Avslutad"), _day(case.ended_on)),
        (_("Handläggare"), page.overview.staff.get(case.case_worker_id)),
    ]
    if case.exit_reason:
        rows.append((_("Varför det avslutades"), wording.EXIT_REASON[case.exit_reason]))
    rows += [
        (names[each.step], " – ".join([_day(each.start_date), _day(each.end_date)]))
        for each in page.steps
    ]
    return _filled(rows)


def _way(session: Session, page: OwnPage, today: date) -> list[tuple[str, str]]:
    case = page.overview.case
    if case is None:
        return []
    rows: list[tuple[object, object]] = [
        (
            f"{line.ladder}: {line.stay.step}. {line.name}",
            " – ".join([_day(line.stay.since), _day(line.stay.left_on)]),
        )
        for line in reversed(lines_of(session, case, today=today))
    ]
    for pause in reversed(pauses_of(session, [case.id])):
        days = " – ".join([_day(pause.paused_on), _day(pause.resumed_on or pause.returns_on)])
        rows.append((_("Paus: %(why)s", why=way_words.PAUSE_REASON[pause.reason]), days))
    visit = visit_of(session, case.id)
    if visit is not None:
        told = [" – ".join([_day(visit.started_on), _day(visit.ended_on)])]
        told += [str(way_words.VISIT_OUTCOME[visit.outcome])] if visit.outcome else []
        rows.append((_("Fördjupat studiebesök"), " · ".join(told)))
    rows += [
        (_day(each.held_on), way_words.CONTACT_OUTCOME[each.outcome])
        for each in contacts_of(session, [case.id])
    ]
    return _filled(rows)


def _groups(session: Session, page: OwnPage) -> list[tuple[str, str]]:
    found = session.execute(
        select(GroupMember, ActivityGroup, Activity)
        .join(ActivityGroup, ActivityGroup.id == GroupMember.group_id)
        .join(Activity, Activity.id == ActivityGroup.activity_id)
        .where(GroupMember.participant_id == page.participant.id)
        .order_by(GroupMember.asked_at, GroupMember.id)
    ).all()
    shares = shares_of(session, [member.id for member, _group, _activity in found])
    rows: list[tuple[object, object]] = []
    for member, group, activity in found:
        told = [" – ".join([_day(member.joined_on), _day(member.left_on)])]
        if member.id in shares:
            told.append(share_words(shares[member.id]))
        if member.joined_on is None:
            told = [_("Stod på väntelistan")]
        rows.append((f"{activity.name}, {group.name}", " · ".join(told)))
    return _filled(rows)


def _abilities(page: OwnPage) -> list[tuple[str, str]]:
    overview = page.overview
    rows: list[tuple[object, object]] = []
    for each in (*overview.from_life, *overview.on_paper):
        told = [
            str(wording.RUNG[each.rung]),
            str(wording.LEARNED_WHERE[each.learned_where]),
            each.learned_detail,
            each.own_words if each.concept_id else None,
            each.voucher,
            *(piece.note for piece in each.evidence),
            _("får visas") if each.is_shared else _("visas inte"),
        ]
        name = wording.competence_name(each, overview.concepts)
        rows.append((name, " · ".join(dict.fromkeys(text for text in told if text))))
    rows += [
        (
            wording.concept_label(overview.concepts.get(skill.concept_id)),
            wording.language_words(skill),
        )
        for skill in page.participant.languages
    ]
    return _filled(rows)


def _wishes(page: OwnPage) -> list[tuple[str, str]]:
    overview, person = page.overview, page.participant
    rows: list[tuple[object, object]] = [
        (_("Ditt önskemål"), overview.wish.own_words if overview.wish else None),
        (_("Timmar i veckan"), person.hours_per_week),
        (_("Dagar"), wording.weekday_words(person.weekdays) if person.weekdays else None),
        (_("Kan börja"), _day(person.available_from)),
        (_("Områden"), ", ".join(overview.areas.values())),
    ]
    rows += [
        (wording.need_label(overview.conditions[need.condition_id]), need.note or _("behövs"))
        for need in person.needs
        if need.condition_id in overview.conditions
    ]
    return _filled(rows)


def goal_words(goal: PlanSubGoal) -> str:
    """A sub-goal as it reads: in own words, or one of its track's list."""
    return goal.words or str(plan_words.SUB_GOAL[goal.code or ""])


def who_words(measure: PlanMeasure, staff: Mapping[UUID | None, str]) -> str | None:
    """Who answers for a measure; None for the participant."""
    if measure.responsible is Responsible.PERSON:
        return None
    return measure.other_name or staff.get(measure.colleague_id) or _("En kollega")


def _plan(page: OwnPage) -> list[tuple[str, str]]:
    plan = page.plan
    if plan is None:
        return []
    rows: list[tuple[object, object]] = [
        (_("Läge"), plan_words.STATE[plan.state]),
        (_("Dina mål"), plan.goals),
        (_("Barnomsorg"), plan_words.CHILDCARE[plan.childcare]),
        (_("Någon att fråga"), plan_words.SUPPORTER[plan.supporter]),
        ("", plan.childcare_words),
        ("", plan.supporter_words),
    ]
    for goal in plan.sub_goals:
        told = [str(plan_words.SUB_GOAL_STATE[goal.state]), goal.note]
        rows.append((goal_words(goal), " · ".join(text for text in told if text)))
    for measure in plan.measures:
        who = who_words(measure, page.plan_staff) or _("Du")
        state = str(plan_words.MEASURE_STATE[measure.state])
        rows.append((measure.what, " · ".join([who, _day(measure.due_on), state])))
    return _filled(rows)


def _consents(page: OwnPage) -> list[tuple[str, str]]:
    rows: list[tuple[object, object]] = []
    for each in page.consents.consents:
        if not each.scopes:
            rows.append((_day(each.valid_from), _("Nej")))
        for scope in each.scopes:
            what = f"{consent_words.PARTY[scope.party]}: {consent_words.CATEGORY[scope.category]}"
            told = [" – ".join([_day(each.valid_from), _day(each.valid_until)])]
            told.append(_("Taget tillbaka %(day)s", day=_day(scope.revoked_at)))
            rows.append((what, " · ".join(told if scope.revoked_at else told[:1])))
        if each.reservation:
            rows.append((_("Förbehåll"), each.reservation))
    return _filled(rows)


def _told(session: Session, actor: Actor, page: OwnPage, today: date) -> list[tuple[str, str]]:
    told = list_disclosures(session, actor, page.participant.id, today=today, limit=1_000)
    return _filled(
        (
            f"{consent_words.TOLD_TO[each.party]}, {each.recipient}",
            " · ".join(
                [
                    _day(each.disclosed_at),
                    str(consent_words.TOLD_OF[each.category]),
                    each.purpose,
                    str(consent_words.TOLD_BY[each.rule]),
                ]
            ),
        )
        for each in told
    )


def _meetings(session: Session, page: OwnPage) -> list[tuple[str, str]]:
    on_it = select(MeetingPerson.meeting_id).where(
        MeetingPerson.party == Party.PARTICIPANT, MeetingPerson.ref_id == page.participant.id
    )
    found = session.scalars(
        select(Meeting)
        .where(Meeting.id.in_(on_it), Meeting.cancelled_at.is_(None))
        .order_by(Meeting.starts_at.desc())
    )
    rows: list[tuple[object, object]] = []
    for each in found:
        kind = MEETING_TYPES.get(each.kind, MEETING_TYPES["other_meeting"])
        place = place_of(session, each)
        what = kind_words(kind)
        rows.append((_day(each.starts_at), f"{what}, {place}" if place else what))
    return _filled(rows)


def _work(session: Session, actor: Actor, page: OwnPage, today: date) -> list[tuple[str, str]]:
    overview = get_person_overview(session, actor, page.participant.id, today=today)
    rows: list[tuple[object, object]] = []
    for _state, seen in overview.placements:
        held = seen.placement
        end = held.end_date or held.planned_end_date
        told = [" – ".join([_day(held.start_date), _day(end)]), held.purpose]
        rows.append((seen.site.name, " · ".join(text for text in told if text)))
    ids = [seen.placement.id for _state, seen in overview.placements]
    for said in words_of(session, ids) if ids else []:
        told = [str(GOING[said.word.going]), str(ATTENDANCE_SAID[said.word.attendance])]
        told += [said.word.text, said.contact, _day(said.word.said_on)]
        rows.append((_("Arbetsplatsen har svarat"), " · ".join(text for text in told if text)))
    for key in ids:
        for goal in rows_of(session, key):
            told = [goal.area, goal.goal, goal.own_part, str(DEVELOPMENT[goal.state])]
            rows.append((_("Utvecklingsplanen"), " · ".join(text for text in told if text)))
        for adapted in accommodations_of(session, key):
            told = [adapted.text, str(WORKS[adapted.works]) if adapted.works else None]
            rows.append((_("Anpassningar"), " · ".join(text for text in told if text)))
    for job, site in overview.employments:
        told = [str(EMPLOYMENT[job.kind]), " – ".join([_day(job.start_date), _day(job.end_date)])]
        rows.append((site.name, " · ".join(text for text in told if text)))
    jobs = {job.id: site.name for job, site in overview.employments}
    for heard in held_of(session, jobs) if jobs else []:
        told = [str(LASTS[heard.lasts]), heard.said or "", _day(heard.held_on)]
        rows.append((jobs[heard.employment_id], " · ".join(text for text in told if text)))
    rows += [(_("Inte här"), _day(day)) for day in absences_of(session, page.participant.id)]
    return _filled(rows)


def _papers(session: Session, actor: Actor, page: OwnPage, today: date) -> list[tuple[str, str]]:
    rows: list[tuple[object, object]] = []
    for each in page.papers:
        _desk, row = get_paper(session, actor, page.participant, each.row.id, today=today)
        what = f"{DOCUMENT[row.kind]}, {_day(row.signed_at)}"
        for code, sentences in copy_of(row, GivenTo.PARTICIPANT):
            rows.append((f"{what}: {section_title(row.kind, code)}", " ".join(sentences)))
        names = facts_as_kept(row).get("names", "{}")
        called: dict[str, str] = json.loads(names)
        rows += [
            (f"{what}: {called.get(seen.concept_id, seen.concept_id)}", shown_note(seen))
            for seen in row.seen
        ]
    return _filled(rows)


def _said(page: OwnPage) -> list[tuple[str, str]]:
    rows: list[tuple[object, object]] = []
    answer = page.shown.answer
    if answer is not None:
        told = [str(SAID[answer.answer]), answer.words, _day(answer.answered_at)]
        rows.append((_("Vad arbetsgivare får se"), " · ".join(t for t in told if t)))
    for each in page.corrections:
        told = [each.words, _day(each.said_at)]
        if each.outcome is not None:
            told += [str(OUTCOME[each.outcome]), each.answer]
        rows.append((CORRECTION[each.kind], " · ".join(t for t in told if t)))
    return _filled(rows)
