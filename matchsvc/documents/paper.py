"""The documents as papers: Swedish, tagged, with who signed and the mark of the words."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from matchsvc.documents import wording
from matchsvc.documents.content import from_text, lines_of, with_sources
from matchsvc.documents.desk import section_of
from matchsvc.documents.drafting import shown_note
from matchsvc.documents.models import DocumentKind, EndDocument, GivenTo, SeenCompetence
from matchsvc.documents.scale import LEVELS, level_words
from matchsvc.participants.competences import height
from matchsvc.participants.models import Rung
from matchsvc.participants.wording import RUNG
from matchsvc.web.papers import direction_of, printable
from matchsvc.web.words import day_words, long_day_words

_PAPERS = Path(__file__).parent / "papers"
TEMPLATE = {
    DocumentKind.FINAL: _PAPERS / "document.typ",
    DocumentKind.ACCOUNT: _PAPERS / "document.typ",
    DocumentKind.CARD: _PAPERS / "card.typ",
    DocumentKind.CERTIFICATE: _PAPERS / "certificate.typ",
}

Signed = Sequence[Mapping[str, Any]]


def paper_data(
    row: EndDocument,
    facts: Mapping[str, str],
    signed: Signed,
    *,
    copy: Collection[tuple[str, list[str]]] | None = None,
    to: GivenTo = GivenTo.PARTICIPANT,
) -> dict[str, Any]:
    """What the template and the page read, every text printable.

    Args:
        row: the version.
        facts: names and dates, from :func:`matchsvc.documents.signing.shown_facts`.
        signed: ``capacity``, ``name`` and ``at`` of each signature.
        copy: what stands in somebody else's copy; None for all of it.
        to: whose copy it is.
    """
    with force_locale("sv"):
        data = _frame(row, facts, signed, to) | _CONTENT[row.kind](row, facts, copy)
    made: dict[str, Any] = json.loads(json.dumps(data, default=str))
    return {name: _printable(value) for name, value in made.items()}


def _frame(
    row: EndDocument, facts: Mapping[str, str], signed: Signed, to: GivenTo
) -> dict[str, Any]:
    name = facts["participant"]
    unit = facts["unit"]
    return {
        "title": str(wording.KIND[row.kind]),
        "about": str(wording.WHAT_IT_IS[row.kind]),
        "name": name,
        "owner": _owner(row, name, to),
        "unit": unit,
        "municipality": facts["municipality"],
        "contact": _("Frågor: %(who)s", who=" ".join(filter(None, (unit, facts["phone"])))),
        "footer_end": _("version %(n)s", n=row.number),
        "state": str(wording.STATE[row.state]),
        "is_signed": row.signed_at is not None,
        "facts": _facts(row, facts),
        "signatures": [
            {
                "name": each["name"],
                "role": str(wording.ROLE[each["capacity"]]),
                "place": _place_of(each["capacity"], facts),
                "day": _day_with_year(each["at"].date()) if each["at"] else "",
            }
            for each in signed
        ],
        "mark": row.content_hash[:16] if row.content_hash else "",
    }


def _owner(row: EndDocument, name: str, to: GivenTo) -> list[str]:
    if to is not GivenTo.PARTICIPANT:
        whose = {
            GivenTo.EMPLOYER: _("Arbetsgivarens exemplar."),
            GivenTo.EMPLOYMENT_SERVICE: _("Arbetsförmedlingens exemplar."),
        }
        return [str(whose[to]), str(_("Delar av dokumentet är inte med."))]
    if row.kind is DocumentKind.CARD and name:
        return [
            str(_("Kortet tillhör %(name)s.", name=name)),
            str(_("Ägaren väljer vem som får se det.")),
        ]
    return [str(_("Pappret tillhör den som står på det."))]


def _facts(row: EndDocument, facts: Mapping[str, str]) -> list[dict[str, str]]:
    tasks = ""
    if row.kind is DocumentKind.CARD:
        tasks = ", ".join(_inside(n, each) for n, each in enumerate(lines_of(_text(row, "tasks"))))
    place = ", ".join(dict.fromkeys(filter(None, (facts["site"], facts["employer"]))))
    found = [
        (_("Arbetsplats"), facts["site"] if row.kind is DocumentKind.CARD else place),
        (_("Period"), _period(facts)),
        (_("Uppgifter"), tasks),
        (_("Bedömt"), _assessed_on(row)),
        (_("Form"), facts["form_sv"] if row.kind is not DocumentKind.CARD else ""),
        (_("Handläggare"), facts["case_worker"] if row.kind is not DocumentKind.CARD else ""),
    ]
    return [{"label": str(label), "value": value} for label, value in found if value]


def _text(row: EndDocument, code: str) -> str:
    return section_of(row, code).text


def _inside(place: int, task: str) -> str:
    """A task as it reads in a list of one line: a small letter unless it is the first or a name."""
    words = task.rstrip(".")
    return words[:1].lower() + words[1:] if place and words[1:2].islower() else words


def _period(facts: Mapping[str, str]) -> str:
    start = day_words(date.fromisoformat(facts["starts_on"]), weekday=False, year=True)
    if not facts["ends_on"]:
        return str(_("från %(start)s", start=start))
    return f"{start}–{day_words(date.fromisoformat(facts['ends_on']), weekday=False, year=True)}"


def _assessed_on(row: EndDocument) -> str:
    days = [each.seen_on for each in row.seen]
    return _day_with_year(max(days)) if days else ""


def _day_with_year(day: date) -> str:
    return f"{long_day_words(day, plain=True)} {day.year}"


def _place_of(capacity: str, facts: Mapping[str, str]) -> str:
    if capacity == "employer":
        return facts["employer"]
    if capacity == "participant":
        return ""
    return facts["unit"]


def _document(
    row: EndDocument,
    facts: Mapping[str, str],
    copy: Collection[tuple[str, list[str]]] | None,
) -> dict[str, Any]:
    chosen = dict(copy) if copy is not None else None
    parts = []
    for title, codes in wording.parts_of(row.kind, facts["form_sv"], is_numbered=False):
        sections = []
        for code in codes:
            section = section_of(row, code)
            told: list[dict[str, str]] = [
                {"text": text, "source": wording.source_words(line)}
                for text, line in with_sources(section.text, from_text(section.drafted))
            ]
            if chosen is not None:
                told = [{"text": text, "source": ""} for text in chosen.get(code, [])]
            if told:
                sections.append(
                    {
                        "title": wording.section_title(row.kind, code)
                        if title is None or len(codes) > 1
                        else None,
                        "is_own": code == "own_words",
                        "lines": [{**each, "dir": direction_of(each["text"])} for each in told],
                    }
                )
        if sections:
            parts.append({"title": title, "sections": sections})
    return {"parts": parts}


def _card(
    row: EndDocument,
    facts: Mapping[str, str],
    _copy: Collection[tuple[str, list[str]]] | None,
) -> dict[str, Any]:
    given = facts["given_name"] or None
    names: dict[str, str] = json.loads(facts["names"])
    own = lines_of(_text(row, "own_words"))
    levels = " · ".join(f"{level} {level_words(level).lower()}" for level in LEVELS)
    return {
        "work_title": _("Så arbetar %(name)s", name=given) if given else _("Så arbetar jag"),
        "shown_title": _("Det här har %(name)s visat på arbetsplatsen", name=given)
        if given
        else _("Det här har jag visat på arbetsplatsen"),
        "seen": [_seen(each, names) for each in row.seen],
        "levels_title": _("Nivåer:"),
        "levels": _(
            "%(levels)s. Inte observerat betyder bara att det inte har hänt på arbetsplatsen.",
            levels=levels,
        ),
        "skills": [
            {
                "name": each["name"],
                "rung": height(Rung(each["rung"])),
                "word": str(RUNG[Rung(each["rung"])]),
                "how": ", ".join(
                    filter(
                        None,
                        (
                            day_words(date.fromisoformat(each["on"]), weekday=False, year=True),
                            each["by"],
                        ),
                    )
                ),
            }
            for each in json.loads(facts["skills"])
        ],
        "own_title": _("Egna ord:") if not given else _("%(name)s egna ord:", name=_whose(given)),
        "own_words": [{"text": each, "dir": direction_of(each)} for each in own],
    }


def _whose(name: str) -> str:
    """The Swedish genitive: Samira, Samiras; Lukas, Lukas."""
    return name if name[-1:].lower() in "sxz" else f"{name}s"


def _seen(each: SeenCompetence, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": names.get(each.concept_id, each.concept_id),
        "level": each.level,
        "word": f"{each.level} {level_words(each.level)}" if each.level else "",
        "note": shown_note(each),
    }


def _certificate(
    row: EndDocument,
    facts: Mapping[str, str],
    _copy: Collection[tuple[str, list[str]]] | None,
) -> dict[str, Any]:
    place = ", ".join(dict.fromkeys(filter(None, (facts["site"], facts["employer"]))))
    form = facts["form_sv"].lower() if not facts["form_sv"].isupper() else facts["form_sv"]
    return {
        "says": _("har gjort %(form)s på %(place)s", form=form, place=place)
        if place
        else _("har gjort %(form)s", form=form),
        "period": _period(facts),
        "org_number": facts["org_number"],
        "sections": [
            {"title": wording.section_title(row.kind, each.code), "lines": lines_of(each.text)}
            for each in row.sections
            if each.text
        ],
    }


_CONTENT = {
    DocumentKind.FINAL: _document,
    DocumentKind.ACCOUNT: _document,
    DocumentKind.CARD: _card,
    DocumentKind.CERTIFICATE: _certificate,
}


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value) or ""
    if isinstance(value, list):
        return [_printable(each) for each in value]
    if isinstance(value, dict):
        return {name: _printable(each) for name, each in value.items()}
    return value
