"""What a job with wage support must fulfil (EMPL-01, EMPL-07). The state's agency decides on it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchsvc.accounts.actors import Actor
from matchsvc.db import check_version
from matchsvc.employers.subsidies import list_subsidies
from matchsvc.employments.access import Opened, note_change, open_to_change
from matchsvc.employments.models import EmploymentTerms, UnionOpinion, UnionStep
from matchsvc.errors import N_, RuleViolation
from matchsvc.placements.employments import Job, problems_of_job
from matchsvc.placements.models import EmploymentKind
from matchsvc.swedish import contains_identity_number

NOT_POSSIBLE = N_("Rätta det som är markerat och spara igen.")
_TEXTS = ("host", "motivation", "displaces_nobody_by")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a job rests on, as somebody wants to write it.

    Attributes:
        subsidy_code: of the table of subsidies.
        subsidy_from, subsidy_to: the days that the decision on it covers, both inclusive.
        host: the operation where the person is an extra resource.
        motivation: what is done that ordinary staff have no time for.
        displaces_nobody: somebody has confirmed that no ordinary staff are displaced.
        displaces_nobody_by: who.
        union_step: how the union is asked.
        union_asked_on, union_answered_on, union_opinion: when, and what it said.
    """

    subsidy_code: str | None = None
    subsidy_from: date | None = None
    subsidy_to: date | None = None
    host: str | None = None
    motivation: str | None = None
    displaces_nobody: bool = False
    displaces_nobody_by: str | None = None
    union_step: UnionStep | None = None
    union_asked_on: date | None = None
    union_answered_on: date | None = None
    union_opinion: UnionOpinion | None = None


#: The names of the fields of a form that are terms and not the job itself.
TERM_FIELDS = tuple(each.name for each in fields(Terms))


def problems_of_terms(
    job: Job, terms: Terms, *, known: Collection[str], today: date
) -> dict[str, str]:
    """Everything that the terms lack for a job of this kind, by field. Pure.

    Args:
        job: kind, days, hours and the number of the decision.
        terms: what is said.
        known: codes of the subsidies that hold.
        today: nothing was answered later than this.
    """
    found = _text_problems(terms, today=today)
    if job.kind is EmploymentKind.EMPLOYMENT:
        return found
    if terms.subsidy_code not in known:
        found["subsidy_code"] = N_("Välj vilket stöd det är. Stödet ska gälla nu.")
    if not (job.subsidy_ref or "").strip():
        found["subsidy_ref"] = N_("Skriv numret på beslutet om lönestöd.")
    found |= _period_problems(job, terms)
    if job.kind is EmploymentKind.RESOURCE:
        found |= _resource_problems(job, terms)
        found |= _union_problems(job, terms, today=today)
    return found


def _text_problems(terms: Terms, *, today: date) -> dict[str, str]:
    return {
        name: N_("Texten innehåller ett personnummer. Ta bort det.")
        for name in _TEXTS
        if contains_identity_number(getattr(terms, name) or "", today=today)
    }


def _period_problems(job: Job, terms: Terms) -> dict[str, str]:
    """The decision holds from the first day; in the municipality it holds to the last."""
    if terms.subsidy_from is None:
        return {"subsidy_from": N_("Skriv från vilken dag beslutet om stöd gäller.")}
    if terms.subsidy_from > job.start_date:
        return {"subsidy_from": N_("Stödet ska gälla från anställningens första dag.")}
    if terms.subsidy_to is None:
        return {"subsidy_to": N_("Skriv till och med vilken dag beslutet om stöd gäller.")}
    if terms.subsidy_to < job.start_date:
        return {"subsidy_to": N_("Stödet tar slut innan anställningen börjar.")}
    end = job.planned_end_date
    if job.kind is EmploymentKind.RESOURCE and end is not None and terms.subsidy_to < end:
        return {
            "subsidy_to": N_(
                "Beslutet om stöd ska täcka hela resursanställningen. "
                "Korta den, eller vänta på ett nytt beslut."
            )
        }
    return {}


def _resource_problems(job: Job, terms: Terms) -> dict[str, str]:
    found: dict[str, str] = {}
    if job.hours is None:
        found["hours"] = N_("Skriv hur många timmar i veckan.")
    if not (terms.host or "").strip():
        found["host"] = N_("Skriv i vilken verksamhet personen är en extra resurs.")
    if not (terms.motivation or "").strip():
        found["motivation"] = N_(
            "Skriv vad som blir gjort som den ordinarie personalen inte hinner."
        )
    if not terms.displaces_nobody:
        found["displaces_nobody"] = N_(
            "En resursanställning får inte tränga undan ordinarie personal. Fråga, och kryssa i."
        )
    if not (terms.displaces_nobody_by or "").strip():
        found["displaces_nobody_by"] = N_("Skriv vem som har sagt det.")
    return found


def _union_problems(job: Job, terms: Terms, *, today: date) -> dict[str, str]:
    if terms.union_step is None:
        return {"union_step": N_("Välj hur facket får säga sitt.")}
    asked, answered = terms.union_asked_on, terms.union_answered_on
    if terms.union_step is UnionStep.NOT_NEEDED:
        return {}
    found: dict[str, str] = {}
    if asked is None:
        found["union_asked_on"] = N_("Facket ska tillfrågas före start. Skriv vilken dag.")
    elif asked > min(job.start_date, today):
        found["union_asked_on"] = N_("Facket ska vara tillfrågat före start, senast i dag.")
    if answered is not None and (asked is None or not asked <= answered <= today):
        found["union_answered_on"] = N_("Svaret kom efter frågan, och senast i dag.")
    if (answered is None) != (terms.union_opinion is None):
        name = "union_opinion" if terms.union_opinion is None else "union_answered_on"
        found[name] = N_("Skriv både vilken dag facket svarade och vad det sa.")
    return found


def known_subsidies(session: Session, actor: Actor, *, today: date) -> dict[str, str]:
    """Codes and names of the subsidies that hold on a day, as the unit knows them."""
    return {
        each.now.code: each.now.name
        for each in list_subsidies(session, actor, today=today)
        if not each.has_ended
    }


def terms_of(session: Session, employment_id: UUID) -> EmploymentTerms | None:
    """What a job rests on; None when nothing was written. Asks no right."""
    found = select(EmploymentTerms).where(EmploymentTerms.employment_id == employment_id)
    return session.scalar(found)


def keep_terms(session: Session, employment_id: UUID, terms: Terms, *, today: date) -> None:
    """Write what a job rests on. Whoever calls has asked what it must fulfil."""
    row = terms_of(session, employment_id)
    if row is None:
        row = EmploymentTerms(employment_id=employment_id)
        session.add(row)
    for name in TERM_FIELDS:
        if name != "displaces_nobody":
            setattr(row, name, getattr(terms, name) or None)
    if not terms.displaces_nobody:
        row.displaces_nobody_by = row.displaces_nobody_on = None
    elif row.displaces_nobody_on is None:
        row.displaces_nobody_on = today
    session.flush()


def said_terms(row: EmploymentTerms | None) -> Terms:
    """Kept terms as :class:`Terms`, to be changed or asked again."""
    if row is None:
        return Terms()
    kept = {name: getattr(row, name) for name in TERM_FIELDS if name != "displaces_nobody"}
    return Terms(displaces_nobody=row.displaces_nobody_on is not None, **kept)


def job_of(opened: Opened) -> Job:
    """A registered job as its rules ask about it."""
    row = opened.employment
    return Job(
        participant_id=row.participant_id,
        site_id=row.site_id,
        kind=row.kind,
        start_date=row.start_date,
        planned_end_date=row.planned_end_date,
        hours=row.hours,
        subsidy=row.subsidy,
        subsidy_ref=row.subsidy_ref,
        comment=row.comment,
    )


def change_terms(
    session: Session,
    actor: Actor,
    employment_id: UUID,
    terms: Terms,
    *,
    planned_end_date: date | None,
    hours: int | None,
    subsidy_ref: str | None,
    version: int | None,
    today: date,
) -> Opened:
    """Another last day, other hours, a new decision, what the union answered.

    Everything is asked again, so that a job never comes beyond its limits by being changed.

    Raises:
        NotFound, Refused: as everywhere.
        RuleViolation: it has ended, or something is lacking; with a message for every field.
        Conflict: somebody else saved it since the page was shown.
    """
    opened = open_to_change(session, actor, employment_id, today=today)
    row = opened.employment
    check_version(row, version)
    names = known_subsidies(session, actor, today=today)
    before = said_terms(terms_of(session, row.id))
    wanted = replace(
        job_of(opened),
        planned_end_date=planned_end_date,
        hours=hours,
        subsidy_ref=subsidy_ref,
        subsidy=names.get(terms.subsidy_code or "", row.subsidy),
    )
    # A subsidy that has ended since stays what the decision was about.
    known = {*names, *filter(None, [before.subsidy_code])}
    wrong = problems_of_job(wanted) | problems_of_terms(wanted, terms, known=known, today=today)
    if planned_end_date is not None and planned_end_date < min(today, row.start_date):
        wrong["planned_end_date"] = N_("Den dagen har varit. Avsluta anställningen i stället.")
    if wrong:
        raise RuleViolation("employment_not_possible", NOT_POSSIBLE, fields=wrong)
    row.planned_end_date, row.hours = planned_end_date, hours
    row.subsidy, row.subsidy_ref = wanted.subsidy, subsidy_ref
    keep_terms(session, row.id, terms, today=today)
    note_change(session, actor, opened, "terms")
    return opened
