"""A part of a file as a paper: only what may be read is handed to whoever sets it (OSL 6:3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from matchsvc.accounts.models import Unit
from matchsvc.rights import wording
from matchsvc.rights.models import Decision, RecordLine, RecordMask, RecordRequest
from matchsvc.rights.provisions import provisions
from matchsvc.swedish import local_date
from matchsvc.web.papers import printable, render_pdf
from matchsvc.web.words import long_day_words

TEMPLATE = Path(__file__).parent / "papers" / "record.typ"


def make_paper(
    row: RecordRequest,
    lines: Sequence[RecordLine],
    unit: Unit,
    *,
    masks: Sequence[RecordMask] = (),
    made_at: datetime,
) -> bytes:
    """The tagged PDF. What is masked never reaches the file: neither shown nor hidden in it.

    Args:
        row: decided.
        lines: in order.
        unit: whose file it is.
        masks: passages that are masked in lines that were opened, for what is cited.
        made_at: stands in the file's properties.
    """
    with force_locale("sv"):
        data = paper_data(row, lines, unit, masks)
    return render_pdf(TEMPLATE, data, made_at=made_at)


def paper_data(
    row: RecordRequest,
    lines: Sequence[RecordLine],
    unit: Unit,
    masks: Sequence[RecordMask] = (),
) -> dict[str, Any]:
    """What the template reads."""
    assert row.decided_at is not None  # noqa: S101 - the views ask for it only then
    decided = long_day_words(local_date(row.decided_at))
    part = str(wording.part_words(row.table_name))
    return {
        "title": str(_("Utlämnad handling")),
        "about": str(_("Uppgifter ur en akt, med det som är sekretessbelagt maskerat")),
        "unit": _printed(unit.name),
        "municipality": _printed(unit.municipality),
        "owner": [],
        "contact": _printed(unit.phone or unit.name),
        "notes": _notes(row, [*lines, *masks], unit, decided),
        "part": _printed(part),
        "lines": [_line(each) for each in lines],
        "decision_title": str(_("Beslut")),
        "decision": decision_words(row, unit, decided),
    }


def _notes(
    row: RecordRequest, masked: Sequence[RecordLine | RecordMask], unit: Unit, decided: str
) -> list[str]:
    known = provisions()
    used = dict.fromkeys(each.provision for each in masked if each.provision)
    found = [_("Så stod det %(day)s.", day=long_day_words(local_date(row.created_at)))]
    if used:
        cited = ", ".join(known[code].cited for code in used)
        found.append(
            _(
                "Sekretessmarkering (OSL 5 kap. 5 §): %(cited)s. %(day)s, %(unit)s.",
                cited=cited,
                day=decided,
                unit=_printed(unit.name),
            )
        )
    return found


def _line(line: RecordLine) -> dict[str, Any]:
    if line.provision is not None:
        section = provisions()[line.provision].section
        text = _("Maskerat (OSL %(section)s)", section=section)
        return {
            "what": _printed(str(wording.column_words(line.what))),
            "text": text,
            "masked": True,
        }
    return {
        "what": _printed(str(wording.column_words(line.what))),
        "text": _printed(line.readable),
        "masked": False,
    }


def decision_words(row: RecordRequest, unit: Unit, decided: str) -> list[str]:
    """The decision, the reason, and what whoever asked can do."""
    said = [f"{wording.DECISION[row.decision]}, {decided}." if row.decision else ""]
    if row.reason:
        said.append(_printed(row.reason))
    if row.decision in {Decision.PARTLY, Decision.REFUSED}:
        said += appeal_words(row, unit)
    return said


def appeal_words(row: RecordRequest, unit: Unit) -> list[str]:
    """How to have it tried: a decision in writing first, then the court of appeal."""
    if not row.wants_decision:
        return [
            _(
                "Du har rätt att få ett skriftligt beslut av myndigheten som går att överklaga "
                "(OSL 6 kap. 3 §). Säg till %(unit)s om du vill ha det.",
                unit=_printed(unit.name),
            )
        ]
    return [
        str(_("Så överklagar du")),
        _(
            "Skriv till kammarrätten, men lämna eller skicka brevet till %(unit)s. Det ska ha "
            "kommit in inom tre veckor från den dag då du fick del av beslutet. Skriv vilket "
            "beslut det gäller och hur du vill att det ändras (OSL 6 kap. 7 §, "
            "förvaltningslagen 43–45 §§).",
            unit=_printed(unit.name),
        ),
    ]


def _printed(text: str) -> str:
    return printable(text) or str(_("(Texten har tecken som inte kan skrivas ut.)"))
