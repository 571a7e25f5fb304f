"""What documents, their parts, states and signers are called."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matchsvc.documents.content import OWN, SECTIONS, TRAINING, Line
from matchsvc.documents.models import DocumentKind, DocumentState, GivenHow, GivenTo
from matchsvc.swedish import join_words
from matchsvc.web.words import day_words

KIND = {
    DocumentKind.FINAL: _l("Slutdokumentation"),
    DocumentKind.CARD: _l("Kompetenskort"),
    DocumentKind.CERTIFICATE: _l("Intyg"),
    DocumentKind.ACCOUNT: _l("Redogörelse till Arbetsförmedlingen"),
}
WHAT_IT_IS = {
    DocumentKind.FINAL: _l("Hur perioden har gått. Skrivs av handläggaren, ur uppföljningarna."),
    DocumentKind.CARD: _l("Det personen har visat. Personen väljer själv vem som får se kortet."),
    DocumentKind.CERTIFICATE: _l("Vem, var, hur länge och med vad. Arbetsgivaren skriver under."),
    DocumentKind.ACCOUNT: _l("Skrivs bara när Arbetsförmedlingen ber om det. Inget skickas själv."),
}
STATE = {
    DocumentState.DRAFT: _l("Utkast"),
    DocumentState.SIGNING: _l("Väntar på underskrifter"),
    DocumentState.SIGNED: _l("Undertecknad"),
    DocumentState.REPLACED: _l("Ersatt av en senare"),
    DocumentState.DROPPED: _l("Borttagen"),
}
SECTION = {
    "background": _l("Bakgrund"),
    "situation": _l("Nuläge"),
    "workplace": _l("Arbetsplatsen"),
    "tasks": _l("Arbetsuppgifter"),
    "accommodations": _l("Anpassningar och hur de fungerade"),
    "attendance": _l("Närvaro"),
    "motivation": _l("Motivation"),
    "cooperation": _l("Samarbete"),
    "supervision": _l("Behov av handledning"),
    "strengths": _l("Styrkor"),
    "development": _l("Att utveckla"),
    "observations": _l("Annat som är viktigt för ett vanligt arbete"),
    "workplace_words": _l("Handledarens beskrivning"),
    "own_words": _l("Personens egen beskrivning"),
    "summary": _l("Sammanfattning och bedömning"),
    "hours": _l("Arbetstid"),
    "remarks": _l("Omdöme"),
    "question": _l("Det Arbetsförmedlingen har frågat om"),
    "observations_account": _l("Det vi har sett"),
}
HINT = {
    "background": _l("Bara det personen själv vill ha med. Ingen annan får den här delen."),
    "situation": _l("Bara det personen själv vill ha med. Ingen annan får den här delen."),
    "own_words": _l("Som det sades. Läs upp, och ändra om personen vill säga det annorlunda."),
    "question": _l("Vad frågades, och vilken dag? Inga namn på handläggare där."),
    "remarks": _l("Det som gick bra, med arbetsgivarens ord."),
    "hours": _l("Till exempel: 20 timmar i veckan, 320 timmar sammanlagt."),
}
SIGNER = {
    "participant": _l("Deltagaren"),
    "employer": _l("Arbetsgivaren"),
    "assessor": _l("Den som har sett arbetet"),
    "case_worker": _l("Handläggaren"),
}
ROLE = {
    "participant": _l("deltagare"),
    "employer": _l("arbetsgivare"),
    "assessor": _l("handledare"),
    "supervisor": _l("handledare"),
    "case_worker": _l("handläggare"),
}
GIVEN_TO = {
    GivenTo.PARTICIPANT: _l("Deltagaren"),
    GivenTo.EMPLOYER: _l("Arbetsgivaren"),
    GivenTo.EMPLOYMENT_SERVICE: _l("Arbetsförmedlingen"),
}
GIVEN_HOW = {
    GivenHow.PAPER: _l("På papper"),
    GivenHow.OWN_PAGE: _l("På Min sida"),
    GivenHow.READ_ALOUD: _l("Läst högt tillsammans"),
    GivenHow.LINK: _l("Med en länk"),
}
FILE = {
    DocumentKind.FINAL: "slutdokumentation",
    DocumentKind.CARD: "kompetenskort",
    DocumentKind.CERTIFICATE: "intyg",
    DocumentKind.ACCOUNT: "redogorelse",
}


def section_title(kind: DocumentKind, code: str) -> str:
    """What a part is called in this kind of document."""
    if kind is DocumentKind.ACCOUNT and code == "observations":
        return str(SECTION["observations_account"])
    return str(SECTION[code])


def parts_of(
    kind: DocumentKind, form: str, *, is_numbered: bool = True
) -> list[tuple[str | None, tuple[str, ...]]]:
    """The headings of a document and the parts below each; None where parts stand by themselves.

    Args:
        kind: which document.
        form: what the placement's form is called.
        is_numbered: not on paper, where a number that is left out would say that something is.
    """
    if kind is not DocumentKind.FINAL:
        return [(None, SECTIONS[kind])]
    parts = [
        (str(SECTION[OWN[0]]), OWN[:1]),
        (str(SECTION[OWN[1]]), OWN[1:]),
        (form, TRAINING),
        (str(SECTION["summary"]), ("summary",)),
    ]
    return [
        (f"{number}. {title}" if is_numbered else title, codes)
        for number, (title, codes) in enumerate(parts, start=1)
    ]


def source_words(line: Line | None) -> str:
    """Where a sentence comes from; empty for what a person has written."""
    if line is None:
        return ""
    if line.source == "follow_up":
        numbers = [str(each) for each in line.numbers]
        if len(numbers) == 1:
            day = day_words(line.days[0], weekday=False, year=True) if line.days else ""
            return str(_("uppföljning %(n)s, %(day)s", n=numbers[0], day=day))
        return str(_("uppföljning %(n)s", n=join_words(numbers, str(_("och")))))
    days = join_words(
        [day_words(each, weekday=False, year=True) for each in line.days], str(_("och"))
    )
    told = {
        "workplace": _("arbetsplatsen"),
        "accommodation": _("anpassningarna"),
        "card": _("kompetenskortet"),
        "development": _("utvecklingsplanen"),
        "employment": _("anställningen"),
        "placement": _("placeringen"),
    }[line.source]
    return f"{told}, {days}" if days and line.source in {"workplace", "card"} else str(told)
