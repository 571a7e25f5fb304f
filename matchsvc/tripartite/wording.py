"""What states, parties and sections of an agreement are called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matchsvc.tripartite.content import TERMS, Content
from matchsvc.tripartite.models import AgreementState
from matchsvc.web.words import day_words

STATE = {
    AgreementState.DRAFT: _l("Utkast"),
    AgreementState.SIGNING: _l("Väntar på underskrifter"),
    AgreementState.APPROVAL: _l("Väntar på att en kollega godkänner"),
    AgreementState.AGREED: _l("Gäller"),
    AgreementState.REPLACED: _l("Ersatt av en senare"),
    AgreementState.DROPPED: _l("Borttagen"),
    AgreementState.EXPIRED: _l("Upphörde utan underskrifter"),
}
PARTY = {
    "participant": _l("Deltagaren"),
    "employer": _l("Arbetsgivaren"),
    "case_worker": _l("Handläggaren"),
    "unit": _l("Enheten"),
}
SECTION = {
    "period": _l("Period och beslut"),
    "hours": _l("Tider"),
    "purpose": _l("Mål"),
    "tasks": _l("Arbetsuppgifter"),
    "support": _l("Stöd och anpassningar"),
    "people": _l("Handledare på arbetsplatsen"),
}
IDENTIFIED = {
    "known": _l("Jag känner personen"),
    "document_shown": _l("Visade legitimation"),
    "on_paper": _l("Skrev under på papper"),
}


def sections_of(content: Content, facts: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """The paper's sections: a heading and its lines, in the reader's language."""
    start = day_words(date.fromisoformat(facts["starts_on"]), weekday=False, year=True)
    if content.ends_on:
        end = day_words(content.ends_on, weekday=False, year=True)
        period = [_("%(start)s till och med %(end)s", start=start, end=end)]
    else:
        period = [_("Från %(start)s, utan slutdatum", start=start)]
    if content.decision_ref:
        period.append(_("Beslut: %(ref)s", ref=content.decision_ref))
    if content.hours_start and content.hours_goal and content.hours_goal != content.hours_start:
        hours = [
            _(
                "%(start)s timmar i veckan vid start, målet är %(goal)s",
                start=content.hours_start,
                goal=content.hours_goal,
            )
        ]
    else:
        hours = [_("%(n)s timmar i veckan", n=content.hours_start)] if content.hours_start else []
    people = [
        _("På arbetsplatsen: %(name)s", name=facts["workplace_supervisor"])
        if facts["workplace_supervisor"]
        else "",
        _("Hos oss: %(name)s", name=facts["our_supervisor"] or facts["case_worker"])
        if facts["our_supervisor"] or facts["case_worker"]
        else "",
    ]
    return [
        (str(SECTION["period"]), period),
        (str(SECTION["hours"]), [*hours, *lines_of(content.times)]),
        (str(SECTION["purpose"]), lines_of(content.purpose)),
        (str(SECTION["tasks"]), lines_of(content.tasks)),
        (str(SECTION["support"]), lines_of(content.support)),
        (_("Handledare"), [each for each in people if each]),
    ]


def terms_of(version: str) -> list[tuple[str, list[str]]]:
    """The standing terms: each party and what it takes on, in the reader's language."""
    return [
        (str(PARTY[party]), [_(sentence) for sentence in sentences])
        for party, sentences in TERMS[version].items()
    ]


def lines_of(text: str) -> list[str]:
    """A text's lines without empty ones."""
    return [line.strip() for line in text.splitlines() if line.strip()]
